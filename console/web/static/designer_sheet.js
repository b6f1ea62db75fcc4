// One page of the form: its picture with the fields as boxes above it. Pointer and keyboard move, stretch and draw.
// Nothing goes to the server while something is dragged; the design changes once, when it is let go.
import { reach, round, spans } from "./designer_model.js";

const SVG = "http://www.w3.org/2000/svg";
const HANDLES = ["nw", "n", "ne", "e", "se", "s", "sw", "w"];
const LEAST_MM = 1;
const CLICK_MM = 1.5; // a shorter way is a click

export class Sheet {
  constructor(leaf, number, seen, designer, rulings) {
    this.leaf = leaf;
    this.number = number;
    this.size = seen.size_mm;
    this.designer = designer;
    this.rulings = rulings;
    this.svg = leaf.querySelector("svg");
    this.svg.setAttribute("viewBox", `0 0 ${this.size[0]} ${this.size[1]}`);
    this.layer = this.svg.appendChild(make("g"));
    this.readings = this.svg.appendChild(make("g", { class: "readings", "aria-hidden": "true" }));
    this.grips = this.svg.appendChild(make("g", { class: "grips" }));
    this.rubber = this.svg.appendChild(make("rect", { class: "rubber", hidden: "" }));
    this.shapes = new Map();
    this.drag = null;
    for (const handle of HANDLES) this.grips.append(make("rect", { "data-handle": handle, class: `grip ${handle}`, width: 2.2, height: 2.2 }));
    this.svg.addEventListener("pointerdown", (event) => this.#down(event));
    this.svg.addEventListener("pointermove", (event) => this.#move(event));
    this.svg.addEventListener("pointerup", (event) => this.#up(event));
    this.svg.addEventListener("pointercancel", () => this.#cancel());
    this.svg.addEventListener("keydown", (event) => this.#key(event));
    this.svg.addEventListener("focusin", (event) => this.#focus(event));
  }

  // Brings the drawing up to date without replacing what has the focus.
  draw() {
    const { design } = this.designer;
    const seen = new Set();
    const fields = design.content.pages[this.number].fields;
    for (const field of fields) {
      for (const one of field.columns ?? [field]) {
        design.boxes(one).forEach(({ path, label, box }, at) => {
          const key = `${one["@uid"]}/${path.join("/")}`;
          seen.add(key);
          this.#shape(key, { field: one, table: field.columns ? field : null, path, label, first: at === 0 }, this.drag?.boxes?.get(key) ?? box);
        });
      }
    }
    for (const [key, group] of this.shapes) {
      if (seen.has(key)) continue;
      group.read.remove();
      group.remove();
      this.shapes.delete(key);
    }
    this.svg.classList.toggle("tried", this.designer.trial?.shown ?? false);
    this.#grip();
  }

  focus(uid, path) {
    const wanted = path ? `${uid}/${path.join("/")}` : [...this.shapes.keys()].find((key) => key.startsWith(`${uid}/`));
    this.shapes.get(wanted)?.focus();
  }

  #shape(key, { field, table, path, label, first }, box) {
    const group = this.shapes.get(key) ?? this.#newShape(key, field["@uid"], path);
    const { designer } = this;
    const chosen = designer.isSelected(field["@uid"]);
    const state = designer.stateOf(field["@uid"]);
    group.setAttribute("class", ["shape", chosen ? "chosen" : "", designer.isActive(field["@uid"], path) ? "active" : "", state].join(" "));
    group.setAttribute("aria-pressed", String(chosen));
    const name = [table?.name, field.name, label].filter(Boolean).join(" ");
    const [x, y, w, h] = box;
    const numbers = { name, kind: designer.kindName(field.kind), x: round(x), y: round(y), w: round(w), h: round(h) };
    group.setAttribute("aria-label", [designer.stateWord(state), designer.say("label", numbers)].filter(Boolean).join(designer.comma));
    const [area, cells, ghosts, words] = group.children;
    const { read } = group;
    set(area, { x, y, width: Math.max(0, w), height: Math.max(0, h) });
    cells.setAttribute("d", path.length === 1 ? cellLines({ ...field, box }) : partLines(field, path, box));
    ghosts.setAttribute("d", table ? ghostRows(table, box) : "");
    set(words, { x, y: y - 0.5 });
    words.textContent = first ? [designer.stateWord(state), field.name].filter(Boolean).join(" ") : label;
    const reading = first ? designer.readingOf(field, table) : null;
    set(read, { x: x + 0.3, y: y + h + 2.9, class: reading && !reading.accepted ? "read unsure" : "read" });
    read.textContent = reading?.text ?? "";
  }

  #newShape(key, uid, path) {
    const group = make("g", { tabindex: "0", role: "button", "data-key": key, "data-uid": uid, "data-path": JSON.stringify(path) });
    for (const [name, kind] of [["rect", "area"], ["path", "cells"], ["path", "ghosts"], ["text", "words"]]) {
      group.append(make(name, { class: kind }));
    }
    group.read = this.readings.appendChild(make("text", { class: "read" }));
    this.layer.append(group);
    this.shapes.set(key, group);
    return group;
  }

  #grip() {
    const active = this.designer.active;
    const found = active && this.designer.design.find(active.uid);
    const key = active && `${active.uid}/${active.path.join("/")}`;
    const box = found?.page === this.number ? (this.drag?.boxes?.get(key) ?? reach(found.field, active.path)) : null;
    this.grips.toggleAttribute("hidden", !box || !this.shapes.has(key));
    if (!box) return;
    const [x, y, w, h] = box;
    for (const grip of this.grips.children) {
      const handle = grip.dataset.handle;
      const cx = handle.includes("w") ? x : handle.includes("e") ? x + w : x + w / 2;
      const cy = handle.includes("n") ? y : handle.includes("s") ? y + h : y + h / 2;
      set(grip, { x: cx - 1.1, y: cy - 1.1 });
    }
  }

  #at(event) {
    const frame = this.svg.getBoundingClientRect();
    return [((event.clientX - frame.left) / frame.width) * this.size[0], ((event.clientY - frame.top) / frame.height) * this.size[1]];
  }

  #down(event) {
    if (event.button !== 0 || this.drag) return;
    const from = this.#at(event);
    const handle = event.target.dataset?.handle;
    const shape = event.target.closest?.(".shape");
    const { designer } = this;
    if (designer.drawing && !handle) this.drag = { kind: "draw", from, box: null };
    else if (handle) this.drag = { kind: "stretch", from, handle, ...this.#held([designer.active]) };
    else if (shape) this.drag = this.#grab(event, shape, from);
    else if (!event.shiftKey) designer.select([]);
    if (!this.drag) return;
    event.preventDefault();
    this.svg.setPointerCapture(event.pointerId);
  }

  #grab(event, shape, from) {
    const { uid } = shape.dataset;
    const path = JSON.parse(shape.dataset.path);
    const chosen = this.designer.isSelected(uid);
    if (event.shiftKey) this.designer.toggle(uid, path);
    else if (!chosen) this.designer.select([uid], path);
    else this.designer.activate(uid, path);
    shape.focus({ preventScroll: true });
    if (event.shiftKey) return null;
    const many = this.designer.selected.length > 1;
    const active = many ? this.designer.selected.flatMap((one) => this.#parts(one)) : [{ uid, path }];
    return { kind: "move", from, ...this.#held(active) };
  }

  #parts(uid) {
    const found = this.designer.design.find(uid);
    if (!found || found.page !== this.number) return [];
    const fields = found.field.columns ?? [found.field];
    return fields.flatMap((field) => this.designer.design.boxes(field).map(({ path }) => ({ uid: field["@uid"], path })));
  }

  #held(parts) {
    const start = new Map();
    const ways = new Map();
    for (const { uid, path } of parts) {
      const key = `${uid}/${path.join("/")}`;
      start.set(key, reach(this.designer.design.find(uid).field, path));
      ways.set(key, { uid, path });
    }
    return { start, ways, boxes: null };
  }

  #move(event) {
    if (!this.drag) return;
    const at = this.#at(event);
    const way = [at[0] - this.drag.from[0], at[1] - this.drag.from[1]];
    const snap = this.designer.snapping && !event.altKey;
    if (this.drag.kind === "draw") {
      let box = this.#clip([Math.min(at[0], this.drag.from[0]), Math.min(at[1], this.drag.from[1]), Math.abs(way[0]), Math.abs(way[1])]);
      if (snap) box = this.rulings.stretch(box, "nesw");
      this.drag.box = box;
      this.rubber.removeAttribute("hidden");
      set(this.rubber, { x: box[0], y: box[1], width: Math.max(0, box[2]), height: Math.max(0, box[3]) });
      return;
    }
    if (!this.drag.boxes && Math.hypot(...way) < 0.3) return;
    this.drag.boxes = new Map();
    for (const [key, box] of this.drag.start) {
      this.drag.boxes.set(key, this.drag.kind === "move" ? this.#moved(box, way, snap && this.drag.start.size === 1) : this.#stretched(box, way, snap));
    }
    this.draw();
  }

  #moved([x, y, w, h], [dx, dy], snap) {
    const box = [x + dx, y + dy, w, h];
    return this.#inside(snap ? this.rulings.settle(box) : box);
  }

