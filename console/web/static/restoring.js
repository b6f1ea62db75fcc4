// Puts back what was typed before a reload. Values typed over another revision are only offered, never put in.
export class Restoring {
  constructor(draft, fields, texts) {
    this.draft = draft;
    this.fields = fields;
    this.texts = texts;
  }

  // Returns whether something was put back; `changed` is called after each value that is taken over later.
  restore(revision, changed) {
    const kept = this.draft.read();
    if (!kept) return false;
    const mine = Object.entries(kept.fields)
      .map(([name, typed]) => ({ field: this.fields.find((known) => known.name === name), typed }))
      .filter(({ field }) => field && !field.locked);
    if (kept.revision === revision) {
      for (const { field, typed } of mine) putBack(field, typed);
      return mine.length > 0;
    }
    const differing = mine.filter(({ field, typed }) => typed.illegible || field.value !== typed.value);
    if (differing.length) this.#offer(differing, changed);
    else this.draft.clear();
    return false;
  }

  #offer(differing, changed) {
    document.querySelector("[data-draft]").hidden = false;
    document.querySelector("[data-draft-text]").textContent = this.texts.draft_differs;
    const list = document.querySelector("[data-draft-list]");
    for (const { field, typed } of differing) {
      const row = document.createElement("div");
      row.className = "row";
      const words = document.createElement("span");
      words.textContent = `${field.name}: ${this.texts.now} ${field.value || "－"} / ${this.texts.yours} ${typed.value || "－"}`;
      const use = document.createElement("button");
      use.type = "button";
      use.textContent = this.texts.use_mine;
      use.addEventListener("click", () => {
        putBack(field, typed);
        row.remove();
        changed();
        field.focus();
      });
      row.append(words, use);
      list.append(row);
    }
  }
}

function putBack(field, typed) {
  field.value = typed.value;
  field.changed();
  if (typed.illegible) field.toggleIllegible();
}
