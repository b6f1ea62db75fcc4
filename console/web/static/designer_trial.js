// A trial: a scan goes to the server, is read there by the design as it stands, and the readings appear in the boxes.
import { sendFile, standing } from "./designer_work.js";

const one = (selector) => document.querySelector(selector);

export class Trial {
  constructor(designer) {
    this.designer = designer;
    this.readings = {};
    this.file = one("[data-scan]");
    this.again = one("[data-try-again]");
    this.scans = one("[data-show-scan]");
    one("[data-try]").addEventListener("click", () => this.file.click());
    this.file.addEventListener("change", () => this.#begin());
    this.again.addEventListener("click", () => this.#read());
    this.scans.addEventListener("change", () => this.#pictures());
  }

  // With the scan in view, readings take the place of the names.
  get shown() {
    return this.scans.checked && Object.keys(this.readings).length > 0;
  }

  // Columns are shown with the reading of the first row.
  readingOf(field, table) {
    const found = this.readings[table ? `${table.name}1.${field.name}` : field.name];
    if (!found) return null;
    const percent = `${Math.round(found.probability * 100)}%`;
    const doubt = found.accepted ? "" : `${this.designer.words.doubtful} `;
    return { ...found, text: `${doubt}${found.value || this.designer.words.empty} ${percent}` };
  }

  async #begin() {
    const [file] = this.file.files;
    if (!file) return;
    this.designer.tell(this.designer.words.uploading);
    const { server } = this.designer;
    const answer = await sendFile(`${server.base}/scan?name=${encodeURIComponent(file.name)}`, file, server.csrf);
    this.file.value = "";
    if (!answer.ok) return this.designer.trouble(answer, () => this.designer.tell(""));
    this.again.hidden = false;
    await this.#read();
  }

  async #read() {
    const { designer } = this;
    designer.tell(designer.words.reading);
    const answer = await designer.server.send("try", designer.payload());
    if (!answer.ok) return designer.trouble(answer, () => this.#read());
    const told = await standing(`${designer.server.base}/work?trial=true`);
    if (told.state === "refused") return designer.tell([told.told.what, told.told.why, told.told.do].join(" "), "bad");
    if (told.state !== "done") return designer.tell(designer.words.lost, "bad");
    this.readings = told.told.fields;
    const all = Object.values(this.readings);
    const doubtful = all.filter(({ accepted }) => !accepted).length;
    designer.tell(designer.say("read", { count: all.length, doubtful }), "good");
    this.scans.closest("label").hidden = false;
    this.scans.checked = true;
    this.#pictures();
    document.documentElement.dataset.tried = String(designer.design.step);
  }

  #pictures() {
    this.designer.refresh();
    const trial = this.scans.checked;
    document.querySelectorAll("[data-leaf] img").forEach((image, at) => {
      image.src = `${this.designer.server.base}/pages/${at + 1}/picture?trial=${trial}&at=${Date.now()}`;
    });
  }
}
