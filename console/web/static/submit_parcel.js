// One file on its way to the office: what stands in the list about it, drawn with text alone, never with markup.
const TAGS = { received: "confirmed", refused: "bad", stopped: "", sending: "run-running", checking: "run-running" };
const NUMBER = new Intl.NumberFormat();

export class Parcel {
  constructor(file, name, words, acts) {
    this.file = file;
    this.name = name;
    this.words = words;
    this.attempt = crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint8Array(16)), (n) => n.toString(16)).join("");
    this.tries = 0;
    this.item = document.createElement("li");
    this.item.className = "card";
    this.tag = this.#add("p", "what").appendChild(document.createElement("span"));
    this.#add("p", "name").textContent = name;
    this.bar = this.#add("progress", "");
    this.bar.max = 100;
    this.bar.setAttribute("aria-label", words.progress_of.replace("{name}", name));
    this.why = this.#add("p", "why three");
    this.facts = this.#add("p", "facts");
    const row = this.#add("p", "acts");
    this.buttons = {};
    for (const act of ["again", "stop", "remove"]) {
      const button = row.appendChild(document.createElement("button"));
      button.type = "button";
      button.textContent = words[act];
      button.setAttribute("aria-label", words.act_on.replace("{act}", words[act]).replace("{name}", name));
      button.addEventListener("click", () => acts[act](this));
      this.buttons[act] = button;
    }
    this.show("queued");
  }

  get settled() {
    return ["received", "refused", "stopped"].includes(this.state);
  }

  get waits() {
    return ["queued", "no_server", "too_fast", "signed_out", "broken"].includes(this.state);
  }

  // Says where the file stands; `why` is shown beside it.
  show(state, why = "") {
    this.state = state;
    this.tag.className = `tag ${TAGS[state] ?? "doubt"}`;
    const short = { no_server: "queued", too_fast: "queued", signed_out: "queued", broken: "refused" }[state] ?? state;
    this.tag.textContent = this.words[short];
    this.why.textContent = why || (short === state ? "" : this.words[state]);
    this.bar.hidden = !["sending", "checking"].includes(state);
    if (state === "checking") this.bar.removeAttribute("value");
    this.buttons.again.hidden = !["stopped", "no_server", "signed_out", "broken"].includes(state);
    this.buttons.stop.hidden = this.settled || state === "broken";
    this.buttons.remove.hidden = !(this.settled || state === "broken");
  }

  progress(sent, all) {
    if (this.state === "sending") this.bar.value = Math.floor((sent / all) * 100);
  }

  receive(receipt) {
    this.show("received");
    const link = document.createElement("a");
    link.href = receipt.url;
    link.textContent = this.words.receipt_of.replace("{number}", receipt.number);
    this.tag.after(" ", link);
    const { facts } = this.words;
    const pages = receipt.pages ?? this.words.pages_unknown;
    const told = { at: receipt.when, pages, digest: receipt.digest, kilobytes: NUMBER.format(Math.max(1, Math.round(this.file.size / 1000))) };
    this.facts.textContent = facts.replace(/\{(\w+)\}/g, (_, name) => told[name]);
  }

  refuse({ message, why = "", do: next = "" }) {
    this.show("refused");
    this.#tell("strong", message);
    if (why) this.#tell("span", why, this.words.label_why);
    if (next) this.#tell("span", next, this.words.label_do);
  }

  // One part of what went wrong, on a line of its own, with what part it is.
  #tell(kind, words, label = "") {
    const part = this.why.appendChild(document.createElement(kind));
    if (label) part.appendChild(document.createElement("b")).textContent = label;
    part.append(label ? ` ${words}` : words);
  }

  #add(kind, name) {
    const made = this.item.appendChild(document.createElement(kind));
    made.className = name;
    return made;
  }
}
