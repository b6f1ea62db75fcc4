// Saving a robot: what would change is shown first, then exactly that is written. When somebody else was faster, the
// page asks; nothing is ever overwritten unseen.
const dialog = (name) => document.querySelector(`[data-dialog="${name}"]`);

export class Saving {
  constructor(editor) {
    this.editor = editor;
    this.box = dialog("save");
    this.box.querySelector("[data-save-form]").addEventListener("submit", (event) => this.#save(event));
    for (const button of document.querySelectorAll("dialog [data-close]")) button.addEventListener("click", () => button.closest("dialog").close());
    dialog("conflict").querySelector("[data-mine]").addEventListener("click", () => this.#mine());
    dialog("conflict").querySelector("[data-reload]").addEventListener("click", () => editor.reload());
    dialog("login").querySelector("form").addEventListener("submit", (event) => this.#signedIn(event));
  }

  // Shows what a save would change; `accepted` when the person has agreed to write over what lies there now.
  async ask(accepted = false) {
    const { editor } = this;
    if (document.querySelector("dialog[open]")) return;
    const text = editor.paper.value;
    const answer = await editor.server.send("difference", { text, revision: editor.given.revision, over: accepted });
    if (!answer.ok) return editor.trouble(answer, () => this.ask(accepted));
    const { told } = answer;
    editor.given.revision = told.revision;
    this.text = text;
    editor.take(told, text);
    this.#show(told);
  }

  #show(told) {
    const { box, editor } = this;
    const errors = told.remarks.filter(({ level }) => level === "error");
    const wrong = box.querySelector("[data-wrong]");
    wrong.hidden = !errors.length;
    wrong.textContent = editor.say("save_errors", { count: errors.length });
    box.querySelector("[data-elsewhere]").replaceChildren(...told.remarks.filter(({ line }) => !line).map((remark) => editor.remark(remark)));
    box.querySelector("[data-approval]").hidden = !editor.given.approved;
    box.querySelector("[data-into]").textContent = editor.into.replace("{file}", told.file);
    const place = box.querySelector("[data-difference]");
    place.replaceChildren();
    for (const line of told.lines.length ? told.lines : [` ${editor.words.no_changes}`]) {
      const row = place.appendChild(document.createElement("div"));
      row.textContent = line;
      row.className = line.startsWith("+") ? "added" : line.startsWith("-") ? "gone" : line.startsWith("@@") ? "place" : "";
    }
    box.querySelector("[data-go]").disabled = errors.length > 0 || !told.lines.length;
    box.showModal();
  }

  async #save(event) {
    event.preventDefault();
    const { editor, box, text } = this;
    const why = box.querySelector("[name=why]");
    const answer = await editor.server.send("save", { text, revision: editor.given.revision, why: why.value, draft: editor.drafts.known });
    box.close();
    if (!answer.ok) return editor.trouble(answer, () => this.ask());
    why.value = "";
    editor.saved(answer.told.revision, text);
  }

  conflict(message) {
    const place = dialog("conflict");
    place.querySelector("[data-why]").textContent = message ?? "";
    if (!place.open) place.showModal();
  }

  #mine() {
    dialog("conflict").close();
    this.ask(true);
  }

  signIn(again) {
    this.again = again;
    dialog("login").showModal();
  }

  async #signedIn(event) {
    event.preventDefault();
    const form = event.target;
    const { name, password, code } = form.elements;
    const answer = await this.editor.server.signIn(name.value, password.value, code.value);
    const place = form.querySelector("[data-login-message]");
    place.hidden = answer.ok;
    place.textContent = answer.ok ? "" : (answer.told.message ?? this.editor.words.no_server);
    password.value = "";
    code.value = "";
    if (!answer.ok) return;
    dialog("login").close();
    this.again?.();
  }
}
