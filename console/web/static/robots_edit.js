// The editor of a robot: the text, what the check says of it, and what the buttons do; drafts are in robots_draft.js.
import { Drafts } from "./robots_draft.js";
import { contextAt, typeAt } from "./robots_hints.js";
import { Keys } from "./robots_keys.js";
import { Options } from "./robots_options.js";
import { Paper } from "./robots_paper.js";
import { Saving } from "./robots_saving.js";
import { Server } from "./server.js";

const QUIET_MS = 400;
const LONGEST = 900_000;
const MOST_SHOWN = 100;
const find = (name) => document.querySelector(`[data-${name}]`);

class Editor {
  constructor(given) {
    this.given = given;
    this.words = given.words;
    this.server = new Server(`/robots/${encodeURIComponent(given.robot)}`, given.csrf);
    this.kept = given.revision ? given.text : "";
    this.remarks = [];
    this.into = find("into").textContent;
    this.paper = new Paper(find("editor"), () => this.changed());
    this.options = new Options(this.paper, find("options"), given, (words) => this.speak(words));
    this.keys = new Keys(this.paper, this.options, { save: () => this.saving.ask(), step: (by) => this.#step(by), leaving: () => this.speak(this.words.tab_leaves) });
    this.saving = new Saving(this);
    find("save").addEventListener("click", () => this.saving.ask());
    find("open-try").addEventListener("click", () => document.querySelector("[data-dialog=try]").showModal());
    document.querySelector("[data-dialog=try] form").addEventListener("submit", (event) => this.#try(event));
    document.addEventListener("selectionchange", () => this.#here());
    this.paper.text.addEventListener("compositionstart", () => (this.composing = true));
    this.paper.text.addEventListener("compositionend", () => {
      this.composing = false;
      this.changed();
    });
    this.paper.text.addEventListener("input", (event) => {
      if (!event.isComposing && event.inputType?.startsWith("insert") && event.inputType !== "insertLineBreak") this.options.offer(false);
      else this.options.close();
    });
    addEventListener("pagehide", () => this.drafts.hold());
    this.drafts = new Drafts(this);
    this.#begin();
  }

  say(key, values) {
    return Object.entries(values).reduce((told, [name, value]) => told.replace(`{${name}}`, value), this.words[key]);
  }

  speak(words) {
    find("spoken").textContent = words;
  }

  tell(words, kind = "") {
    const place = find("message");
    place.textContent = words;
    place.className = `message ${kind}`;
  }

  #begin() {
    this.drafts.begin();
    this.paper.text.setSelectionRange(0, 0);
    this.#here();
  }

  changed() {
    const { value } = this.paper;
    const drafted = value === this.drafts?.kept?.text;
    const state = find("saved-state");
    state.textContent = value === this.kept ? this.words.kept : drafted ? this.words.draft_state : this.words.unsaved;
    state.className = value === this.kept ? "tag confirmed" : "tag doubt";
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (this.composing) return; // the end of a conversion is a change of its own
      this.drafts.hold();
      this.check();
    }, QUIET_MS);
  }

  async check() {
    const text = this.paper.value;
    if (text.length > LONGEST) return this.tell(this.words.too_long, "bad");
    if (this.checking) {
      this.again = true;
      return undefined;
    }
    this.checking = true;
    find("count").textContent = this.words.checking;
    const answer = await this.server.send("check", { text });
    this.checking = false;
    if (answer.ok) this.take(answer.told, text);
    else this.#cannotCheck(answer);
    if (this.again) {
      this.again = false;
      this.check();
    }
    return undefined;
  }

  #cannotCheck(answer) {
    find("count").textContent = "";
    if (answer.status === 401) this.tell(document.querySelector("[data-dialog=login] p").textContent, "bad");
    else this.tell(answer.status ? (answer.told.message ?? this.words.broken) : this.words.no_server, "bad");
  }

