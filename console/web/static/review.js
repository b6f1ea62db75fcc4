// The review page: keyboard first, nothing lost, nothing overwritten.
import { Ahead } from "./ahead.js";
import { Draft } from "./draft.js";
import { Field } from "./field.js";
import { addComment, ask, dialog, wire, wireClosing } from "./handing.js";
import { Restoring } from "./restoring.js";
import { Server } from "./server.js";
import { Signing } from "./signing.js";
import { Stopwatch } from "./stopwatch.js";
import { Suggestions } from "./suggestions.js";
import { Viewer } from "./viewer.js";

const given = JSON.parse(document.getElementById("given").textContent);
const { texts, words } = given;
const root = document.querySelector("[data-work]");
const one = (selector) => document.querySelector(selector);
const narrowed = new URLSearchParams(["form", "department"].filter((name) => given[name]).map((name) => [name, given[name]]));
const within = narrowed.size ? `?${narrowed}` : "";
const labels = { ...texts, state_waits: words.state_waits };
const fields = [...root.querySelectorAll("[data-field]")].map((element) => new Field(element, labels));
const doubtful = fields.filter((field) => !field.accepted);
const viewer = new Viewer(root);
const server = new Server(`/documents/${given.document}`, given.csrf);
const stopwatch = new Stopwatch(given.idle);
const draft = new Draft(given.user, given.document);
const signing = new Signing(dialog("login"), server, given.user, texts);
const ahead = given.waiting ? new Ahead(server, within) : null;
let { revision, view } = given;
let composing = false;
let busy = false;
let following = null; // what was asked for while a write was on its way: done when that went well
let leaving = false;
let inHand = null;

const fieldAt = (element) => fields.find((field) => field.element.contains(element));
const unsaved = () => fields.some((field) => field.touched);

function tell(message, kind = "") {
  const place = one("[data-message]");
  place.textContent = message;
  place.className = `message ${kind}`;
}

function showState() {
  one("[data-left]").textContent = texts.left.replace("%d", fields.filter((field) => field.open).length);
  const saved = one("[data-saved]");
  if (!saved) return;
  saved.textContent = unsaved() ? texts.unsaved : revision > given.revision ? texts.saved : "";
  saved.className = `saved ${unsaved() ? "unsaved" : "kept"}`;
}

function keepDraft() {
  if (composing) return;
  const open = fields.filter((field) => field.touched);
  const kept = open.map((field) => [field.name, { value: field.value, illegible: field.illegible }]);
  if (kept.length) draft.write(revision, Object.fromEntries(kept));
  else draft.clear();
}

function changed() {
  showState();
  keepDraft();
}

function onChange(field) {
  field.changed();
  changed();
}

function move(field, by) {
  const row = doubtful.includes(field) ? doubtful : fields;
  const next = row[row.indexOf(field) + by];
  if (next) next.focus();
  else if (by > 0) one('[data-act="record"]').focus();
}

// A person takes a value that was offered: a candidate, one of two entries, a suggestion.
function take(field, value) {
  if (field.locked) return;
  field.value = value;
  onChange(field);
}

function choose(field, button) {
  if (!button) return;
  take(field, button.dataset.candidate);
  if (field.focused) field.input.select?.();
}

function collect() {
  const open = fields.filter((field) => field.touched);
  const values = Object.fromEntries(open.map((field) => [field.name, field.value]));
  const names = (those) => those.map((field) => field.name);
  const illegible = names(open.filter((field) => field.illegible));
  return { revision, values, illegible, as_written: names(fields.filter((field) => field.asWritten)) };
}

// Sends a write; returns the answer, or null when the page has already dealt with it.
async function write(verb, body, retry) {
  if (busy) {
    following = retry;
    return null;
  }
  busy = true;
  const seconds = stopwatch.take();
  tell(texts.saving);
  const answer = await server.send(`${verb}${within}`, { ...body, seconds, view });
  busy = false;
  if (answer.ok || answer.status === 422) {
    view = answer.told.view ?? view;
    if (answer.told.fields) adopt(answer.told, body.values ?? {});
    return answer;
  }
  following = null;
  stopwatch.giveBack(seconds);
  keepDraft();
  if (answer.status === 401) signing.ask(retry);
  else if (answer.status === 409) dialog("conflict").showModal();
  tell(answer.status === 0 ? texts.offline : (answer.told.message ?? texts.failed), "bad");
  return null;
}

function adopt(told, sent) {
  revision = told.revision;
  for (const field of fields) {
    const fresh = told.fields.find((known) => known.name === field.name);
    if (fresh) field.settle(fresh, sent[field.name]);
  }
  changed();
}

async function save() {
  const answer = await write("save", collect(), save);
  if (!answer) return;
  tell(texts.saved_now, "good");
  follow();
}

function follow() {
  const act = following;
  following = null;
  act?.();
}

