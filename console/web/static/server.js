// Talks to the server: every write carries the CSRF token; the answer is told apart by its status alone.
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
    const opened = await fetch("/session", { headers: { Accept: "application/json" }, cache: "no-store" });
    this.csrf = (await opened.json()).csrf;
    const answer = await this.#post("/session", { name, password, code });
    if (answer.ok) this.csrf = answer.told.csrf;
    return answer;
  }

  async #post(url, body, keepalive = false) {
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
