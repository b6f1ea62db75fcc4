// The list of options at the caret. The focus stays in the text; the list is announced by aria-activedescendant.
import { contextAt, fitting, optionsAt } from "./robots_hints.js";

const SEEN = 9;

// Whether a brace is missing behind the caret: fewer are closed there than stand open before it.
function isOpen(head, rest) {
  const count = (text, sign) => text.split(sign).length - 1;
  return !/^\s*\|/.test(rest) && count(head, "{") - count(head, "}") > count(rest, "}") - count(rest, "{");
}

export class Options {
  constructor(paper, place, given, spoken) {
    this.paper = paper;
    this.place = place;
    this.given = given;
    this.spoken = spoken;
    this.shown = [];
    this.at = 0;
    place.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      const chosen = event.target.closest("[role=option]");
      if (chosen) this.take(this.first + [...place.children].indexOf(chosen));
    });
    place.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.move(Math.sign(event.deltaY));
    });
  }

  get open() {
    return !this.place.hidden;
  }

  // By itself only after something was begun; when asked for also before.
  offer(asked) {
    const { row, column } = this.paper.caret;
    const context = contextAt(this.paper.lines, row, column);
    const options = context.kind === "none" ? [] : fitting(optionsAt(context, this.given, this.paper.lines), context);
    const begun = context.kind === "place" || context.prefix.trim() !== "" || context.inFlow;
    this.shown = asked || begun ? options : [];
    if (asked) this.spoken(this.shown.length ? this.given.words.options.replace("{count}", this.shown.length) : this.given.words.no_options);
    if (!this.shown.length) return this.close();
    this.back = { row, column };
    this.at = 0;
    this.first = 0;
    this.#draw();
    this.#lay();
    return undefined;
  }

  move(by) {
    this.at = (this.at + by + this.shown.length) % this.shown.length;
    this.first = Math.min(Math.max(this.first, this.at - SEEN + 1), this.at);
    this.#draw();
  }

  take(at = this.at) {
    const option = this.shown[at];
    const { text } = this.paper;
    const end = text.selectionEnd;
    const line = this.paper.lines[this.back.row];
    const closing = option.closes && isOpen(line.slice(0, this.back.column), line.slice(this.back.column)) ? "}" : "";
    this.close();
    this.paper.replace(end - option.back, end, option.insert + closing, option.caret);
  }

  close() {
    this.place.hidden = true;
    this.shown = [];
    this.paper.text.removeAttribute("aria-activedescendant");
    this.paper.text.removeAttribute("aria-controls");
  }

  // Nine options at a time; the arrows move on. A list that scrolls by itself could not be reached by keyboard.
  #draw() {
    this.place.replaceChildren(
      ...this.shown.slice(this.first, this.first + SEEN).map((option, place) => {
        const at = this.first + place;
        const row = document.createElement("li");
        row.id = `option-${at}`;
        row.setAttribute("role", "option");
        row.setAttribute("aria-selected", String(at === this.at));
        row.setAttribute("aria-posinset", at + 1);
        row.setAttribute("aria-setsize", this.shown.length);
        for (const words of [option.label, option.about]) row.appendChild(document.createElement("span")).textContent = words;
        return row;
      }),
    );
    this.place.hidden = false;
    this.paper.text.setAttribute("aria-controls", this.place.id);
    this.paper.text.setAttribute("aria-activedescendant", `option-${this.at}`);
  }

  #lay() {
    const { x, y, height, room } = this.paper.spot({ row: this.back.row, column: Math.max(0, this.back.column - this.shown[0].back) });
    const left = Math.max(4, Math.min(x, room.width - this.place.offsetWidth - 6));
    const below = y + height + this.place.offsetHeight < room.height;
    this.place.style.left = `${left}px`;
    this.place.style.top = `${below ? y + height : Math.max(4, y - this.place.offsetHeight)}px`;
  }
}
