// Signing in again without leaving the page: the session ended in mid-edit, and what was typed stays where it is.
export class Signing {
  constructor(box, server, user, texts) {
    this.box = box;
    this.server = server;
    this.user = user;
    this.texts = texts;
  }

  // Asks for the password, and goes on with `retry` once it is right.
  ask(retry) {
    const form = this.box.querySelector("form");
    form.onsubmit = async (event) => {
      event.preventDefault();
      const answer = await this.server.signIn(this.user, form.password.value, form.code.value);
      this.#show(form, answer);
      if (!answer.ok) return;
      this.box.close();
      for (const field of document.querySelectorAll('input[type="hidden"][name="csrf"]')) field.value = this.server.csrf;
      retry();
    };
    if (!this.box.open) this.box.showModal();
  }

  #show(form, answer) {
    const wanted = answer.told.kind === "code_needed";
    if (wanted) form.querySelector("[data-code]").hidden = false;
    else form.password.value = "";
    form.code.value = "";
    const place = form.querySelector("[data-login-message]");
    place.hidden = answer.ok;
    place.textContent = answer.told.message ?? this.texts.offline;
    if (wanted) form.code.focus();
    else if (!answer.ok) form.password.focus();
  }
}
