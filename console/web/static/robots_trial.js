// A trial at work: asks how far it is, and shows the result when it is over.
const EVERY_MS = 700;
const place = document.querySelector("[data-trial]");
const { trial: url, progressWords, working, waiting } = place.dataset;
const state = place.querySelector("[data-state]");
const progress = place.querySelector("[data-progress]");
const put = (node, words) => {
  if (node.textContent !== words) node.textContent = words;
};

for (;;) {
  const answer = await fetch(url, { headers: { Accept: "application/json" }, cache: "no-store" }).catch(() => null);
  if (answer && !answer.ok) break;
  const told = answer ? await answer.json() : null;
  if (told && !told.open) break;
  if (told) {
    put(state, told.state === "waiting" ? waiting : working);
    const known = told.progress.waiting !== undefined;
    put(progress, known ? progressWords.replace("{finished}", told.progress.finished).replace("{waiting}", told.progress.waiting) : "");
  }
  await new Promise((done) => setTimeout(done, EVERY_MS));
}
location.reload();
