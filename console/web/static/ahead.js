// Fetches the pictures of the document that comes next, so that it opens at once. Only after the first sign of work here:
// a page that is merely looked at hands out nothing further. The audit trail notes what was handed out.
const LONGEST_WAIT = 500; // ms until it is fetched even if the page is never idle

export class Ahead {
  constructor(server, within) {
    this.server = server;
    this.within = within;
    this.document = null;
    this.token = "";
    const begin = () => {
      for (const sign of ["keydown", "pointerdown"]) document.removeEventListener(sign, begin, true);
      if (window.requestIdleCallback) window.requestIdleCallback(() => this.#fetch(), { timeout: LONGEST_WAIT });
      else setTimeout(() => this.#fetch(), LONGEST_WAIT);
    };
    for (const sign of ["keydown", "pointerdown"]) document.addEventListener(sign, begin, true);
  }

  // Returns the address of a document, with the token of its pictures when these were fetched.
  address(next) {
    if (!next) return `/documents${this.within}`;
    const asked = new URLSearchParams(this.within);
    if (next === this.document) asked.set("ready", this.token);
    return `/documents/${next}${asked.size ? `?${asked}` : ""}`;
  }

  async #fetch() {
    const answer = await this.server.send(`prepare${this.within}`, {});
    if (!answer.ok || !answer.told.document) return;
    this.document = answer.told.document;
    this.token = answer.told.token;
    for (const address of answer.told.pictures) {
      const picture = new Image();
      picture.fetchPriority = "low";
      picture.src = address;
    }
    document.documentElement.dataset.ahead = String(this.document);
  }
}
