// Keeps the first page up to date: asks how things stand and changes only what is different, so that nothing flickers
// and the focus stays where it is. Asks only while the page is looked at.
import { morph } from "./morph.js";

const PAUSE = 20_000;
const live = document.querySelector("[data-live]");
const trouble = document.querySelector("#live-trouble");
const news = document.querySelector("#live-news");
const comma = document.documentElement.lang === "ja" ? "、" : ", ";
let asking = false;
let over = false;

async function look() {
  if (asking || over || document.hidden) return;
  asking = true;
  try {
    const answer = await fetch("/overview/now", { headers: { Accept: "application/json" }, cache: "no-store" });
    if (answer.status === 401 || answer.status === 403) signedOut();
    else if (answer.ok) show(await answer.text());
    else away();
  } catch {
    away();
  } finally {
    asking = false;
  }
}

function show(html) {
  const fresh = document.createElement("div");
  fresh.append(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
  const before = tasks();
  morph(live, fresh);
  trouble.hidden = true;
  if (tasks() !== before) news.textContent = `${live.dataset.new} ${tasks()}`;
}

function tasks() {
  return [...live.querySelectorAll(".tasks .what")].map((one) => one.textContent.trim()).join(comma);
}

function away() {
  say(live.dataset.away);
}

function signedOut() {
  over = true;
  say(live.dataset.out);
  const link = document.createElement("a");
  link.href = "/login";
  link.textContent = "→";
  link.setAttribute("aria-label", live.dataset.out);
  trouble.append(" ", link);
}

function say(words) {
  if (!trouble.hidden && trouble.textContent.startsWith(words)) return;
  trouble.textContent = words;
  trouble.hidden = false;
}

setInterval(look, PAUSE);
document.addEventListener("visibilitychange", look);
