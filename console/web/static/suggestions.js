// What master data offer while a value is typed: a list under the field. Nothing is active until an arrow key chooses,
// so that Enter goes on as ever; while an IME composes, the list is silent.
const PAUSE = 150; // ms without a key before the server is asked

export class Suggestions {
  constructor(field, ask, take, tell) {
    this.field = field;
    this.input = field.input;
    this.list = field.element.querySelector("[data-suggestions]");
    this.ask = ask;
    this.take = take;
    this.tell = tell;
    this.active = -1;
    this.asked = 0;
    this.timer = null;
    this.composing = false;
    this.input.addEventListener("compositionstart", () => (this.composing = true));
    this.input.addEventListener("compositionend", () => {
      this.composing = false;
      this.#soon();
    });
    this.input.addEventListener("input", () => this.#soon());
    this.input.addEventListener("focus", () => this.#soon());
    this.input.addEventListener("blur", () => this.#close());
    this.input.addEventListener("keydown", (event) => this.#onKey(event));
    this.list.addEventListener("pointerdown", (event) => {
      event.preventDefault(); // the focus stays in the field
      const option = event.target.closest("[role=option]");
      if (option) this.#choose([...this.list.children].indexOf(option));
    });
  }

  #onKey(event) {
    if (event.isComposing || event.keyCode === 229) return;
    if (this.list.hidden || event.ctrlKey || event.altKey || event.metaKey) return;
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in moves) this.#move(moves[event.key]);
    else if (event.key === "Escape") this.#close();
    else if (event.key === "Enter" && this.active >= 0) this.#choose(this.active);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #move(by) {
    const places = this.list.children.length + 1; // one place is "none of them"
    this.active = ((this.active + 1 + by + places) % places) - 1;
    for (const [place, option] of [...this.list.children].entries()) {
      option.setAttribute("aria-selected", String(place === this.active));
    }
    const chosen = this.list.children[this.active];
    if (chosen) this.input.setAttribute("aria-activedescendant", chosen.id);
    else this.input.removeAttribute("aria-activedescendant");
    chosen?.scrollIntoView({ block: "nearest" });
  }

  #choose(place) {
    const { value } = this.list.children[place].dataset;
    this.#close();
    this.take(this.field, value);
  }

  #soon() {
    clearTimeout(this.timer);
    this.#hide();
    if (!this.composing && !this.input.readOnly) this.timer = setTimeout(() => this.#fetch(), PAUSE);
  }

  async #fetch() {
    const asked = ++this.asked;
    const found = await this.ask(this.field);
    if (asked === this.asked && found.length && !this.composing && document.activeElement === this.input) this.#show(found);
  }

  #show(found) {
    const options = found.map((one, place) => {
      const option = document.createElement("li");
      option.id = `${this.list.id}-${place}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.dataset.value = one.value;
      option.textContent = one.label;
      return option;
    });
    this.list.replaceChildren(...options);
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.tell(found.length);
  }

  #close() {
    clearTimeout(this.timer);
    this.#hide();
  }

  #hide() {
    this.asked += 1;
    this.active = -1;
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}