  // Takes over what the check said of a text.
  take(told, text) {
    this.remarks = told.remarks;
    const errors = told.remarks.filter(({ level }) => level === "error").length;
    const words = errors || told.remarks.length ? this.say("found", { errors, warnings: told.remarks.length - errors }) : this.words.good;
    if (find("count").textContent !== words) find("count").textContent = words;
    if (this.spokenCount !== words) this.speak(words);
    this.spokenCount = words;
    if (find("message").classList.contains("bad")) this.tell("");
    if (text === this.paper.value) this.paper.note(told.remarks);
    const list = find("remarks");
    if (!list.contains(document.activeElement)) list.replaceChildren(...told.remarks.slice(0, MOST_SHOWN).map((remark) => this.#entry(remark)));
    this.#explain(told.sections, errors);
    document.documentElement.dataset.checked = text.length;
  }

  #entry(remark) {
    const row = document.createElement("li");
    row.appendChild(this.remark(remark));
    return row;
  }

  // One remark with its line to go to.
  remark(remark) {
    const place = document.createElement("div");
    place.className = `remark ${remark.level}`;
    if (remark.line) {
      const button = place.appendChild(document.createElement("button"));
      button.type = "button";
      button.textContent = this.say("line", { line: remark.line });
      button.addEventListener("click", () => this.paper.go(remark.line, remark.column));
    }
    const what = place.appendChild(document.createElement("strong"));
    what.textContent = `${this.words[remark.level]}: ${remark.where ? `${remark.where} ` : ""}${remark.what}`;
    for (const part of ["why", "do"]) place.appendChild(document.createElement("div")).textContent = `${this.words[part]}: ${remark[part]}`;
    return place;
  }

  #explain(sections, errors) {
    const place = find("sections");
    if (place.contains(document.activeElement)) return;
    place.replaceChildren();
    if (errors) place.appendChild(document.createElement("p")).textContent = this.words.not_explained;
    for (const [at, { title, sentences }] of sections.entries()) {
      const heading = place.appendChild(document.createElement(at ? "h3" : "p"));
      heading.textContent = title;
      const list = document.createElement("ul");
      list.className = "told";
      for (const one of sentences.slice(0, MOST_SHOWN)) list.appendChild(document.createElement("li")).textContent = one.number ? `${one.number}. ${one.text}` : one.text;
      if (sentences.length) place.appendChild(list);
    }
  }

  // What the caret is at: line and column, and what is written there.
  #here() {
    if (document.activeElement !== this.paper.text) return;
    const { row, column } = this.paper.caret;
    find("position").textContent = this.say("position", { line: row + 1, column: column + 1 });
    const context = contextAt(this.paper.lines, row, column);
    const { types } = this.given;
    const keys = types[typeAt(types, context.path)] ?? {};
    const parent = types[typeAt(types, context.path.slice(0, -1))]?.[context.path.at(-1)];
    const key = context.key ?? context.prefix.trim();
    const about = keys[key]?.about ? `${key}: ${keys[key].about}` : parent?.about ? `${context.path.at(-1)}: ${parent.about}` : "";
    if (find("here").textContent !== about) find("here").textContent = about;
  }

  #step(by) {
    const lines = [...new Set(this.remarks.map(({ line }) => line).filter(Boolean))].sort((a, b) => a - b);
    if (!lines.length) return;
    const now = this.paper.caret.row + 1;
    const next = by > 0 ? (lines.find((line) => line > now) ?? lines[0]) : (lines.findLast((line) => line < now) ?? lines.at(-1));
    const remark = this.remarks.find(({ line }) => line === next);
    this.paper.go(next, remark.column);
    this.speak(`${this.say("line", { line: next })} ${remark.what} ${remark.do}`);
  }

  async #try(event) {
    event.preventDefault();
    const form = event.target;
    const body = { text: this.paper.value, way: form.elements.way.value, limit: Number(form.elements.limit.value) };
    form.closest("dialog").close();
    this.drafts.hold();
    this.tell(this.words.trying);
    const answer = await this.server.send("try", body);
    if (answer.ok) return location.assign(`${this.server.base}/trials/${answer.told.trial}`);
    return this.trouble(answer, () => document.querySelector("[data-dialog=try]").showModal());
  }

  // What went wrong with a request: somebody else was faster, the session has ended, or something else.
  trouble(answer, again) {
    if (answer.status === 409) return this.saving.conflict(answer.told.message);
    if (answer.status === 401 || answer.told.kind === "forged") return this.saving.signIn(again);
    return this.tell(answer.status ? (answer.told.message ?? this.words.broken) : this.words.no_server, "bad");
  }

  saved(revision, text) {
    Object.assign(this.given, { revision, text, approved: false });
    this.kept = text;
    this.drafts.saved();
    history.replaceState(null, "", `${this.server.base}/edit`);
    this.tell(this.words.saved, "good");
    this.changed();
    this.paper.text.focus();
  }

  reload() {
    this.drafts.leave();
    location.replace(`${this.server.base}/edit`);
  }
}

new Editor(JSON.parse(document.querySelector("#given").textContent));
document.documentElement.dataset.ready = "yes";
