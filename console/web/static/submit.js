// Handing in scans: dropped, chosen or pasted, sent file by file; and the list below, which renews itself quietly.
import { Server } from "./server.js";
import { Signing } from "./signing.js";
import { Parcel } from "./submit_parcel.js";
import { Queue } from "./submit_queue.js";

const RENEW_MS = 8000;
const given = JSON.parse(document.querySelector("#given").textContent);
const { words } = given;
const form = document.querySelector("[data-submit]");
const listed = document.querySelector("[data-listed]");
const stale = document.querySelector("[data-stale]");

if (form) handIn();
setInterval(() => document.hidden || renew(), RENEW_MS);
let shown = null;
document.documentElement.dataset.ready = "yes";

function handIn() {
  const server = new Server("", given.csrf);
  const box = document.querySelector("[data-dialog=login]");
  const signing = new Signing(box, server, given.user, { offline: words.no_server });
  box.querySelector("[data-close]").addEventListener("click", () => box.close());
  const results = document.querySelector("[data-results]");
  const sent = results.querySelector("[data-sent]");
  const summary = results.querySelector("[data-summary]");
  const clear = results.querySelector("[data-clear]");
  const print = results.querySelector("[data-print]");
  const drop = form.querySelector("[data-drop]");
  const picker = form.elements.file;
  const department = form.elements.department;
  let received = 0;

  const queue = new Queue({ server, signing, words, fields, changed });
  const acts = {
    again: (parcel) => queue.again(parcel),
    stop: (parcel) => queue.stop(parcel),
    remove: (parcel) => {
      const next = parcel.item.nextElementSibling ?? parcel.item.previousElementSibling;
      parcel.item.remove();
      queue.remove(parcel);
      (next?.querySelector("button:not([hidden])") ?? picker).focus();
    },
  };

  // What goes with every file; null while the department is not chosen, so that nothing goes to a wrong one.
  function fields() {
    return department.value ? { department: department.value, form: form.elements.form.value } : null;
  }

  function take(file, name = file.name) {
    const parcel = new Parcel(file, name, words, acts);
    sent.prepend(parcel.item);
    results.hidden = false;
    if (file.size > given.most) parcel.refuse({ message: words.large_what, why: words.large_why, do: words.large_do });
    queue.add(parcel);
  }

  function takeAll(files) {
    for (const file of files) take(file);
    if (!department.value) department.focus();
    queue.pump();
  }

  function changed() {
    const counts = { received: queue.count("received"), refused: queue.count("refused"), left: queue.left };
    const waits = counts.left && !department.value ? ` ${words.choose_department}` : "";
    const told = words.summary.replace(/\{(\w+)\}/g, (_, name) => counts[name]) + waits;
    if (queue.parcels.length && summary.textContent !== told) summary.textContent = told;
    clear.hidden = counts.received + counts.refused + queue.count("stopped") === 0;
    print.hidden = counts.received === 0;
    if (counts.received > received) renew();
    received = counts.received;
  }

  offerForms();
  if (department.tagName === "SELECT") department.addEventListener("change", () => (offerForms(), queue.pump()));
  form.querySelector("[data-scripted]").hidden = false;
  form.querySelector("[data-send]").hidden = true;
  picker.required = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  picker.addEventListener("change", () => {
    takeAll([...picker.files]);
    picker.value = "";
  });
  clear.addEventListener("click", () => {
    for (const parcel of queue.parcels.filter((one) => one.settled)) {
      parcel.item.remove();
      queue.remove(parcel);
    }
    picker.focus();
  });
  print.addEventListener("click", () => window.print());

  // Only the forms that the department may send are offered.
  function offerForms() {
    const allowed = given.allowed[department.value] ?? [];
    for (const option of form.elements.form.options) {
      option.hidden = option.disabled = Boolean(option.value && allowed.length && !allowed.includes(option.value));
      if (option.disabled && option.selected) form.elements.form.value = "";
    }
  }

  // The whole page takes what is dropped: a near miss must not make the browser leave the page and show the file.
  const carries = (event) => event.dataTransfer?.types.includes("Files");
  for (const kind of ["dragenter", "dragover"]) {
    document.addEventListener(kind, (event) => {
      if (!carries(event)) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
      drop.classList.add("over");
    });
  }
  document.addEventListener("dragleave", (event) => event.relatedTarget || drop.classList.remove("over"));
  document.addEventListener("drop", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    drop.classList.remove("over");
    const files = [];
    for (const item of event.dataTransfer.items) {
      const file = item.kind === "file" ? item.getAsFile() : null;
      if (!file) continue;
      if (item.webkitGetAsEntry?.()?.isDirectory) refuseFolder(file);
      else files.push(file);
    }
    takeAll(files);
  });

  function refuseFolder(file) {
    const parcel = new Parcel(file, file.name, words, acts);
    sent.prepend(parcel.item);
    results.hidden = false;
    parcel.refuse({ message: words.is_folder });
    queue.add(parcel);
  }

  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    const stamp = new Date().toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "-");
    files.forEach((file, n) => take(file, file.type.startsWith("image/") ? pastedName(file, stamp, n) : file.name));
    queue.pump();
  });

  function pastedName(file, stamp, n) {
    return `${words.pasted}-${stamp}${n ? `-${n + 1}` : ""}.${file.type.split("/")[1].replace("jpeg", "jpg")}`;
  }

  addEventListener("beforeunload", (event) => {
    if (queue.left) event.preventDefault();
  });
}

// Renews the list unless somebody is in it with the keyboard; what was unfolded stays unfolded.
async function renew() {
  const response = await fetch(`/submit/list${location.search}`, { headers: { "X-Quiet": "1", Accept: "text/html" }, redirect: "error" }).catch(() => null);
  stale.hidden = Boolean(response?.ok);
  if (!response?.ok) return;
  const told = await response.text();
  if (told === shown || listed.contains(document.activeElement)) return;
  const open = [...listed.querySelectorAll("details[open]")].map((one) => one.dataset.keep);
  listed.innerHTML = told;
  for (const one of listed.querySelectorAll("details")) one.open = open.includes(one.dataset.keep);
  shown = told;
}
