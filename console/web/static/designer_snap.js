// The printed rulings of a page, to lay edges on. A ruling is [place, from, to] in mm.
const NEAR_MM = 1.2;
const SHARED_MM = 0.5; // a ruling must run beside the box for at least this long

export class Rulings {
  constructor({ across, down }) {
    this.across = across;
    this.down = down;
  }

  // Moves a whole box by the smaller of its edges' ways to a ruling.
  settle(box) {
    const [x, y, w, h] = box;
    const dx = smaller(near(this.down, x, y, y + h), near(this.down, x + w, y, y + h));
    const dy = smaller(near(this.across, y, x, x + w), near(this.across, y + h, x, x + w));
    return [x + dx, y + dy, w, h];
  }

  // Lays the edges named by a handle ("n", "se", …) on rulings.
  stretch(box, handle) {
    let [left, top, right, bottom] = [box[0], box[1], box[0] + box[2], box[1] + box[3]];
    if (handle.includes("w")) left += near(this.down, left, top, bottom) ?? 0;
    if (handle.includes("e")) right += near(this.down, right, top, bottom) ?? 0;
    if (handle.includes("n")) top += near(this.across, top, left, right) ?? 0;
    if (handle.includes("s")) bottom += near(this.across, bottom, left, right) ?? 0;
    return [left, top, right - left, bottom - top];
  }

  // The frame of rulings around a point; null where it is open.
  around(x, y) {
    const left = last(this.down, x, y);
    const right = first(this.down, x, y);
    const top = last(this.across, y, x);
    const bottom = first(this.across, y, x);
    if ([left, right, top, bottom].some((edge) => edge === null)) return null;
    return [left, top, right - left, bottom - top];
  }
}

function near(rulings, at, from, to) {
  let best = null;
  for (const [place, begin, end] of rulings) {
    const way = place - at;
    const shared = Math.min(end, to) - Math.max(begin, from);
    if (Math.abs(way) <= NEAR_MM && shared >= SHARED_MM && (best === null || Math.abs(way) < Math.abs(best))) best = way;
  }
  return best;
}

function smaller(one, other) {
  if (one === null || other === null) return one ?? other ?? 0;
  return Math.abs(one) <= Math.abs(other) ? one : other;
}

function last(rulings, at, across) {
  const before = rulings.filter(([place, from, to]) => place < at && from <= across && across <= to);
  return before.length ? Math.max(...before.map(([place]) => place)) : null;
}

function first(rulings, at, across) {
  const behind = rulings.filter(([place, from, to]) => place > at && from <= across && across <= to);
  return behind.length ? Math.min(...behind.map(([place]) => place)) : null;
}
