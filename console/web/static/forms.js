// The list of forms: a blank is sent, and its draft opens.
import { sendFile } from "./designer_work.js";

const form = document.querySelector("[data-new-form]");
const given = JSON.parse(document.querySelector("#given").textContent);
const message = form.querySelector("[data-message]");
const file = form.elements.file;
const name = form.elements.form;

// The file's name is a good guess for the form's.
file.addEventListener("change", () => {
  const [chosen] = file.files;
  if (!chosen || name.value) return;
  const stem = chosen.name.replace(/\.[^.]*$/, "").normalize("NFKC").toLowerCase();
  name.value = stem.replace(/[^a-z0-9]+/g, "_").replace(/^[^a-z]+|_+$/g, "").slice(0, 60);
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const [chosen] = file.files;
  if (!chosen) return;
  const button = form.querySelector("button");
  button.disabled = true;
  message.className = "message";
  message.textContent = given.words.uploading;
  const asked = new URLSearchParams({ form: name.value, name: chosen.name });
  const answer = await sendFile(`/forms/drafts?${asked}`, chosen, given.csrf);
  button.disabled = false;
  if (answer.ok) return location.assign(`/forms/drafts/${answer.told.draft}`);
  message.className = "message bad";
  message.textContent = answer.status ? (answer.told.message ?? given.words.broken) : given.words.no_server;
});
document.documentElement.dataset.ready = "yes";
