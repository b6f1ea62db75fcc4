// Measures the seconds a person works on the page. A pause longer than the idle limit counts as the limit only, and a
// hidden page counts nothing.
const SIGNS = ["keydown", "pointerdown", "pointermove", "wheel", "focusin"];

export class Stopwatch {
  constructor(idleSeconds, now = () => performance.now()) {
    this.idle = idleSeconds * 1000;
    this.now = now;
    this.worked = 0;
    this.last = document.hidden ? null : now();
    for (const sign of SIGNS) document.addEventListener(sign, () => this.mark(), { capture: true, passive: true });
    document.addEventListener("visibilitychange", () => {
      this.mark();
      this.last = document.hidden ? null : this.now();
    });
  }

  mark() {
    const now = this.now();
    if (this.last !== null) this.worked += Math.min(now - this.last, this.idle);
    this.last = document.hidden ? null : now;
  }

  // Returns the seconds since the last call and starts anew.
  take() {
    this.mark();
    const seconds = this.worked / 1000;
    this.worked = 0;
    return Math.round(seconds * 10) / 10;
  }

  giveBack(seconds) {
    this.worked += seconds * 1000;
  }
}