  #stretched([x, y, w, h], [dx, dy], snap) {
    const { handle } = this.drag;
    let [left, top, right, bottom] = [x, y, x + w, y + h];
    if (handle.includes("w")) left = Math.min(left + dx, right - LEAST_MM);
    if (handle.includes("e")) right = Math.max(right + dx, left + LEAST_MM);
    if (handle.includes("n")) top = Math.min(top + dy, bottom - LEAST_MM);
    if (handle.includes("s")) bottom = Math.max(bottom + dy, top + LEAST_MM);
    const box = [left, top, right - left, bottom - top];
    return this.#clip(snap ? this.rulings.stretch(box, handle) : box);
  }

  #inside([x, y, w, h]) {
    return [Math.max(0, Math.min(x, this.size[0] - w)), Math.max(0, Math.min(y, this.size[1] - h)), w, h];
  }

  #clip([x, y, w, h]) {
    const left = Math.max(0, x);
    const top = Math.max(0, y);
    return [left, top, Math.min(x + w, this.size[0]) - left, Math.min(y + h, this.size[1]) - top];
  }

  #up(event) {
    const drag = this.drag;
    this.#cancel();
    if (drag?.kind === "draw") this.#drawn(drag, this.#at(event));
    else if (drag?.boxes) this.designer.place([...drag.boxes].map(([key, box]) => ({ ...drag.ways.get(key), box: tenths(box) })));
  }

  #drawn({ from, box }, at) {
    const clicked = !box || Math.hypot(at[0] - from[0], at[1] - from[1]) < CLICK_MM;
    const made = clicked ? this.rulings.around(...from) : box;
    if (made && made[2] >= LEAST_MM && made[3] >= LEAST_MM) this.designer.add(this.number, tenths(made));
  }

  #cancel() {
    this.drag = null;
    this.rubber.setAttribute("hidden", "");
    this.draw();
  }

  #focus(event) {
    const shape = event.target.closest(".shape");
    if (!shape || this.drag) return;
    const { uid } = shape.dataset;
    const path = JSON.parse(shape.dataset.path);
    if (this.designer.isSelected(uid)) this.designer.activate(uid, path);
    else if (!this.designer.shiftHeld) this.designer.select([uid], path);
  }

  #key(event) {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Escape" && this.drag) return this.#cancel();
    const shape = event.target.closest(".shape");
    if (!shape) return;
    const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const arrow = arrows[event.key];
    if (arrow) this.#nudge(arrow.map((way) => way * (event.ctrlKey || event.metaKey ? 0.1 : 1)), event.shiftKey);
    else if (event.key === "Delete" || event.key === "Backspace") this.designer.removeSelected();
    else if (event.key === "Enter") this.designer.editActive();
    else if (event.key === " ") this.designer.toggle(shape.dataset.uid, JSON.parse(shape.dataset.path));
    else return;
    event.preventDefault();
  }

  #nudge([dx, dy], stretch) {
    const { active, selected } = this.designer;
    if (!active) return;
    const parts = selected.length > 1 && !stretch ? selected.flatMap((uid) => this.#parts(uid)) : [active];
    const places = parts.map(({ uid, path }) => {
      const [x, y, w, h] = reach(this.designer.design.find(uid).field, path);
      const box = stretch ? this.#clip([x, y, Math.max(LEAST_MM, w + dx), Math.max(LEAST_MM, h + dy)]) : this.#inside([x + dx, y + dy, w, h]);
      return { uid, path, box: tenths(box) };
    });
    this.designer.place(places, "nudge");
  }
}

function tenths(box) {
  return box.map((value) => Math.round(value * 10) / 10);
}

function cellLines(field) {
  const all = spans(field);
  if (!all.length) return "";
  const [x, y, , h] = field.box;
  const rows = field.rows ?? 1;
  const gap = field.row_gap ?? 0;
  const high = (h - gap * (rows - 1)) / rows;
  const lines = [];
  for (let row = 0; row < rows; row += 1) {
    const top = y + (high + gap) * row;
    for (const [left, right] of all) lines.push(`M${x + left} ${top}H${x + right}V${top + high}H${x + left}Z`);
  }
  return lines.join("");
}

function partLines(field, path, box) {
  const cells = path[1] === "box" ? (field[path[0]].cells ?? 2) : 0;
  return cells ? cellLines({ box, cells }) : "";
}

function ghostRows(table, [x, y, w, h]) {
  const lines = [];
  for (let row = 1; row < Math.min(table.rows ?? 1, 100); row += 1) lines.push(`M${x} ${y + table.pitch * row}h${w}v${h}h${-w}Z`);
  return lines.join("");
}

function make(name, attributes = {}) {
  return set(document.createElementNS(SVG, name), attributes);
}

function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
  }
  return element;
}
