// The settings of the field in hand. Every row stands in the page from the beginning and is shown or hidden, so that no
// input that somebody types in is ever replaced; its value is only written while it has no focus.
import { put, reach } from "./designer_model.js";

const plain = (text) => text.normalize("NFKC").trim();
const NUMBERS = ["pitch", "rows", "row_gap", "decimals", "min", "max", "least", "most", "limit", "min_rows"];

export class Panel {
  constructor(root, designer) {
    this.root = root;
    this.designer = designer;
    this.rows = [...root.querySelectorAll("[data-row]")];
    this.kind = root.querySelector("[data-input=kind]");
    this.options = root.querySelector("[data-options]");
    for (const input of root.querySelectorAll("[data-input]")) {
      const type = input.matches("select, [type=checkbox]") ? "change" : "input";
      input.addEventListener(type, (event) => event.isComposing || this.#write(input));
      input.addEventListener("compositionend", () => this.#write(input));
      input.addEventListener("blur", () => this.show());
    }
    for (const button of root.querySelectorAll("[data-do]")) button.addEventListener("click", () => this.#act(button.dataset.do));
    root.addEventListener("keydown", (event) => {
      if (event.isComposing || event.keyCode === 229) return;
      if (event.key === "Escape" && this.uid) designer.focusSheet();
    });
  }

  get uid() {
    const { active, selected } = this.designer;
    return active?.uid ?? selected.at(-1) ?? null;
  }

  get found() {
    return this.uid && this.designer.design.find(this.uid);
  }

  show() {
    const found = this.found;
    this.root.querySelector("[data-nothing]").hidden = Boolean(found);
    this.root.querySelector("[data-form]").hidden = Boolean(found);
    this.root.querySelector("[data-field]").hidden = !found;
    if (!found) return;
    const { field } = found;
    const { design } = this.designer;
    const sort = design.sort(field);
    const keys = ["name", "kind", ...this.designer.kindKeys(field.kind)];
    const moment = sort === "date" || sort === "time";
    const shown = {
      part: design.boxes(field).length > 1,
      box: sort !== "table" && Boolean(this.#box()),
      part_cells: moment && !field.box && this.designer.active?.path[1] === "box",
      split: sort === "box",
      rows_title: !found.table && sort !== "table",
      date_split: field.kind === "date" && Boolean(field.box),
      time_split: field.kind === "time" && Boolean(field.box),
      date_line: moment && !field.box,
      era: field.kind === "date" && !field.box,
      cells: sort === "box",
    };
    for (const row of this.rows) {
      const { row: key, sort: only } = row.dataset;
      row.hidden = !(shown[key] ?? keys.includes(key)) || (only !== undefined && only !== sort);
    }
    this.root.querySelector("[data-kind-about]").textContent = this.designer.given.kinds[field.kind]?.help ?? "";
    for (const input of this.root.querySelectorAll("[data-input]")) this.#fill(input, field);
    this.#showOptions(field, sort);
    this.#showBanks(field);
    this.#says();
    this.#reading(found);
  }

  #box() {
    const found = this.found;
    const path = this.designer.active?.path ?? ["box"];
    return found ? reach(found.field, path) : null;
  }

  #fill(input, field) {
    if (document.activeElement === input) return;
    const key = input.dataset.input;
    if (input.type === "checkbox") input.checked = field[key] ?? key === "required";
    else {
      const wanted = this.#shown(key, field);
      if (input.value !== wanted) input.value = wanted;
    }
    if (key === "kind") input.disabled = field.kind === "table";
  }

  #shown(key, field) {
    if (key.startsWith("box.")) return String(this.#box()?.[Number(key.slice(4))] ?? "");
    if (key === "part_cells") return String(field[this.designer.active?.path[0]]?.cells ?? 2);
    if (key.startsWith("marks.")) return field.marks ? (field.marks[key.slice(6)] ?? "") : "";
    if (key === "verify") return field.verify ?? "check";
    if (key === "era") return typeof field.era === "string" ? field.era : "marked";
    if (key === "part") return JSON.stringify(this.designer.active?.path ?? []);
    const value = field[key];
    return Array.isArray(value) ? value.join(",") : value === undefined || value === null ? "" : String(value);
  }

  #write(input) {
    const { uid } = this;
    const key = input.dataset.input;
    if (!uid || !key) return;
    const { design } = this.designer;
    const { field } = this.found;
    const value = input.type === "checkbox" ? input.checked : input.value;
    if (key === "name") design.rename(uid, value.trim());
    else if (key === "kind") this.#kind(uid, value);
    else if (key === "part") this.designer.activate(uid, JSON.parse(value));
    else if (key.startsWith("box.")) this.#measure(Number(key.slice(4)), value);
    else if (key === "part_cells") design.set(uid, [this.designer.active.path[0], "cells"], number(value), key);
    else if (key.startsWith("marks.")) this.#mark(uid, field, key.slice(6), value.trim());
    else if (key === "required") design.set(uid, [key], value ? undefined : false);
    else if (input.type === "checkbox") design.set(uid, [key], value ? true : undefined);
    else if (key === "verify") design.set(uid, [key], value === "check" ? undefined : value);
    else if (key === "era") this.#era(uid, value);
    else if (key === "cells" || key === "gap") design.set(uid, [key], list(value), key);
    else if (key === "formats") design.set(uid, [key], plain(value) ? plain(value).split(/[,\s]+/) : undefined, key);
    else if (NUMBERS.includes(key)) design.set(uid, [key], number(value), key);
    else design.set(uid, [key], value.trim(), key);
  }

  #kind(uid, kind) {
    this.designer.design.convert(uid, kind);
    this.designer.select([uid]);
  }

