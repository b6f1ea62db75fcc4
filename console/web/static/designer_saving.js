// Saving: first what would change is shown, then exactly that is written. Nothing is ever overwritten unseen.
const dialog = (name) => document.querySelector(`[data-dialog="${name}"]`);

export class Saving {
  constructor(designer) {
    this.designer = designer;
    this.box = dialog("save");
    this.shown = null;
    document.querySelector("[data-save]").addEventListener("click", () => this.ask());
    for (const radio of this.box.querySelectorAll("[name=as]")) radio.addEventListener("change", () => this.#show());
    this.box.querySelector("[data-go]").addEventListener("click", () => this.#save());
    for (const button of document.querySelectorAll("dialog [data-close]")) button.addEventListener("click", () => button.closest("dialog").close());
    dialog("conflict").querySelector("[data-reload]").addEventListener("click", () => this.#reload());
    dialog("conflict").querySelector("[data-as-new]").addEventListener("click", () => this.#asNew());
    dialog("login").querySelector("form").addEventListener("submit", (event) => this.#signedIn(event));
  }

  ask() {
    const { needed } = this.designer.given;
    const [same, fresh] = this.box.querySelectorAll("[name=as]");
    same.disabled = needed > 0;
    (needed > 0 ? fresh : same).checked = true;
    this.box.querySelector("[data-needed]").textContent = needed ? this.designer.say("needed", { count: needed }) : "";
    this.box.querySelector("[data-choice]").hidden = !this.designer.given.revision;
    this.#show();
  }

  #show() {
    return this.#difference(this.box.querySelector("[name=as][value=new]").checked);
  }

  async #difference(asNew) {
    const { designer } = this;
    const body = { ...designer.payload(), as_new: asNew };
    const answer = await designer.server.send("difference", body);
    if (!answer.ok) return designer.trouble(answer, () => this.ask());
    const { told } = answer;
    this.shown = { ...body, digest: told.digest, step: designer.design.step };
    designer.take(told.remarks);
    this.#lines(told.lines);
    const errors = told.remarks.filter(({ level }) => level === "error").length;
    this.box.querySelector("[data-into]").textContent = designer.say("save_into", told);
    const wrong = this.box.querySelector("[data-wrong]");
    wrong.textContent = errors ? designer.say("save_errors", { count: errors }) : "";
    wrong.hidden = !errors;
    this.box.querySelector("[data-go]").disabled = errors > 0;
    if (!this.box.open) this.box.showModal();
  }

  // One line each, with + or − in front: the colour is not alone.
  #lines(lines) {
    const place = this.box.querySelector("[data-difference]");
    place.replaceChildren();
    for (const line of lines.length ? lines : [` ${this.designer.words.no_changes}`]) {
      const row = place.appendChild(document.createElement("div"));
      row.textContent = line;
      row.className = line.startsWith("+") ? "added" : line.startsWith("-") ? "gone" : line.startsWith("@@") ? "place" : "";
    }
  }

  async #save() {
    const { designer } = this;
    const { step, ...body } = this.shown;
    const answer = await designer.server.send("save", body);
    if (!answer.ok) {
      this.box.close();
      return designer.trouble(answer, () => this.ask());
    }
    this.box.close();
    const { told } = answer;
    Object.assign(designer.given, { revision: told.revision, needed: 0, next: told.version + 1 });
    designer.design.content.version = told.version;
    designer.design.anchor();
    designer.unsaved = designer.design.step !== step;
    designer.kept.clear();
    document.querySelector("[data-version]").textContent = told.version;
    designer.tell(designer.say("saved", told), "good");
    designer.refresh();
  }

  conflict(message) {
    this.box.close();
    const place = dialog("conflict");
    place.querySelector("[data-why]").textContent = message ?? "";
    if (!place.open) place.showModal();
  }

  #reload() {
    this.designer.kept.clear();
    this.designer.unsaved = false;
    document.querySelector("[data-reopen]").submit();
  }

  // What was changed here stays, as a version of its own: on top of the file as it is now.
  async #asNew() {
    dialog("conflict").close();
    this.box.querySelector("[name=as][value=new]").checked = true;
    await this.#difference(true);
  }

  signIn(again) {
    this.again = again;
    this.box.close();
    dialog("login").showModal();
  }

  async #signedIn(event) {
    event.preventDefault();
    const form = event.target;
    const answer = await this.designer.server.signIn(form.elements.name.value, form.elements.password.value);
    const place = form.querySelector("[data-login-message]");
    place.hidden = answer.ok;
    place.textContent = answer.ok ? "" : (answer.told.message ?? this.designer.words.no_server);
    form.elements.password.value = "";
    if (!answer.ok) return;
    dialog("login").close();
    this.again?.();
  }
}
