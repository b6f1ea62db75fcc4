// Group review: the same character of many documents as tiles; wrong ones are taken out, the rest confirmed at once.
// The focus stays in one small input, the catcher, which lies over the tile in hand: so a Japanese IME can type into it.
import { Board } from "./board.js";
import { Draft } from "./draft.js";
import { Server } from "./server.js";
import { Signing } from "./signing.js";
import { Stopwatch } from "./stopwatch.js";

const CHUNK = 40; // tiles of one write
const given = JSON.parse(document.getElementById("given").textContent);
let view = JSON.parse(document.getElementById("view").textContent);
const words = given.texts;
const one = (selector) => document.querySelector(selector);
const board = new Board(given, one("[data-board]"), one("[data-catcher]"));
const server = new Server("/groups", given.csrf);
const signing = new Signing(one('[data-dialog="login"]'), server, given.user, words);
const stopwatch = new Stopwatch(given.idle);
const draft = new Draft(given.user, `group${location.search}`);
const done = { kept: 0, fields: 0, recorded: new Set(), refused: new Set() };
let busy = false;

function tell(message, kind = "") {
  const place = one("[data-message]");
  place.textContent = message;
  place.className = `message ${kind}`;
}

function showCounts() {
  const aside = board.tiles.filter((tile) => tile.state === "aside").length;
  one("[data-count]").textContent = words.count.replace("%d", board.tiles.length);
  one("[data-aside]").textContent = aside ? words.aside_count.replace("%d", aside) : "";
}

function keepDraft() {
  const marked = board.tiles.filter((tile) => ["typed", "aside"].includes(tile.state));
  if (marked.length) draft.write(0, Object.fromEntries(marked.map((tile) => [tile.key, [tile.state, tile.now]])));
  else draft.clear();
  showCounts();
}

function restore() {
  const kept = draft.read()?.fields ?? {};
  for (const tile of board.tiles) {
    const [state, now] = kept[tile.key] ?? [];
    if (state === "aside") tile.putAside();
    if (state === "typed") tile.type(now);
  }
  if (Object.keys(kept).length) tell(words.restored);
}

async function confirm() {
  if (busy) return;
  busy = true;
  const all = board.tiles.filter((tile) => ["right", "typed"].includes(tile.state)).length;
  let sent = 0;
  for (;;) {
    const tiles = board.tiles.filter((tile) => ["right", "typed"].includes(tile.state)).slice(0, CHUNK);
    if (!tiles.length) break;
    tell(words.sending.replace("%d", sent).replace("%e", all));
    if (!(await write(tiles))) return void (busy = false);
    sent += tiles.length;
  }
  busy = false;
  keepDraft();
  summarise();
}

// Sends some tiles; false when the page must wait for a person.
async function write(tiles) {
  const seconds = stopwatch.take();
  const answer = await server.send("confirm", { tiles: tiles.map((tile) => tile.said), seconds, view });
  if (!answer.ok) {
    stopwatch.giveBack(seconds);
    if (answer.status === 401) signing.ask(confirm);
    tell(answer.status === 0 ? words.offline : (answer.told.message ?? words.failed), "bad");
    return false;
  }
  take(tiles, answer.told);
  return true;
}

function take(tiles, told) {
  view = told.view;
  const named = (list) => new Set(list.map((address) => address.join(".")));
  const stale = named(told.stale);
  const wrong = named(told.wrong);
  for (const tile of tiles) {
    if (stale.has(tile.address)) tile.show("stale");
    else if (wrong.has(tile.address)) tile.show("wrong");
    else board.remove(tile);
  }
  for (const tile of board.tiles) tile.revision = told.revisions[tile.document] ?? tile.revision;
  done.kept += told.kept;
  done.fields += told.fields;
  for (const number of told.recorded) done.recorded.add(number);
  for (const number of told.refused) done.refused.add(number);
  board.point();
  showCounts();
}

function summarise() {
  const said = [words.kept.replace("%d", done.kept), words.fields.replace("%d", done.fields)];
  if (done.recorded.size) said.push(words.recorded.replace("%d", done.recorded.size));
  if (done.refused.size) said.push(words.refused.replace("%d", done.refused.size));
  const stale = board.tiles.filter((tile) => tile.state === "stale").length;
  if (stale) said.push(words.stale_count.replace("%d", stale));
  tell(said.join(" "), stale ? "bad" : "good");
  if (!board.tiles.length) one("[data-back]").focus();
}

const catcher = one("[data-catcher]");
catcher.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229) return;
  const moves = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: board.across, ArrowUp: -board.across, Enter: 1 };
  if (event.ctrlKey && event.key === "Enter") confirm();
  else if (event.key in moves) board.move(event.key === "Enter" && event.shiftKey ? -1 : moves[event.key]);
  else if (event.key === "Home") board.moveTo(0);
  else if (event.key === "End") board.moveTo(board.tiles.length - 1);
  else if (event.key === " ") board.current?.toggle();
  else if (event.key === "F2") board.current?.putAside();
  else if (event.key === "Backspace" || event.key === "Delete") board.current?.reset();
  else return;
  event.preventDefault();
  keepDraft();
});
catcher.addEventListener("compositionstart", () => catcher.classList.add("composing"));
catcher.addEventListener("compositionend", () => {
  catcher.classList.remove("composing");
  setTimeout(typed);
});
catcher.addEventListener("input", (event) => {
  if (!event.isComposing) typed();
});

function typed() {
  const letters = [...catcher.value.replaceAll(/\s/g, "")];
  catcher.value = "";
  if (letters.length && given.typed) board.current?.type(letters.at(-1));
  keepDraft();
}

one("[data-board]").addEventListener("click", (event) => {
  const tile = board.tileAt(event.target);
  if (!tile) return;
  board.moveTo(board.tiles.indexOf(tile));
  tile.toggle();
  keepDraft();
});
one("[data-confirm]").addEventListener("click", () => {
  catcher.focus();
  confirm();
});
for (const button of document.querySelectorAll("[data-close]")) {
  button.addEventListener("click", () => button.closest("dialog").close());
}

restore();
board.moveTo(0);
showCounts();
catcher.focus();
document.documentElement.dataset.ready = "yes";
