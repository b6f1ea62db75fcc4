// What the keys do in the editor. Tab indents; after Escape the next Tab leaves, so that nobody is caught in the text.
const STEP = 2;

export class Keys {
  constructor(paper, options, acts) {
    this.paper = paper;
    this.options = options;
    this.acts = acts;
    this.leaving = false;
    paper.text.addEventListener("keydown", (event) => this.#down(event));
    paper.text.addEventListener("blur", () => {
      this.leaving = false;
      options.close();
    });
    document.addEventListener("keydown", (event) => {
      if (event.isComposing || event.keyCode === 229) return;
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
        event.preventDefault();
        acts.save();
      }
      if (event.key === "F8" && !document.querySelector("dialog[open]")) {
        event.preventDefault();
        acts.step(event.shiftKey ? -1 : 1);
      }
    });
  }

  #down(event) {
    if (event.isComposing || event.keyCode === 229) return;
    const { options } = this;
    if ((event.ctrlKey && event.key === " ") || (event.altKey && event.key === "ArrowDown")) return this.#stop(event, () => options.offer(true));
    if (event.ctrlKey || event.metaKey || event.altKey) return undefined;
    if (options.open) {
      if (event.key === "ArrowDown") return this.#stop(event, () => options.move(1));
      if (event.key === "ArrowUp") return this.#stop(event, () => options.move(-1));
      if (event.key === "Enter" || (event.key === "Tab" && !event.shiftKey)) return this.#stop(event, () => options.take());
      if (event.key === "Escape") return this.#stop(event, () => options.close());
      if (["ArrowLeft", "ArrowRight", "Home", "End", "PageUp", "PageDown"].includes(event.key)) options.close();
    }
    if (event.key === "Escape") return this.#stop(event, () => this.#leave());
    if (event.key === "Tab") {
      if (this.leaving) return undefined;
      return this.#stop(event, () => (event.shiftKey ? this.#shift(-1) : this.#tab()));
    }
    if (event.key !== "Shift") this.leaving = false;
    if (event.key === "Enter" && !event.shiftKey) return this.#stop(event, () => this.#enter());
    return undefined;
  }

  #stop(event, act) {
    event.preventDefault();
    act();
  }

  #leave() {
    this.leaving = true;
    this.acts.leaving();
  }

  #tab() {
    const { text } = this.paper;
    if (text.selectionStart !== text.selectionEnd) return this.#shift(1);
    const { column } = this.paper.caret;
    return this.paper.replace(text.selectionEnd, text.selectionEnd, " ".repeat(STEP - (column % STEP)));
  }

  // Moves the lines of the selection in or out.
  #shift(by) {
    const { text, lines } = this.paper;
    const first = text.value.slice(0, text.selectionStart).split("\n").length - 1;
    const last = this.paper.caret.row;
    const old = lines.slice(first, last + 1);
    const fresh = old.map((line) => (by > 0 ? (line ? " ".repeat(STEP) + line : line) : line.replace(/^ {1,2}/, "")));
    if (fresh.join("\n") === old.join("\n")) return;
    const from = this.paper.start(first);
    this.paper.replace(from, from + old.join("\n").length, fresh.join("\n"));
    if (last > first) text.setSelectionRange(from, from + fresh.join("\n").length);
  }

  // The new line begins below the old one's text; a key without a value opens a deeper level.
  #enter() {
    const { text, lines, caret } = this.paper;
    const head = lines[caret.row].slice(0, caret.column);
    const [, indent, dashes] = /^( *)((?:- +)*)/.exec(head);
    const opens = /:\s*$/.test(head);
    const depth = opens ? indent.length + dashes.length + STEP : indent.length;
    this.paper.replace(text.selectionStart, text.selectionEnd, `\n${" ".repeat(head.trim() ? depth : caret.column)}`);
  }
}
