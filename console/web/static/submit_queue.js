// Sends files two at a time, and again when the server was away or the session had ended; a file is never taken twice.
const AT_ONCE = 2;
const LONGEST_WAIT_MS = 30_000;

export class Queue {
  #parcels = [];
  #halted = false;
  #requests = new Map();

  constructor({ server, signing, words, fields, changed }) {
    Object.assign(this, { server, signing, words, fields, changed });
    addEventListener("online", () => this.#wake());
  }

  get parcels() {
    return this.#parcels;
  }

  get left() {
    return this.#parcels.filter((parcel) => !parcel.settled).length;
  }

  count(state) {
    return this.#parcels.filter((parcel) => parcel.state === state).length;
  }

  add(parcel) {
    this.#parcels.push(parcel);
    this.changed();
  }

  remove(parcel) {
    this.#parcels = this.#parcels.filter((one) => one !== parcel);
    this.changed();
  }

  stop(parcel) {
    parcel.show("stopped");
    this.#requests.get(parcel)?.abort();
    this.changed();
  }

  again(parcel) {
    if (parcel.state === "signed_out") return this.#signIn(parcel);
    this.#halted = false;
    parcel.show("queued");
    this.pump();
  }

  pump() {
    const fields = this.fields();
    while (fields && !this.#halted && this.#requests.size < AT_ONCE) {
      const next = this.#parcels.find((parcel) => parcel.state === "queued");
      if (!next) break;
      this.#send(next, fields);
    }
    this.changed();
  }

  async #send(parcel, fields) {
    const request = new XMLHttpRequest();
    this.#requests.set(parcel, request);
    parcel.show("sending");
    const answer = await post(request, parcel, fields, this.server.csrf);
    this.#requests.delete(parcel);
    if (parcel.state !== "stopped") await this.#settle(parcel, answer);
    this.pump();
  }

  async #settle(parcel, { status, told, after }) {
    if (status === 201) return parcel.receive(told.receipt);
    if (status === 401 || (status === 403 && told.kind === "forged")) return this.#signIn(parcel);
    if (status === 429) return this.#later(parcel, "too_fast", after * 1000);
    if (status === 0) return this.#unreached(parcel);
    if (status >= 500 || !told.message) return parcel.show("broken");
    return parcel.refuse(told);
  }

  // No answer came: the file was changed or taken away, the session ended before all was sent, or the server is away.
  async #unreached(parcel) {
    const readable = await parcel.file.slice(0, 1).arrayBuffer().then(() => true, () => false);
    if (!readable) return parcel.refuse({ message: this.words.file_gone });
    const asked = await fetch("/submit/list", { headers: { Accept: "application/json", "X-Quiet": "1" } }).catch(() => null);
    if (asked?.status === 401) return this.#signIn(parcel);
    parcel.tries += 1;
    return this.#later(parcel, "no_server", Math.min(1000 * 2 ** (parcel.tries - 1), LONGEST_WAIT_MS));
  }

  #signIn(parcel) {
    this.#halted = true;
    parcel.show("signed_out");
    this.signing.ask(() => {
      this.#halted = false;
      this.#wake();
    });
  }

  #later(parcel, state, ms) {
    parcel.show(state);
    setTimeout(() => {
      if (parcel.state !== state) return;
      parcel.show("queued");
      this.pump();
    }, ms);
  }

  #wake() {
    for (const parcel of this.#parcels) if (["no_server", "signed_out"].includes(parcel.state)) parcel.show("queued");
    this.pump();
  }

}

function post(request, parcel, fields, csrf) {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  body.append("attempt", parcel.attempt);
  body.append("file", parcel.file, parcel.name);
  request.open("POST", "/submit");
  request.setRequestHeader("Accept", "application/json");
  request.setRequestHeader("X-CSRF-Token", csrf);
  request.upload.addEventListener("progress", (event) => parcel.progress(event.loaded, event.total));
  request.upload.addEventListener("load", () => parcel.state === "sending" && parcel.show("checking"));
  return new Promise((resolve) => {
    request.addEventListener("loadend", () => {
      let told = {};
      try {
        told = JSON.parse(request.responseText);
      } catch {
        // no answer, or none of ours: the status alone says enough
      }
      resolve({ status: request.status, told, after: Number(request.getResponseHeader("Retry-After")) || 1 });
    });
    request.send(body);
  });
}