  #measure(at, text) {
    const value = number(text);
    const box = this.#box();
    if (value === undefined || !Number.isFinite(value) || !box) return;
    const wanted = [...box];
    wanted[at] = value;
    this.designer.place([{ ...this.designer.active, box: wanted }], `box${at}`);
  }

  #mark(uid, field, mark, word) {
    const marks = { ...(field.marks ?? {}) };
    put(marks, [mark], word);
    this.designer.design.set(uid, ["marks"], Object.keys(marks).length ? marks : undefined, `marks.${mark}`);
  }

  #era(uid, value) {
    const [first] = this.designer.design.boxes(this.found.field);
    if (value !== "marked") return this.designer.design.set(uid, ["era"], value);
    const [x, y, , h] = first.box;
    const at = (number) => [Math.max(0, Math.round((x - 30 + number * 14) * 10) / 10), y, 12, h];
    this.designer.design.set(uid, ["era"], { style: "circle", options: { 昭和: at(0), 平成: at(1) } });
  }

  #act(what) {
    const { uid, designer } = this;
    const { design } = designer;
    if (!uid) return;
    if (what === "remove") designer.removeSelected();
    else if (what === "duplicate") designer.select([design.copy(uid)]);
    else if (what === "up") design.shift(uid, -1);
    else if (what === "down") design.shift(uid, 1);
    else if (what === "split") this.#split(uid);
    else if (what === "tabulate") this.#tabulate();
    else if (what === "moment") design.splitMoment(uid), designer.select([uid]);
    else if (what === "line") design.joinMoment(uid), designer.select([uid]);
    else if (what === "option") this.#addOption(uid);
  }

  #split(uid) {
    const cells = list(this.root.querySelector("[data-split-count]").value);
    const gap = number(this.root.querySelector("[data-split-gap]").value);
    if (cells !== undefined) this.designer.design.split(uid, [cells].flat(), gap ?? 0);
  }

  #tabulate() {
    const rows = number(this.root.querySelector("[data-table-rows]").value);
    const pitch = number(this.root.querySelector("[data-table-pitch]").value);
    if (!(rows >= 1) || !(pitch > 0)) return;
    const table = this.designer.design.tabulate(this.designer.selected, rows, pitch);
    if (table) this.designer.select([table]);
  }

  #addOption(uid) {
    const { field } = this.found;
    const names = Object.keys(field.options ?? {});
    const [x, y, w, h] = field.options[names.at(-1)];
    let number = names.length + 1;
    while (names.includes(`${this.designer.words.option}${number}`)) number += 1;
    const name = `${this.designer.words.option}${number}`;
    const right = Math.round((x + w + 2) * 10) / 10;
    this.designer.design.set(uid, ["options"], { ...field.options, [name]: [right, y, w, h] });
    this.designer.activate(uid, ["options", name]);
  }

  #showOptions(field, sort) {
    const names = sort === "choice" ? Object.keys(field.options ?? {}) : [];
    while (this.options.children.length > names.length) this.options.lastElementChild.remove();
    while (this.options.children.length < names.length) this.options.append(this.#newOption(this.options.children.length));
    names.forEach((name, at) => {
      const [input, pick] = this.options.children[at].children;
      if (document.activeElement !== input && input.value !== name) input.value = name;
      pick.setAttribute("aria-pressed", String(this.designer.isActive(this.uid, ["options", name])));
    });
  }

  #newOption(at) {
    const item = document.createElement("li");
    const input = document.createElement("input");
    input.setAttribute("aria-label", this.designer.say("option_name", { number: at + 1 }));
    input.maxLength = 60;
    const pick = this.#button(this.designer.words.show, () => this.designer.activate(this.uid, ["options", this.#optionAt(at)]));
    const drop = this.#button(this.designer.words.remove, () => this.#renameOption(at, null));
    input.addEventListener("input", (event) => event.isComposing || this.#renameOption(at, input.value));
    input.addEventListener("compositionend", () => this.#renameOption(at, input.value));
    item.append(input, pick, drop);
    return item;
  }

  #button(words, act) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = words;
    button.addEventListener("click", act);
    return button;
  }

  #optionAt(at) {
    return Object.keys(this.found.field.options)[at];
  }

  #renameOption(at, name) {
    const old = this.#optionAt(at);
    const { options } = this.found.field;
    if (name !== null && (name === old || name in options)) return;
    const entries = Object.entries(options).map(([one, box]) => [one === old ? name : one, box]);
    const kept = entries.filter(([one]) => one !== null);
    if (!kept.length) return;
    const active = this.designer.isActive(this.uid, ["options", old]);
    this.designer.active = active ? { uid: this.uid, path: ["options", name ?? kept[0][0]] } : this.designer.active;
    this.designer.design.set(this.uid, ["options"], Object.fromEntries(kept), name === null ? "" : `option${at}`);
  }

  #showBanks(field) {
    const select = this.root.querySelector("[data-input=bank]");
    const part = this.root.querySelector("[data-input=part]");
    const { design } = this.designer;
    const banks = [...design.every()].filter((one) => one.kind === "bank" || one.check === "bank").map((one) => one.name);
    fillSelect(select, banks.map((name) => [name, name]), field.bank ?? "");
    const boxes = design.boxes(field).map(({ path, label }) => [JSON.stringify(path), label || this.designer.words.box]);
    fillSelect(part, boxes, JSON.stringify(this.designer.active?.path ?? []));
  }

  #says() {
    const remarks = this.designer.remarksOf(this.uid);
    for (const place of this.root.querySelectorAll("[data-says]")) {
      const key = place.dataset.says;
      const own = remarks.filter((remark) => (key === "" ? !this.#hasRow(remark.key) : remark.key === key));
      const text = own.map((remark) => `${this.designer.levelWord(remark.level)}: ${remark.what} ${remark.do}`).join("\n");
      if (place.textContent !== text) place.textContent = text;
      place.className = `says ${own.some((remark) => remark.level === "error") ? "bad" : "warn"}`;
    }
  }

  #hasRow(key) {
    return this.rows.some((row) => row.dataset.row === key && !row.hidden && row.querySelector("[data-says]"));
  }

  #reading({ field, table }) {
    const place = this.root.querySelector("[data-reading]");
    const reading = this.designer.readingOf(field, table);
    place.hidden = !reading;
    if (!reading) return;
    place.querySelector("[data-value]").textContent = reading.value || this.designer.words.empty;
    const state = reading.accepted ? this.designer.words.automatic : this.designer.words.doubtful;
    place.querySelector("[data-sure]").textContent = `${state} ${Math.round(reading.probability * 100)} %`;
    place.querySelector("[data-sure]").className = `tag ${reading.accepted ? "confirmed" : "doubtful"}`;
    place.querySelector("[data-reason]").textContent = reading.reason;
  }
}

function fillSelect(select, entries, value) {
  if (document.activeElement !== select) {
    const wanted = JSON.stringify(entries);
    if (select.dataset.held !== wanted) {
      while (select.options.length > (select.dataset.keep ? 1 : 0)) select.lastElementChild.remove();
      for (const [key, words] of entries) select.append(new Option(words, key));
      select.dataset.held = wanted;
    }
    select.value = value;
  }
}

function number(text) {
  const value = Number(plain(text));
  return plain(text) === "" ? undefined : Number.isFinite(value) ? value : text;
}

// "7" is seven cells, "3,4" groups of three and four.
function list(text) {
  const parts = plain(text).split(/[,、\s]+/).filter(Boolean).map(number);
  return parts.length > 1 ? parts : parts[0];
}
