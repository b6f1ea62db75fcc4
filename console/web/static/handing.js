// Dialogs that pass a document on: discard, send back, comment. Each asks for words and hands them to `done`.
export function dialog(name) {
  return document.querySelector(`[data-dialog="${name}"]`);
}

// Opens a dialog with a text already in it.
export function ask(name, words = "") {
  const box = dialog(name);
  const place = box.querySelector("input, textarea");
  place.value = words;
  box.showModal();
  place.focus();
}

export function wire(name, done) {
  const box = dialog(name);
  const place = box.querySelector("input, textarea");
  for (const button of box.querySelectorAll("[data-preset]")) {
    button.addEventListener("click", () => {
      place.value = button.dataset.preset;
      place.focus();
    });
  }
  box.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    box.close();
    done(place.value);
  });
}

export function wireClosing() {
  for (const button of document.querySelectorAll("[data-close]")) {
    button.addEventListener("click", () => button.closest("dialog").close());
  }
}

// Adds a comment to those that stand on the page.
export function addComment(said) {
  const list = document.querySelector("[data-comments]");
  const row = document.createElement("li");
  const by = document.createElement("span");
  by.className = "soft";
  by.textContent = `${said.who} ${said.at} `;
  row.append(by, said.text);
  list.append(row);
  list.hidden = false;
}
