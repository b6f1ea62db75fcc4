// Talks to the server: every write carries the CSRF token; the answer is told apart by its status alone. When another tab
// of the same person signed in again, this tab's token is of the session before: it takes the new one and goes on.
const ASKING = { headers: { Accept: "application/json" }, cache: "no-store" };

export class Server {
  constructor(base, csrf) {
    this.base = base;
    this.csrf = csrf;
  }

  async send(verb, body, keepalive = false) {
    return this.#post(`${this.base}/${verb}`, body, keepalive);
  }

  // Signs in again without leaving the page. Returns the answer; its `ok` says whether it worked.
  async signIn(name, password, code) {
    this.csrf = (await this.#session()).csrf ?? "";
    const answer = await this.#post("/session", { name, password, code });
    if (answer.ok) this.csrf = answer.told.csrf;
    return answer;
  }

  async #post(url, body, keepalive = false) {
    const answer = await this.#sent(url, body, keepalive);
    if (answer.told.kind !== "forged" || keepalive || !(await this.#renewed())) return answer;
    return this.#sent(url, body, keepalive);
  }

  // Takes the token of the session as it is now; false when it is nobody's, or another person's than this page's.
  async #renewed() {
    const told = await this.#session();
    if (!told.user || told.user !== document.querySelector(".leave .who")?.textContent.trim()) return false;
    this.csrf = told.csrf;
    for (const field of document.querySelectorAll('input[type="hidden"][name="csrf"]')) field.value = told.csrf;
    return true;
  }

  // The token of this browser's session, and whose it is; nothing when the server is away.
  async #session() {
    return fetch("/session", ASKING).then((answer) => answer.json()).catch(() => ({}));
  }

  async #sent(url, body, keepalive) {
    let response;
    try {
      response = await fetch(url, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": this.csrf },
        body: JSON.stringify(body),
        keepalive,
      });
    } catch {
      return { ok: false, status: 0, told: {} };
    }
    const told = await response.json().catch(() => ({}));
    return { ok: response.ok, status: response.status, told };
  }
}