async function record() {
  const answer = await write("record", collect(), record);
  if (!answer) return;
  following = null;
  if (answer.ok) return leave(texts.recorded, answer.told.next);
  if (answer.told.kind === "second") return leave(answer.told.message, answer.told.next);
  tell(answer.told.message, "bad");
  if (answer.told.kind === "twin") return ask("discard", texts.reason_twin);
  fields.find((field) => field.open)?.focus();
}

async function discard(reason) {
  const answer = await write("discard", { revision, reason }, () => discard(reason));
  if (answer?.ok) leave(texts.discarded, answer.told.next);
}

async function sendBack(reason) {
  const answer = await write("return", { revision, reason }, () => sendBack(reason));
  if (answer?.ok) leave(words.returned, answer.told.next);
}

async function skip() {
  const answer = await write("skip", collect(), skip);
  if (answer?.ok) leave(answer.told.next ? words.skipped : words.skipped_only, answer.told.next);
}

async function takeUp() {
  const answer = await write("take-up", { revision }, takeUp);
  if (answer?.ok) reload();
}

async function comment(text) {
  const answer = await write("comment", { text }, () => comment(text));
  if (!answer?.ok) return;
  addComment(answer.told);
  tell(words.commented, "good");
  follow();
}

function leave(message, next) {
  tell(message, "good");
  draft.clear();
  leaving = true;
  location.assign(ahead.address(next));
}

function reload() {
  leaving = true;
  location.reload();
}

function onConfirm(field) {
  field.confirm();
  changed();
}

function onIllegible(field) {
  if (field.locked) return;
  field.toggleIllegible();
  changed();
}

const acts = {
  save,
  record,
  skip,
  discard: () => ask("discard"),
  return: () => ask("return"),
  comment: () => ask("comment"),
  "take-up": takeUp,
  illegible() {
    if (!inHand) return;
    onIllegible(inHand);
    inHand.focus();
  },
};

// The act that a key stands for, wherever the focus is.
function actOf(event) {
  if (event.ctrlKey && event.key === "Enter") return "record";
  if (event.ctrlKey && event.key.toLowerCase() === "s") return "save";
  if (event.altKey && !event.ctrlKey) return { KeyN: "skip", KeyM: "comment", KeyR: "return" }[event.code];
  return undefined;
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229) return;
  if (!given.waiting || event.target.closest("dialog")) return;
  const field = fieldAt(event.target);
  const act = actOf(event);
  if (act) {
    event.preventDefault();
    if (act === "record" && field?.open) field.confirm();
    acts[act]();
  } else if (!field || event.target.matches("button")) {
    return;
  } else if (event.key === "Enter") {
    event.preventDefault();
    if (!event.shiftKey && field.open) onConfirm(field);
    move(field, event.shiftKey ? -1 : 1);
  } else if (event.key === "F2") {
    event.preventDefault();
    onIllegible(field);
  } else if (event.altKey && /^Digit[1-9]$/.test(event.code)) {
    event.preventDefault();
    choose(field, field.candidates[Number(event.code.slice(5)) - 1]);
  }
});

root.addEventListener("compositionstart", () => (composing = true));
root.addEventListener("compositionend", () => {
  composing = false;
  keepDraft();
});
root.addEventListener("input", (event) => {
  const field = fieldAt(event.target);
  if (field) onChange(field);
});
root.addEventListener("focusin", (event) => {
  const field = fieldAt(event.target);
  if (!field) return;
  inHand = field;
  for (const other of fields) other.element.classList.toggle("current", other === field);
  viewer.point(field.page, field.box);
});
root.addEventListener("focusout", (event) => fieldAt(event.target)?.left());
root.addEventListener("click", (event) => {
  const chip = event.target.closest("[data-candidate]");
  if (chip) {
    const field = fieldAt(chip);
    choose(field, chip);
    field.focus();
  }
  acts[event.target.closest("[data-act]")?.dataset.act]?.();
});
one("[data-reload]").addEventListener("click", reload);
wire("discard", discard);
wire("return", sendBack);
wire("comment", comment);
wireClosing();
window.addEventListener("beforeunload", (event) => {
  if (unsaved() && !leaving) event.preventDefault();
});
window.addEventListener("pagehide", () => {
  const seconds = stopwatch.take();
  if (seconds >= 1) server.send("time", { seconds, view }, true);
});

async function suggested(field) {
  const values = Object.fromEntries(fields.map((other) => [other.name, other.value]));
  const answer = await server.send(`suggest?view=${encodeURIComponent(view)}`, { field: field.name, values });
  return answer.ok ? answer.told.suggestions : [];
}

const announce = (count) => (one("[data-told]").textContent = words.suggestions.replace("%d", count));
for (const field of fields) {
  if (field.input.matches("[data-suggests]")) new Suggestions(field, suggested, take, announce);
}
if (location.search.includes("ready=")) history.replaceState(null, "", location.pathname + within);
if (given.waiting && new Restoring(draft, fields, texts).restore(revision, changed)) tell(texts.restored);
showState();
if (given.waiting) (fields.find((field) => field.open) ?? fields[0])?.focus();
document.documentElement.dataset.ready = "yes";
