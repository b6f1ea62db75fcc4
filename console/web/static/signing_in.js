// Signing in again without leaving the page, when the session has ended in the middle of something.
export class SigningIn {
  #asked = null;

  constructor(dialog, server) {
    this.dialog = dialog;
    this.server = server;
  }

  // Resolves with whether the person is signed in again; asked twice at once, one dialog answers both.
  ask() {
    this.#asked ??= this.#open().finally(() => {
      this.#asked = null;
    });
    return this.#asked;
  }

  #open() {
    const { dialog } = this;
    const form = dialog.querySelector("form");
    const code = dialog.querySelector("[data-code]");
    const message = dialog.querySelector("[data-login-message]");
    message.hidden = true;
    form.elements.password.value = "";
    return new Promise((resolve) => {
      const end = (answer) => {
        form.onsubmit = dialog.oncancel = dialog.querySelector("[data-close]").onclick = null;
        if (dialog.open) dialog.close();
        resolve(answer);
      };
      form.onsubmit = async (event) => {
        event.preventDefault();
        const given = form.elements;
        const answer = await this.server.signIn(given.name.value, given.password.value, given.code.value);
        if (answer.ok) return end(true);
        code.hidden = code.hidden && answer.told.kind !== "code_needed";
        message.textContent = answer.told.message ?? "";
        message.hidden = !message.textContent;
        given.password.focus();
      };
      dialog.oncancel = () => end(false);
      dialog.querySelector("[data-close]").onclick = () => end(false);
      dialog.showModal();
      form.elements.password.focus();
    });
  }
}
