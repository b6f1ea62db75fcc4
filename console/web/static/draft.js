// What was typed and not yet saved, kept in this tab only, for one user and one document.
export class Draft {
  constructor(user, document) {
    this.key = `hakadori:draft:${user}:${document}`;
  }

  read() {
    try {
      return JSON.parse(sessionStorage.getItem(this.key));
    } catch {
      return null;
    }
  }

  write(revision, fields) {
    sessionStorage.setItem(this.key, JSON.stringify({ revision, fields }));
  }

  clear() {
    sessionStorage.removeItem(this.key);
  }
}
