// The review page: keyboard first, nothing lost, nothing overwritten.
import { Draft } from "./draft.js";
import { Field } from "./field.js";
import { Server } from "./server.js";
import { Stopwatch } from "./stopwatch.js";
import { Viewer } from "./viewer.js";

const given = JSON.parse(document.getElementById("given").textContent);
const texts = given.texts;
const root = document.querySelector("[data-work]");
const one = (selector) => document.querySelector(selector);
const fields = [...root.querySelectorAll("[data-field]")].map((element) => new Field(element, texts));
const doubtful = fields.filter((field) => !field.accepted);
const viewer = new Viewer(root);
const server = new Server(`/documents/${given.document}`, given.csrf);
const stopwatch = new Stopwatch(given.idle);
const draft = new Draft(given.user, given.document);
let { revision, view } = given;
let composing = false;
let busy = false;
let leaving = false;

const fieldAt = (element) => fields.find((field) => field.element.contains(element));
const unsaved = () => fields.some((field) => field.touched);
const dialog = (name) => one(`[data-dialog="${name}"]`);

function tell(message, kind = "") {
  const place = one("[data-message]");
  if (!place) return;
  place.textContent = message;
  place.className = `message ${kind}`;
}

function showState() {
  const left = fields.filter((field) => field.open).length;
  one("[data-left]").textContent = texts.left.replace("%d", left);
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

function onChange(field) {
  field.changed();
  showState();
  keepDraft();
}

function move(field, by) {
  const row = doubtful.includes(field) ? doubtful : fields;
  const next = row[row.indexOf(field) + by];
  if (next) next.focus();
  else if (by > 0) one('[data-act="record"]').focus();
}

function choose(field, button) {
  if (!button) return;
  field.value = button.dataset.candidate;
  onChange(field);
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
  if (busy) return null;
  busy = true;
  const seconds = stopwatch.take();
  tell(texts.saving);
  const answer = await server.send(verb, { ...body, seconds, view });
  busy = false;
  if (answer.ok || answer.status === 422) {
    view = answer.told.view;
    adopt(answer.told, body.values ?? {});
    return answer;
  }
  stopwatch.giveBack(seconds);
  keepDraft();
  if (answer.status === 401) askLogin(retry);
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
  keepDraft();
  showState();
}

async function save() {
  const answer = await write("save", collect(), save);
  if (answer) tell(texts.saved_now, "good");
}

async function record() {
  const answer = await write("record", collect(), record);
  if (!answer) return;
  if (answer.ok) return leave(texts.recorded, answer.told.next);
  tell(answer.told.message, "bad");
  if (answer.told.kind === "twin") return askDiscard(texts.reason_twin);
  fields.find((field) => field.open)?.focus();
}

async function discard(reason) {
  const answer = await write("discard", { revision, reason }, () => discard(reason));
  if (answer?.ok) leave(texts.discarded, answer.told.next);
}

function leave(message, next) {
  tell(message, "good");
  draft.clear();
  leaving = true;
  location.assign(next ? `/documents/${next}` : "/documents");
}

function askDiscard(reason) {
  const box = dialog("discard");
  box.querySelector("input").value = reason;
  box.showModal();
}

function askLogin(retry) {
  const box = dialog("login");
  const form = box.querySelector("form");
  form.onsubmit = async (event) => {
    event.preventDefault();
    const answer = await server.signIn(given.user, form.password.value, form.code.value);
    const wanted = answer.told.kind === "code_needed";
    if (!wanted) form.password.value = "";
    if (wanted) form.querySelector("[data-code]").hidden = false;
    const place = form.querySelector("[data-login-message]");
    place.hidden = answer.ok;
    place.textContent = answer.told.message ?? texts.offline;
    if (!answer.ok) return;
    box.close();
    retry();
  };
  box.showModal();
}

// Puts back what was typed before a reload. Values typed over another revision are only offered, never put in.
function restore() {
  const kept = draft.read();
  if (!kept || !given.waiting) return;
  const mine = Object.entries(kept.fields)
    .map(([name, typed]) => ({ field: fields.find((known) => known.name === name), typed }))
    .filter(({ field }) => field);
  if (kept.revision === revision) {
    for (const { field, typed } of mine) putBack(field, typed);
    if (mine.length) tell(texts.restored);
    return;
  }
  const differing = mine.filter(({ field, typed }) => typed.illegible || field.value !== typed.value);
  if (!differing.length) return draft.clear();
  offer(differing);
}

function putBack(field, typed) {
  field.value = typed.value;
  field.changed();
  if (typed.illegible) field.toggleIllegible();
}

function offer(differing) {
  one("[data-draft]").hidden = false;
  one("[data-draft-text]").textContent = texts.draft_differs;
  const list = one("[data-draft-list]");
  for (const { field, typed } of differing) {
    const row = document.createElement("div");
    row.className = "row";
    const words = document.createElement("span");
    words.textContent = `${field.name}: ${texts.now} ${field.value || "－"} / ${texts.yours} ${typed.value || "－"}`;
    const use = document.createElement("button");
    use.type = "button";
    use.textContent = texts.use_mine;
    use.addEventListener("click", () => {
      putBack(field, typed);
      row.remove();
      showState();
      keepDraft();
      field.focus();
    });
    row.append(words, use);
    list.append(row);
  }
}

root.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229) return;
  const field = fieldAt(event.target);
  if (event.ctrlKey && event.key === "Enter") {
    event.preventDefault();
    if (field?.open) field.confirm();
    record();
  } else if (event.ctrlKey && event.key.toLowerCase() === "s") {
    event.preventDefault();
    save();
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

function onConfirm(field) {
  field.confirm();
  showState();
  keepDraft();
}

function onIllegible(field) {
  field.toggleIllegible();
  showState();
  keepDraft();
}

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
  for (const other of fields) other.element.classList.toggle("current", other === field);
  viewer.point(field.page, field.box);
});
root.addEventListener("focusout", (event) => fieldAt(event.target)?.left());
let inHand = null;
root.addEventListener("focusin", (event) => (inHand = fieldAt(event.target) ?? inHand));
root.addEventListener("click", (event) => {
  const chip = event.target.closest("[data-candidate]");
  if (chip) {
    const field = fieldAt(chip);
    choose(field, chip);
    field.focus();
  }
  const act = event.target.closest("[data-act]")?.dataset.act;
  if (act === "save") save();
  if (act === "record") record();
  if (act === "discard") askDiscard("");
  if (act === "illegible" && inHand) {
    onIllegible(inHand);
    inHand.focus();
  }
});
for (const button of document.querySelectorAll("[data-close]")) {
  button.addEventListener("click", () => button.closest("dialog").close());
}
for (const button of document.querySelectorAll("[data-preset]")) {
  button.addEventListener("click", () => (dialog("discard").querySelector("input").value = button.dataset.preset));
}
one("[data-reload]").addEventListener("click", () => {
  leaving = true;
  location.reload();
});
dialog("discard").querySelector("form").addEventListener("submit", (event) => {
  event.preventDefault();
  dialog("discard").close();
  discard(event.target.reason.value);
});
window.addEventListener("beforeunload", (event) => {
  if (unsaved() && !leaving) event.preventDefault();
});
window.addEventListener("pagehide", () => {
  const seconds = stopwatch.take();
  if (seconds >= 1) server.send("time", { seconds, view }, true);
});

restore();
showState();
if (given.waiting) (fields.find((field) => field.open) ?? fields[0])?.focus();
document.documentElement.dataset.ready = "yes";
