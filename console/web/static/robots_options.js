// The list of options at the caret. The focus stays in the text; the list is announced by aria-activedescendant.
import { contextAt, fitting, optionsAt } from "./robots_hints.js";

const MOST = 60;

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
      if (chosen) this.take([...place.children].indexOf(chosen));
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
    this.shown = asked || begun ? options.slice(0, MOST) : [];
    if (asked) this.spoken(this.shown.length ? this.given.words.options.replace("{count}", this.shown.length) : this.given.words.no_options);
    if (!this.shown.length) return this.close();
    this.back = { row, column };
    this.at = 0;
    this.#draw();
    return undefined;
  }

  move(by) {
    this.at = (this.at + by + this.shown.length) % this.shown.length;
    this.#mark();
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

  #draw() {
    this.place.replaceChildren(
      ...this.shown.map((option, at) => {
        const row = document.createElement("li");
        row.id = `option-${at}`;
        row.setAttribute("role", "option");
        for (const words of [option.label, option.about]) row.appendChild(document.createElement("span")).textContent = words;
        return row;
      }),
    );
    this.place.hidden = false;
    this.place.scrollTop = 0;
    this.paper.text.setAttribute("aria-controls", this.place.id);
    const { x, y, height, room } = this.paper.spot({ row: this.back.row, column: Math.max(0, this.back.column - this.shown[0].back) });
    const left = Math.max(4, Math.min(x, room.width - this.place.offsetWidth - 6));
    const below = y + height + this.place.offsetHeight < room.height;
    this.place.style.left = `${left}px`;
    this.place.style.top = `${below ? y + height : Math.max(4, y - this.place.offsetHeight)}px`;
    this.#mark();
  }

  #mark() {
    [...this.place.children].forEach((row, at) => row.setAttribute("aria-selected", String(at === this.at)));
    this.place.children[this.at].scrollIntoView({ block: "nearest" });
    this.paper.text.setAttribute("aria-activedescendant", `option-${this.at}`);
  }
}
