// The form designer: brings design, sheets, panel and list together, and talks to the server.
import { Design } from "./designer_model.js";
import { Panel } from "./designer_panel.js";
import { Saving } from "./designer_saving.js";
import { Sheet } from "./designer_sheet.js";
import { Rulings } from "./designer_snap.js";
import { Trial } from "./designer_trial.js";
import { Draft } from "./draft.js";
import { Server } from "./server.js";

const ZOOMS = [1, 1.5, 2, 3, 4];
const QUIET_MS = 400; // a check waits until nobody has changed anything for so long
const one = (selector) => document.querySelector(selector);
const all = (selector) => [...document.querySelectorAll(selector)];

class Designer {
  constructor(given) {
    this.given = given;
    this.words = given.words;
    this.server = new Server(`/forms/drafts/${given.draft}`, given.csrf);
    this.kept = new Draft(given.user, `form-${given.draft}`);
    this.selected = [];
    this.active = null; // {uid, path} of the box that keys and numbers change
    this.drawing = false;
    this.shiftHeld = false;
    this.remarks = [];
    this.unsaved = !given.revision; // a proposal is nowhere yet
    this.zoom = 1;
    this.composing = false;
    this.design = new Design(given.design, given.kinds, given.words);
    this.design.listeners.push(() => this.#changed());
    this.sheets = all("[data-leaf]").map((leaf, at) => new Sheet(leaf, at, given.pages[at], this, new Rulings(given.pages[at])));
    this.panel = new Panel(one("[data-panel]"), this);
    this.trial = new Trial(this);
    this.saving = new Saving(this);
    this.list = one("[data-list]");
    this.#tools();
    this.#formSettings();
    this.refresh();
    this.#offerKept();
    this.check();
  }

  get snapping() {
    return one("[data-snap]").checked;
  }

  comma = document.documentElement.lang === "ja" ? "、" : ", ";

  say(key, values = {}) {
    return this.words[key].replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
  }

  tell(text, sort = "") {
    const place = one("[data-message]");
    place.textContent = text;
    place.className = `message ${sort}`;
  }

  kindName(kind) {
    return this.given.kinds[kind]?.name ?? String(kind);
  }

  kindKeys(kind) {
    return this.given.kinds[kind]?.keys ?? [];
  }

  // ---- what is chosen

  isSelected(uid) {
    return this.selected.includes(uid);
  }

  isActive(uid, path) {
    return this.active?.uid === uid && this.active.path.join("/") === path.join("/");
  }

  select(uids, path = null) {
    this.selected = uids;
    const uid = uids.at(-1);
    const found = uid && this.design.find(uid);
    const first = found && this.design.boxes(found.field)[0];
    this.active = found && (path ?? first?.path) ? { uid, path: path ?? first.path } : null;
    if (found) this.turnTo(found.page);
    this.refresh();
  }

  activate(uid, path) {
    if (!this.isSelected(uid)) this.selected = [uid];
    this.active = { uid, path };
    this.refresh();
  }

  toggle(uid, path) {
    if (this.isSelected(uid)) this.select(this.selected.filter((other) => other !== uid));
    else this.select([...this.selected, uid], path);
  }

  // ---- changes

  place(places, merge = "") {
    this.design.change(() => {
      for (const { uid, path, box } of places) {
        const { field } = this.design.find(uid);
        const holder = path.slice(0, -1).reduce((inner, step) => inner[step], field);
        holder[path.at(-1)] = box;
      }
    }, merge && `${merge}:${places.map(({ uid, path }) => uid + path).join()}`);
  }

  add(page, box) {
    this.draw(false);
    this.select([this.design.add(page, box)]);
    this.editActive();
  }

  removeSelected() {
    const names = this.selected.map((uid) => this.design.find(uid)?.field.name);
    if (!names.length) return;
    this.design.remove(this.selected);
    this.select([]);
    this.tell(this.say("removed", { name: names.join(this.comma) }));
    one("[data-list] button")?.focus();
  }

  editActive() {
    const input = one("[data-input=name]");
    input.focus();
    input.select();
  }

  focusSheet() {
    const found = this.active && this.design.find(this.active.uid);
    if (found) this.sheets[found.page].focus(this.active.uid, this.active.path);
  }

  draw(on) {
    this.drawing = on;
    one("[data-tool=draw]").setAttribute("aria-pressed", String(on));
    one("[data-tool=select]").setAttribute("aria-pressed", String(!on));
    one("[data-sheets]").classList.toggle("drawing", on);
  }

  turnTo(page) {
    this.page = page;
    all("[data-leaf]").forEach((leaf, at) => (leaf.hidden = at !== page));
    all("[data-show-page]").forEach((tab, at) => tab.setAttribute("aria-pressed", String(at === page)));
  }

  #changed() {
    this.unsaved = true;
    this.selected = this.selected.filter((uid) => this.design.find(uid));
    const found = this.active && this.design.find(this.active.uid);
    if (!found) this.active = null;
    else if (!this.design.boxes(found.field).some(({ path }) => this.isActive(this.active.uid, path))) {
      const [first] = this.design.boxes(found.field);
      this.active = first ? { uid: this.active.uid, path: first.path } : null;
    }
    this.refresh();
    if (!this.composing) this.kept.write(this.given.revision, this.design.content);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.check(), QUIET_MS);
  }

  refresh() {
    for (const sheet of this.sheets) sheet.draw();
    this.panel.show();
    this.#showList();
    this.#showKeys();
    one("[data-undo]").disabled = !this.design.past.length;
    one("[data-redo]").disabled = !this.design.future.length;
    const saved = one("[data-saved]");
    saved.textContent = this.unsaved ? this.words.unsaved : this.words.kept;
    saved.className = `saved ${this.unsaved ? "unsaved" : "kept"}`;
    one("[data-chosen]").textContent = this.selected.length > 1 ? this.say("selected", { count: this.selected.length }) : "";
  }

  // ---- checks

  payload() {
    return { design: this.design.sent(), revision: this.given.revision };
  }

  async check() {
    if (this.composing || this.sheets.some((sheet) => sheet.drag)) {
      this.timer = setTimeout(() => this.check(), QUIET_MS);
      return;
    }
    const { step } = this.design;
    const answer = await this.server.send("check", this.payload());
    if (!answer.ok) return this.trouble(answer, () => this.check());
    if (step === this.design.step) this.take(answer.told.remarks);
  }

  take(remarks) {
    this.remarks = remarks.map((remark) => ({ ...remark, ...this.#about(remark.place) }));
    const errors = remarks.filter(({ level }) => level === "error").length;
    one("[data-counted]").textContent = remarks.length ? this.say("counted", { errors, advice: remarks.length - errors }) : this.words.good;
    const general = this.remarks.filter(({ uid }) => !uid);
    one("[data-general]").textContent = general.map((remark) => `${this.levelWord(remark.level)}: ${remark.what} ${remark.do}`).join("\n");
    document.documentElement.dataset.checked = String(this.design.step);
    this.refresh();
  }

  // Which field and which of its keys a place in the template is about.
  #about(place) {
    const [pages, page, fields, index, ...rest] = place;
    const field = pages === "pages" && fields === "fields" ? this.design.content.pages[page]?.fields[index] : null;
    if (!field) return { uid: null, key: place[0] ?? "" };
    const column = rest[0] === "columns" ? field.columns?.[rest[1]] : null;
    const key = String((column ? rest[2] : rest[0]) ?? "");
    return { uid: (column ?? field)["@uid"], key };
  }

  remarksOf(uid) {
    return this.remarks.filter((remark) => remark.uid === uid);
  }

  stateOf(uid) {
    const levels = this.remarksOf(uid).map(({ level }) => level);
    return levels.includes("error") ? "wrong" : levels.length ? "advised" : "";
  }

  stateWord(state) {
    return state === "wrong" ? this.words.to_mend : state === "advised" ? this.words.advice : "";
  }

  levelWord(level) {
    return level === "error" ? this.words.to_mend : this.words.advice;
  }

  readingOf(field, table) {
    return this.trial.readingOf(field, table);
  }

  // What every failed answer comes to: sign in again, ask, or say it. Returns whether it was dealt with.
  trouble(answer, again) {
    if (answer.status === 401 || answer.told.kind === "forged") this.saving.signIn(again);
    else if (answer.status === 409) this.saving.conflict(answer.told.message);
    else this.tell(answer.status ? (answer.told.message ?? this.words.broken) : this.words.no_server, "bad");
  }

  // ---- list and form settings

  #showList() {
    const { content } = this.design;
    const wanted = content.pages.flatMap((page, number) => page.fields.flatMap((field) => [field, ...(field.columns ?? [])].map((each) => ({ field: each, number, inner: each !== field }))));
    const known = new Map([...this.list.children].map((item) => [item.dataset.uid, item]));
    wanted.forEach(({ field, inner }, at) => {
      const uid = field["@uid"];
      const item = known.get(uid) ?? this.#newEntry(uid);
      known.delete(uid);
      if (this.list.children[at] !== item && !item.contains(document.activeElement)) this.list.insertBefore(item, this.list.children[at] ?? null);
      item.className = inner ? "inner" : "";
      const [name, kind, state] = item.firstElementChild.children;
      name.textContent = field.name;
      kind.textContent = this.kindName(field.kind);
      state.textContent = this.stateWord(this.stateOf(uid));
      state.className = `tag ${this.stateOf(uid) === "wrong" ? "bad" : "doubt"}`;
      state.hidden = !state.textContent;
      item.firstElementChild.setAttribute("aria-pressed", String(this.isSelected(uid)));
    });
    for (const item of known.values()) item.remove();
  }

  #newEntry(uid) {
    const item = document.createElement("li");
    item.dataset.uid = uid;
    const button = item.appendChild(document.createElement("button"));
    button.type = "button";
    for (const name of ["name", "kind soft", "tag"]) button.appendChild(document.createElement("span")).className = name;
    button.addEventListener("click", (event) => {
      if (event.shiftKey) this.toggle(uid, null);
      else this.select([uid]);
      const shape = one(`.shape[data-uid="${uid}"]`);
      shape?.scrollIntoView({ block: "nearest", inline: "nearest" });
    });
    return item;
  }

  #formSettings() {
    for (const input of all("[data-form-input]")) {
      const key = input.dataset.formInput;
      input.value = this.design.content[key] ?? "";
      const write = () => this.design.change((content) => (content[key] = input.value.trim()), `form:${key}`);
      input.addEventListener("input", (event) => event.isComposing || write());
      input.addEventListener("compositionend", write);
    }
  }

  // The fields that may be the key, each with a box to tick.
  #showKeys() {
    const place = one("[data-keys]");
    const names = [...this.design.every()].filter((field) => field.kind !== "table" && !field.personal && !this.#inTable(field)).map((field) => field.name);
    const chosen = this.design.content.key ?? [];
    const wanted = [...new Set([...names, ...chosen])];
    while (place.children.length > wanted.length) place.lastElementChild.remove();
    while (place.children.length < wanted.length) place.append(this.#newKey());
    wanted.forEach((name, at) => {
      const [box, words] = place.children[at].children;
      box.value = name;
      box.checked = chosen.includes(name);
      words.textContent = name;
    });
  }

  #inTable(field) {
    return Boolean(this.design.find(field["@uid"])?.table);
  }

  #newKey() {
    const label = document.createElement("label");
    label.className = "choice";
    const box = label.appendChild(document.createElement("input"));
    box.type = "checkbox";
    label.append(document.createElement("span"));
    box.addEventListener("change", () => {
      this.design.change((content) => {
        const others = (content.key ?? []).filter((name) => name !== box.value);
        content.key = box.checked ? [...others, box.value] : others;
      });
    });
    return label;
  }

  // ---- tools

  #tools() {
    one("[data-tool=draw]").addEventListener("click", () => this.draw(true));
    one("[data-tool=select]").addEventListener("click", () => this.draw(false));
    one("[data-tool=add]").addEventListener("click", () => this.add(this.page ?? 0, this.#middle()));
    one("[data-undo]").addEventListener("click", () => this.design.undo());
    one("[data-redo]").addEventListener("click", () => this.design.redo());
    one("[data-whole]").addEventListener("click", () => this.select([]));
    for (const button of all("[data-zoom]")) button.addEventListener("click", () => this.#zoomBy(button.dataset.zoom === "in" ? 1 : -1));
    all("[data-show-page]").forEach((tab, at) => tab.addEventListener("click", () => this.turnTo(at)));
    this.turnTo(0);
    document.addEventListener("compositionstart", () => (this.composing = true));
    document.addEventListener("compositionend", () => {
      this.composing = false;
      this.kept.write(this.given.revision, this.design.content);
    });
    document.addEventListener("keydown", (event) => this.#key(event));
    document.addEventListener("keyup", (event) => (this.shiftHeld = event.shiftKey));
    window.addEventListener("beforeunload", (event) => this.unsaved && event.preventDefault());
  }

  #key(event) {
    if (event.isComposing || event.keyCode === 229) return;
    this.shiftHeld = event.shiftKey;
    const key = event.key.toLowerCase();
    const typing = event.target.matches("input:not([type=checkbox]), select, textarea");
    if (event.ctrlKey && key === "s") this.saving.ask();
    else if (event.ctrlKey && !typing && (key === "y" || (key === "z" && event.shiftKey))) this.design.redo();
    else if (event.ctrlKey && !typing && key === "z") this.design.undo();
    else if (event.key === "Escape" && this.drawing) this.draw(false);
    else return;
    event.preventDefault();
  }

  #middle() {
    const [width, height] = this.given.pages[this.page ?? 0].size_mm;
    const frame = one("[data-sheets]").getBoundingClientRect();
    const leaf = all("[data-leaf]")[this.page ?? 0].getBoundingClientRect();
    const y = ((frame.top + frame.height / 2 - leaf.top) / leaf.height) * height;
    return [Math.round(width / 2 - 20), Math.min(Math.max(5, Math.round(y)), height - 15), 40, 8];
  }

  #zoomBy(by) {
    const at = ZOOMS.indexOf(this.zoom) + by;
    this.zoom = ZOOMS[Math.min(Math.max(at, 0), ZOOMS.length - 1)];
    one("[data-zoom-shown]").textContent = `${this.zoom * 100} %`;
    for (const leaf of all("[data-leaf]")) leaf.dataset.zoomed = String(this.zoom).replace(".", "_");
    one(".shape.active")?.scrollIntoView({ block: "center", inline: "center" });
  }

  #offerKept() {
    const kept = this.kept.read();
    const note = one("[data-kept]");
    if (!kept || kept.revision !== this.given.revision || JSON.stringify(kept.fields) === JSON.stringify(this.design.content)) return;
    note.hidden = false;
    note.querySelector("[data-take]").addEventListener("click", () => {
      this.design.change((content) => Object.assign(content, kept.fields));
      note.hidden = true;
    });
    note.querySelector("[data-leave]").addEventListener("click", () => {
      this.kept.clear();
      note.hidden = true;
    });
  }
}

new Designer(JSON.parse(one("#given").textContent));
document.documentElement.dataset.ready = "yes";
