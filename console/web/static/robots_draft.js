// What the editor begins with and what it keeps: the text typed in this tab, and the draft that lies on the server.
//
// The tab's own text comes first, then the author's draft on the server, then the saved robot. What was begun with
// another text than the one that lies there now is only offered, never laid over it. A draft is kept on the server when
// the author says so; the server refuses when another page has kept a newer one, and the person is asked.
import { Draft } from "./draft.js";

const find = (name) => document.querySelector(`[data-${name}]`);

export class Drafts {
  constructor(editor) {
    const { given } = editor;
    this.editor = editor;
    this.tab = new Draft(given.user, `robot/${given.robot}`);
    this.kept = given.draft;
    this.offered = null;
    this.box = document.querySelector("[data-dialog=draft-conflict]");
    find("draft-drop").addEventListener("click", () => this.#dropTyped());
    find("draft-delete").addEventListener("click", () => this.#delete());
    find("draft-take").addEventListener("click", () => this.#take());
    find("keep-draft").addEventListener("click", () => this.keep());
    this.box.querySelector("[data-mine]").addEventListener("click", () => {
      this.box.close();
      this.keep(true);
    });
    this.box.querySelector("[data-theirs]").addEventListener("click", () => this.#theirs());
  }

  // The text that the editor shows when nothing else was typed: the author's draft, or the robot as it is saved.
  get base() {
    const { given } = this.editor;
    return this.kept && this.kept.rests_on === given.revision ? this.kept.text : given.text;
  }

  get known() {
    return this.kept?.sha256 ?? "";
  }

  // Fills the page, and says where the text comes from.
  begin() {
    const { editor, kept, base } = this;
    const { given, paper, words } = editor;
    const typed = this.tab.read();
    const text = typeof typed?.fields?.text === "string" && typed.fields.text !== base ? typed.fields.text : null;
    const fits = text !== null && typed.revision === given.revision && (typed.fields.known ?? "") === this.known;
    paper.fill(fits ? text : base);
    if (given.other) this.#offer(editor.say("draft_theirs", given.other), given.other.text, words.draft_insert);
    else if (text !== null && !fits) this.#offer(words.draft_older, text, words.draft_take, true);
    else if (fits) this.#tell(words.draft_found);
    else if (kept && base === kept.text) this.#tell(editor.say("draft_opened", kept));
    else if (kept) this.#offer(editor.say("draft_behind", kept), kept.text, words.draft_insert);
    this.unsure = text !== null && !fits; // until it is taken or dropped, what was typed before stays in this tab
    this.#buttons(text !== null);
  }

  // Keeps what is typed in this tab.
  hold() {
    const { editor } = this;
    if (this.unsure || this.leaving) return;
    if (editor.paper.value === this.base) this.tab.clear();
    else this.tab.write(editor.given.revision, { text: editor.paper.value, known: this.known });
  }

  // Keeps the text on the server, with its errors; over a newer draft only when the person has said so.
  async keep(over = false) {
    const { editor } = this;
    const text = editor.paper.value;
    const answer = await editor.server.send("draft", { text, revision: editor.given.revision, known: this.known, over });
    if (answer.status === 409) return this.#conflict(answer.told.message);
    if (!answer.ok) return editor.trouble(answer, () => this.keep(over));
    this.kept = { ...answer.told, text, at: "" };
    this.unsure = false;
    this.hold();
    find("draft").hidden = true;
    editor.tell(editor.words.draft_kept, "good");
    return editor.changed();
  }

  // The robot was saved: its draft is gone, here and on the server.
  saved() {
    this.kept = null;
    this.unsure = false;
    this.tab.clear();
    find("draft").hidden = true;
  }

  leave() {
    this.leaving = true;
    this.tab.clear();
  }

  #tell(words) {
    find("draft").hidden = false;
    find("draft-words").textContent = words;
  }

  #offer(words, text, button) {
    this.#tell(words);
    this.offered = text;
    find("draft-take").textContent = button;
    find("draft-take").hidden = false;
  }

  #buttons(typed) {
    find("draft-drop").hidden = !typed;
    find("draft-delete").hidden = typed || !this.kept;
  }

  // What was offered comes on top of the present text, and Ctrl+Z takes it back.
  #take() {
    const { paper } = this.editor;
    paper.replace(0, paper.value.length, this.offered);
    this.unsure = false;
    find("draft").hidden = true;
  }

  #dropTyped() {
    const { paper } = this.editor;
    this.unsure = false;
    this.tab.clear();
    find("draft").hidden = true;
    paper.replace(0, paper.value.length, this.base);
    paper.go(1);
  }

  async #delete() {
    const { editor, kept } = this;
    const answer = await editor.server.send(`drafts/${kept.id}/drop`, {});
    if (answer.status === 409) return this.#conflict(answer.told.message);
    if (!answer.ok) return editor.trouble(answer, () => this.#delete());
    const shown = editor.paper.value === kept.text;
    this.kept = null;
    find("draft").hidden = true;
    if (shown) editor.paper.replace(0, kept.text.length, editor.given.text);
    editor.tell(editor.words.draft_dropped, "good");
    return editor.changed();
  }

  #conflict(message) {
    this.box.querySelector("[data-why]").textContent = message ?? "";
    if (!this.box.open) this.box.showModal();
  }

  #theirs() {
    this.leave();
    location.reload();
  }
}
