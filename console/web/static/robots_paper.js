// The text with its line numbers, and the messages at their lines. The text is a plain textarea, so that conversion of
// Japanese, undo and screen readers work as everywhere; numbers and marks lie behind and beside it, and only those in
// sight are drawn. Nothing here ever writes the text of a textarea that has the focus.
const PADDING_TOP = 6;
const PADDING_LEFT = 12;
const MOST_TYPED = 200;

export class Paper {
  constructor(place, changed) {
    this.text = place.querySelector("[data-text]");
    this.gutter = place.querySelector("[data-gutter]");
    this.marks = place.querySelector("[data-marks]");
    this.changed = changed;
    this.remarks = new Map();
    this.lines = this.text.value.split("\n");
    this.measure = document.createElement("canvas").getContext("2d");
    this.text.addEventListener("input", () => this.#typed());
    this.text.addEventListener("scroll", () => this.#later());
    document.addEventListener("selectionchange", () => this.#later());
    new ResizeObserver(() => this.#later()).observe(this.text);
    this.#later();
  }

  get value() {
    return this.text.value;
  }

  // Fills the empty page before anybody has typed.
  fill(text) {
    if (this.text.value !== text) this.text.value = text;
    this.#typed();
  }

  get caret() {
    const before = this.text.value.slice(0, this.text.selectionEnd);
    const row = before.split("\n").length - 1;
    return { row, column: before.length - (before.lastIndexOf("\n") + 1) };
  }

  start(row) {
    return this.lines.slice(0, row).reduce((sum, line) => sum + line.length + 1, 0);
  }

  // Replaces a part as if it had been typed, so that Ctrl+Z takes it back; a long one all at once, because browsers
  // take minutes to type thousands of lines.
  replace(from, to, text, caret = 0) {
    this.text.focus();
    this.text.setSelectionRange(from, to);
    const long = text.split("\n").length > MOST_TYPED;
    const done = !long && (text ? document.execCommand("insertText", false, text) : document.execCommand("delete"));
    if (!done) {
      this.text.setRangeText(text, from, to, "end");
      this.text.dispatchEvent(new InputEvent("input", { bubbles: true }));
    }
    const end = from + text.length + caret;
    this.text.setSelectionRange(end, end);
  }

  go(line, column = 1) {
    const row = Math.min(Math.max(line, 1), this.lines.length) - 1;
    const at = this.start(row) + Math.min(Math.max(column, 1) - 1, this.lines[row].length);
    this.text.focus();
    this.text.setSelectionRange(at, at);
    const height = this.#height();
    const top = PADDING_TOP + row * height;
    const out = top < this.text.scrollTop || top + height > this.text.scrollTop + this.text.clientHeight;
    if (out) this.text.scrollTop = top - this.text.clientHeight / 3;
    this.#later();
  }

  note(remarks) {
    this.remarks = new Map();
    for (const remark of remarks) {
      if (!remark.line) continue;
      const known = this.remarks.get(remark.line);
      if (!known || (known.level === "warning" && remark.level === "error")) this.remarks.set(remark.line, remark);
    }
    this.#later();
  }

  // Where the character before the caret stands, from the corner of the editor.
  spot({ row, column }) {
    const frame = this.text.getBoundingClientRect();
    const outer = this.text.closest("[data-editor]").getBoundingClientRect();
    const x = PADDING_LEFT + this.#width(this.lines[row].slice(0, column)) - this.text.scrollLeft;
    const y = PADDING_TOP + row * this.#height() - this.text.scrollTop;
    return { x: frame.left - outer.left + x, y: frame.top - outer.top + y, height: this.#height(), room: outer };
  }

  #typed() {
    this.lines = this.text.value.split("\n");
    this.#later();
    this.changed();
  }

  #later() {
    if (this.waiting) return;
    this.waiting = requestAnimationFrame(() => {
      this.waiting = 0;
      this.#draw();
    });
  }

  #height() {
    return Number.parseFloat(getComputedStyle(this.text).lineHeight);
  }

  #width(text) {
    this.measure.font = getComputedStyle(this.text).font;
    return this.measure.measureText(text.replaceAll("\t", "  ")).width;
  }

  #draw() {
    const height = this.#height();
    const { scrollTop, scrollLeft, clientHeight } = this.text;
    const first = Math.max(0, Math.floor((scrollTop - PADDING_TOP) / height));
    const last = Math.min(this.lines.length, first + Math.ceil(clientHeight / height) + 2);
    const now = this.caret.row;
    const numbers = document.createDocumentFragment();
    const marks = document.createDocumentFragment();
    for (let row = first; row < last; row += 1) {
      const top = `${PADDING_TOP + row * height - scrollTop}px`;
      const remark = this.remarks.get(row + 1);
      const number = numbers.appendChild(document.createElement("div"));
      number.textContent = row + 1;
      number.style.top = top;
      number.className = `${remark?.level ?? ""}${row === now ? " now" : ""}`.trim();
      if (!remark && row !== now) continue;
      const mark = marks.appendChild(document.createElement("div"));
      mark.style.top = top;
      mark.className = remark?.level ?? "now";
      if (!remark) continue;
      const words = mark.appendChild(document.createElement("span"));
      words.textContent = `◀ ${remark.what}`;
      words.style.left = `${PADDING_LEFT + this.#width(this.lines[row]) - scrollLeft + 18}px`;
    }
    this.gutter.replaceChildren(numbers);
    this.marks.replaceChildren(marks);
  }
}
