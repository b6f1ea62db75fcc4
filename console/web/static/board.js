// The board of tiles: where each stands, which one is in hand, and what is said of it. Pictures come as sheets of many
// tiles, each asked for when one of its tiles comes near to being seen.
const WORDS = { right: "", aside: "aside", stale: "stale", wrong: "wrong" };

class Tile {
  constructor(given, number, board) {
    [this.document, this.revision, this.position, this.place, this.name, this.read] = given.tiles[number];
    this.words = given.texts;
    this.now = this.read;
    this.state = "right";
    this.sheet = Math.floor(number / given.per_sheet);
    this.element = document.createElement("div");
    this.element.id = `tile-${number}`;
    this.element.className = "cell";
    this.element.setAttribute("role", "option");
    this.picture = document.createElement("span");
    this.picture.className = "picture";
    const [width, height] = given.size;
    const spot = number % given.per_sheet;
    this.picture.style.width = `${width}px`;
    this.picture.style.height = `${height}px`;
    this.picture.style.backgroundPosition = `${-(spot % given.columns) * width}px ${-Math.floor(spot / given.columns) * height}px`;
    this.says = document.createElement("span");
    this.says.className = "says";
    this.element.append(this.picture, this.says);
    this.typeable = given.typed;
    this.show("right");
    board.append(this.element);
  }

  get address() {
    return [this.document, this.position, this.place].join(".");
  }

  get key() {
    return `${this.address}.${this.read}`;
  }

  get said() {
    const { document, revision, position, place, read, now } = this;
    return { document, revision, position, place, read, now };
  }

  show(state) {
    this.state = state;
    this.element.dataset.state = state;
    const words = state === "typed" ? `${this.read} → ${this.now}` : WORDS[state] ? this.words[WORDS[state]] : "";
    this.says.textContent = words || (this.typeable ? this.read : "");
    this.element.setAttribute("aria-selected", String(["right", "typed"].includes(state)));
    const spot = this.place < 0 ? "" : this.words.spot.replace("%d", this.place + 1);
    this.element.setAttribute("aria-label", [`No.${this.document}`, this.name, spot, this.read, words].filter(Boolean).join(" "));
  }

  toggle() {
    if (this.state === "stale") return;
    if (this.state === "right") this.putAside();
    else this.reset();
  }

  putAside() {
    if (this.state !== "stale") this.show("aside");
  }

  reset() {
    if (this.state === "stale") return;
    this.now = this.read;
    this.show("right");
  }

  type(letter) {
    if (this.state === "stale") return;
    this.now = letter;
    this.show(letter === this.read ? "right" : "typed");
  }
}

export class Board {
  constructor(given, element, catcher) {
    this.given = given;
    this.element = element;
    this.catcher = catcher;
    this.at = 0;
    this.tiles = given.tiles.map((_, number) => new Tile(given, number, element));
    this.bySheet = new Map();
    for (const tile of this.tiles) this.bySheet.set(tile.sheet, [...(this.bySheet.get(tile.sheet) ?? []), tile]);
    this.watcher = new IntersectionObserver((seen) => this.#seen(seen), { rootMargin: "600px" });
    for (const tile of this.tiles) this.watcher.observe(tile.element);
    addEventListener("resize", () => this.point());
  }

  get current() {
    return this.tiles[this.at];
  }

  // How many tiles stand in a row.
  get across() {
    const top = this.tiles[0]?.element.offsetTop;
    const next = this.tiles.findIndex((tile) => tile.element.offsetTop !== top);
    return next > 0 ? next : Math.max(1, this.tiles.length);
  }

  tileAt(element) {
    return this.tiles.find((tile) => tile.element.contains(element));
  }

  move(by) {
    const to = this.at + by;
    if (to >= 0 && to < this.tiles.length) this.moveTo(to);
  }

  moveTo(number) {
    this.at = Math.max(0, Math.min(number, this.tiles.length - 1));
    this.point();
    this.current?.element.scrollIntoView({ block: "nearest" });
    this.catcher.focus({ preventScroll: true });
  }

  remove(tile) {
    const number = this.tiles.indexOf(tile);
    this.tiles.splice(number, 1);
    if (number < this.at) this.at -= 1;
    this.at = Math.max(0, Math.min(this.at, this.tiles.length - 1));
    this.watcher.unobserve(tile.element);
    tile.element.remove();
  }

  // Shows which tile is in hand and lays the catcher over its letter.
  point() {
    this.element.querySelector(".current")?.classList.remove("current");
    const tile = this.current;
    if (!tile) return void this.catcher.removeAttribute("aria-activedescendant");
    tile.element.classList.add("current");
    this.catcher.setAttribute("aria-activedescendant", tile.element.id);
    this.catcher.style.left = `${tile.element.offsetLeft}px`;
    this.catcher.style.top = `${tile.element.offsetTop + tile.picture.offsetHeight}px`;
  }

  #seen(entries) {
    for (const entry of entries) {
      const tile = entry.isIntersecting && this.tileAt(entry.target);
      if (!tile || !this.bySheet.has(tile.sheet)) continue;
      const address = `/groups/sheet?token=${encodeURIComponent(this.given.sheets[tile.sheet])}`;
      for (const of of this.bySheet.get(tile.sheet)) of.picture.style.backgroundImage = `url("${address}")`;
      this.bySheet.delete(tile.sheet);
    }
  }
}
