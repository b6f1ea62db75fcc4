// The page picture with a frame around the field in hand. Zoom and place follow the field.
const ZOOMS = [1, 1.5, 2, 3];

export class Viewer {
  constructor(root) {
    this.sheet = root.querySelector("[data-sheet]");
    this.leaves = [...root.querySelectorAll("[data-leaf]")];
    this.tabs = [...root.querySelectorAll("[data-show-page]")];
    this.shown = root.querySelector("[data-zoom-shown]");
    this.zoom = 1;
    this.current = null;
    for (const tab of this.tabs) tab.addEventListener("click", () => this.turnTo(Number(tab.dataset.showPage)));
    for (const button of root.querySelectorAll("[data-zoom]")) {
      button.addEventListener("click", () => this.#step(button.dataset.zoom === "in" ? 1 : -1));
    }
    for (const leaf of this.leaves) leaf.querySelector("img").addEventListener("load", () => this.#frame());
  }

  turnTo(page) {
    for (const leaf of this.leaves) leaf.hidden = Number(leaf.dataset.leaf) !== page;
    for (const tab of this.tabs) tab.setAttribute("aria-pressed", String(Number(tab.dataset.showPage) === page));
  }

  // box: [x, y, width, height] in pixels of the page picture.
  point(page, box) {
    this.current = { page, box };
    this.turnTo(page);
    this.#frame();
  }

  #frame() {
    for (const leaf of this.leaves) leaf.querySelector("[data-frame]").hidden = true;
    const leaf = this.leaves.find((one) => this.current && Number(one.dataset.leaf) === this.current.page);
    const image = leaf?.querySelector("img");
    if (!image?.naturalWidth || this.current.box[2] <= 0) return;
    const [x, y, width, height] = this.current.box;
    const frame = leaf.querySelector("[data-frame]");
    const margin = image.naturalWidth / 160;
    frame.style.left = `${((x - margin) / image.naturalWidth) * 100}%`;
    frame.style.top = `${((y - margin) / image.naturalHeight) * 100}%`;
    frame.style.width = `${((width + 2 * margin) / image.naturalWidth) * 100}%`;
    frame.style.height = `${((height + 2 * margin) / image.naturalHeight) * 100}%`;
    frame.hidden = false;
    this.sheet.scrollTop = leaf.offsetTop + frame.offsetTop + frame.offsetHeight / 2 - this.sheet.offsetTop - this.sheet.clientHeight / 2;
    this.sheet.scrollLeft = frame.offsetLeft + frame.offsetWidth / 2 - this.sheet.clientWidth / 2;
  }

  #step(by) {
    const next = ZOOMS[ZOOMS.indexOf(this.zoom) + by];
    if (!next) return;
    this.zoom = next;
    for (const leaf of this.leaves) leaf.style.width = `${next * 100}%`;
    this.shown.textContent = `${next * 100}%`;
    this.#frame();
  }
}
