// A trial at work: says how far it is, and shows the result when it is over.
import { follow } from "./progress.js";

const place = document.querySelector("[data-trial]");
const { trial: url, progressWords, working, waiting } = place.dataset;
const one = (name) => place.querySelector(`[data-${name}]`);
const put = (node, words) => {
  if (node.textContent !== words) node.textContent = words;
};

follow(url, {
  beat({ state, over, progress }) {
    if (over) return;
    put(one("state"), state === "waiting" ? waiting : working);
    const known = progress.waiting !== undefined;
    put(one("progress"), known ? progressWords.replace("{finished}", progress.finished).replace("{waiting}", progress.waiting) : "");
  },
  over: () => location.reload(),
  away: (isAway) => (one("away").hidden = !isAway),
  gone(message) {
    one("away").hidden = true;
    one("gone").hidden = false;
    put(one("why"), message);
  },
});
document.documentElement.dataset.ready = "yes";
