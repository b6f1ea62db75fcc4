// One field of the document: its value as it stands in the page, and how far a person has come with it.
export class Field {
  constructor(element, labels) {
    this.element = element;
    this.labels = labels;
    this.name = element.dataset.field;
    this.page = Number(element.dataset.page);
    this.box = element.dataset.box.split(" ").map(Number);
    this.input = element.querySelector("[data-input]");
    this.accepted = element.dataset.accepted === "yes";
    this.many = this.input.dataset.kind === "many";
    this.touched = false; // looked at or changed since the last save
    this.awaited = null; // the server's spelling of the value, to be shown when the field is left
    this.kept = this.value;
    this.written = element.querySelector("[data-written]");
  }

  // Two others differ on it, and this person is one of them.
  get locked() {
    return this.many ? this.input.disabled || this.#boxes.every((box) => box.disabled) : this.input.readOnly || this.input.disabled;
  }

  get #boxes() {
    return [...this.input.querySelectorAll("input")];
  }

  // A person says: it stands on the paper just so.
  get asWritten() {
    return Boolean(this.written && !this.written.hidden && this.written.querySelector("input").checked);
  }

  get value() {
    if (!this.many) return this.input.value;
    return [...this.input.querySelectorAll("input:checked")].map((box) => box.value).join("、");
  }

  set value(value) {
    if (this.many) {
      const chosen = value.split("、");
      for (const box of this.input.querySelectorAll("input")) box.checked = chosen.includes(box.value);
      return;
    }
    if (this.input.value !== value) this.input.value = value;
  }

  get illegible() {
    return this.element.dataset.state === "illegible";
  }

  // A character that nobody has read yet stands in it: to confirm it as it is would only be refused.
  get unread() {
    return this.value.includes("●");
  }

  get open() {
    return ["doubtful", "illegible"].includes(this.element.dataset.state);
  }

  get candidates() {
    return [...this.element.querySelectorAll("[data-candidate]")];
  }

  get focused() {
    return this.element.contains(document.activeElement);
  }

  focus() {
    const details = this.element.closest("details");
    if (details) details.open = true;
    const target = this.many ? this.input.querySelector("input") : this.input;
    target.focus({ preventScroll: true });
    if (target.select && target.type === "text") target.select();
    this.element.scrollIntoView({ block: "nearest" });
  }

  show(state, why = null) {
    this.element.classList.remove("doubtful", "illegible", "confirmed", "corrected", "accepted", "waits");
    this.element.classList.add(state);
    this.element.dataset.state = state;
    this.element.querySelector("[data-tag]").className = `tag ${state}`;
    this.element.querySelector("[data-tag]").textContent = this.labels[`state_${state}`];
    if (why !== null) this.element.querySelector("[data-why]").textContent = why;
  }

  // Whether two entries stand beside the picture and nothing was decided yet.
  get undecided() {
    return "compared" in this.element.dataset && !this.touched;
  }

  confirm() {
    if (this.illegible || this.undecided || this.unread) return;
    this.touched = true;
    this.show("confirmed", "");
  }

  // A change of the value: from now on it is a person's value.
  changed() {
    this.touched = true;
    this.awaited = null;
    if (this.unread) this.show("doubtful");
    else this.show("confirmed", "");
  }

  toggleIllegible() {
    this.touched = true;
    if (this.illegible) this.show("doubtful", "");
    else this.show("illegible", this.labels.illegible_why);
  }

  // Takes over what the server kept, without touching what is being typed.
  settle(told, sent) {
    if (sent !== undefined && this.value === sent) {
      this.touched = false;
      this.kept = told.value;
      if (this.focused) this.awaited = told.value;
      else this.value = told.value;
    }
    if (!this.touched) this.show(told.state, told.message);
    if (told.locked) this.#lock();
    if (this.written && told.soft) this.written.hidden = false;
  }

  #lock() {
    if (this.many) for (const box of this.#boxes) box.disabled = true;
    else if (this.input.tagName === "SELECT") this.input.disabled = true;
    else this.input.readOnly = true;
  }

  left() {
    if (this.awaited !== null && !this.touched) this.value = this.awaited;
    this.awaited = null;
  }
}
