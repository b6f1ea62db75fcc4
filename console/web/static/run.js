// The page of a run: keeps how it goes up to date, says it politely now and then, and shows the result at the end.
import { follow } from "./progress.js";

const SAY_AGAIN_MS = 15000; // a screen reader is told at most so often, and at the end
const box = document.querySelector("[data-run]");
const one = (name) => box.querySelector(`[data-${name}]`);
let milestone = box.dataset.milestone; // what was there at the start was read with the page
let saidAt = -Infinity;

function write(node, words) {
  if (node && node.textContent !== words) node.textContent = words;
}

function list(node, items, words) {
  const lines = items.length ? items.map(words) : [node.dataset.none];
  if ([...node.children].map((line) => line.textContent).join("\n") === lines.join("\n")) return;
  node.replaceChildren(
    ...lines.map((line) => {
      const made = document.createElement("li");
      made.textContent = line;
      return made;
    }),
  );
}

function bar(now) {
  const node = one("bar");
  if (!now.total) return node.removeAttribute("value");
  node.max = now.total;
  node.value = now.ended;
}

function tiles(now) {
  for (const [name, count] of Object.entries(now.states)) {
    write(box.querySelector(`[data-count="${name}"]`), String(count));
    const tile = box.querySelector(`[data-tile="${name}"]`);
    if (name.endsWith("_failure")) tile.classList.toggle("bad", count > 0);
    if (name === "in_doubt") tile.classList.toggle("doubt", count > 0);
  }
  box.querySelector('[data-tile="waiting"]').hidden = now.waiting === null;
  write(box.querySelector('[data-count="waiting"]'), String(now.waiting ?? 0));
}

function say(now) {
  if (now.milestone === milestone || (!now.over && performance.now() - saidAt < SAY_AGAIN_MS)) return;
  milestone = now.milestone;
  saidAt = performance.now();
  write(one("said"), now.announce);
}

function beat(now) {
  const state = one("state");
  write(state, now.state_words);
  state.className = `tag run-${now.state}`;
  bar(now);
  tiles(now);
  for (const name of ["lasted", "pace", "left"]) write(one(name), now[name]);
  write(one("counted"), now.counted.map((count) => `${count.name} ${count.count}`).join("　"));
  list(one("in-hand"), now.in_hand, (item) => `${item.key} ${item.state_words}`);
  list(one("recent"), now.recent, (item) => `${item.at} ${item.key} ${item.state_words}`);
  say(now);
}

function over() {
  one("bar").hidden = true;
  one("over").hidden = false;
  // Whoever works on the page (a reason half typed, say) keeps it; the others see the result at once.
  const busy = document.activeElement && !["BODY", "A", "SUMMARY"].includes(document.activeElement.tagName);
  if (!busy) setTimeout(() => location.replace(box.dataset.run), 3000);
}

follow(box.dataset.run, {
  beat,
  over,
  away: (isAway) => (one("away").hidden = !isAway),
  gone: (message) => {
    one("away").hidden = true;
    one("gone").hidden = false;
    write(one("why"), message);
  },
});
document.documentElement.dataset.ready = "yes";
