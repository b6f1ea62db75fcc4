// The design in hand: fields in millimetres, what may be done with them, and the way back. Knows nothing of the page.
const STEPS = 200;
const COMMON = ["@uid", "name", "kind", "required", "personal", "verify", "limit"];
export const round = (value) => Math.round(value * 100) / 100;

export class Design {
  constructor(content, kinds, words) {
    this.content = content;
    this.kinds = kinds;
    this.words = words;
    this.past = [];
    this.future = [];
    this.step = 0; // counts every change, so that a late answer of the server is known as late
    this.merge = "";
    this.counter = 0;
    this.listeners = [];
    for (const field of this.every()) this.#name(field);
    this.anchor();
  }

  // Every field and every column of a table.
  *every() {
    for (const page of this.content.pages) {
      for (const field of page.fields) {
        yield field;
        for (const column of field.columns ?? []) yield column;
      }
    }
  }

  #name(field) {
    field["@uid"] ??= `f${++this.counter}`;
  }

  // The fields' places in the file are those of now: what was loaded or has just been saved.
  anchor() {
    this.origins = new Map();
    for (const page of this.content.pages) page.fields.forEach((field, at) => this.origins.set(field["@uid"], at));
  }

  find(uid) {
    for (const [page, { fields }] of this.content.pages.entries()) {
      for (const [index, field] of fields.entries()) {
        if (field["@uid"] === uid) return { page, index, field, table: null, list: fields };
        const at = (field.columns ?? []).findIndex((column) => column["@uid"] === uid);
        if (at >= 0) return { page, index: at, field: field.columns[at], table: field, list: field.columns };
      }
    }
    return null;
  }

  sort(field) {
    return this.kinds[field.kind]?.sort ?? "box";
  }

  // The boxes of a field, each with the way to it: box, an option, a part of a date.
  boxes(field) {
    const found = [];
    const add = (path, label) => {
      const box = reach(field, path);
      if (Array.isArray(box) && box.length === 4) found.push({ path, label, box });
    };
    add(["box"], "");
    for (const part of ["year", "month", "day", "hour", "minute"]) if (field[part]) add([part, "box"], this.words[part]);
    for (const key of ["era", "half"]) {
      for (const name of Object.keys(field[key]?.options ?? {})) add([key, "options", name], name);
    }
    for (const name of Object.keys(field.options ?? {})) add(["options", name], name);
    return found;
  }

  // The design as the server wants it: a field that stood in the file says where.
  sent() {
    const copy = structuredClone(this.content);
    for (const page of copy.pages) {
      for (const field of page.fields) {
        if (this.origins.has(field["@uid"])) field["@"] = this.origins.get(field["@uid"]);
        else delete field["@"];
      }
    }
    return copy;
  }

  // Changes the design. Changes with the same `merge` right after one another are one step back.
  change(act, merge = "") {
    const before = JSON.stringify(this.content);
    act(this.content);
    if (JSON.stringify(this.content) === before) return;
    if (!merge || merge !== this.merge) this.past.push(before);
    if (this.past.length > STEPS) this.past.shift();
    this.merge = merge;
    this.future = [];
    this.#tell();
  }

  undo() {
    this.#walk(this.past, this.future);
  }

  redo() {
    this.#walk(this.future, this.past);
  }

  #walk(from, to) {
    if (!from.length) return;
    to.push(JSON.stringify(this.content));
    this.content = JSON.parse(from.pop());
    this.merge = "";
    this.#tell();
  }

  #tell() {
    this.step += 1;
    for (const listener of this.listeners) listener();
  }

  freeName(wish) {
    const taken = new Set([...this.every()].map((field) => field.name));
    if (!taken.has(wish)) return wish;
    let number = 2;
    while (taken.has(`${wish}${number}`)) number += 1;
    return `${wish}${number}`;
  }

  add(page, box, kind = "text") {
    const field = { name: this.freeName(this.words.field), kind, box };
    this.#name(field);
    this.change((content) => content.pages[page].fields.push(field));
    return field["@uid"];
  }

  copy(uid) {
    const { field, list, index, table } = this.find(uid);
    const twin = structuredClone(field);
    for (const one of [twin, ...(twin.columns ?? [])]) delete one["@uid"], delete one["@"], this.#name(one);
    twin.name = this.freeName(field.name);
    const parts = twin.columns ?? [twin];
    const lowest = Math.max(...parts.flatMap((one) => this.boxes(one).map(({ box }) => box[3])));
    for (const one of parts) for (const { box } of this.boxes(one)) table ? (box[0] = round(box[0] + box[2])) : (box[1] = round(box[1] + lowest));
    this.change(() => list.splice(index + 1, 0, twin));
    return twin["@uid"];
  }

  remove(uids) {
    this.change((content) => {
      for (const page of content.pages) {
        for (const field of page.fields) if (field.columns) field.columns = field.columns.filter((one) => !uids.includes(one["@uid"]));
        page.fields = page.fields.filter((one) => !uids.includes(one["@uid"]) && (!one.columns || one.columns.length));
      }
    });
  }

  shift(uid, by) {
    const { list, index } = this.find(uid);
    const to = index + by;
    if (to < 0 || to >= list.length) return;
    this.change(() => list.splice(to, 0, ...list.splice(index, 1)));
  }

  // The same name in the key and the rules follows.
  rename(uid, name) {
    const { field, table } = this.find(uid);
    const from = table ? `${table.name}.${field.name}` : field.name;
    const to = table ? `${table.name}.${name}` : name;
    this.change((content) => {
      field.name = name;
      if (Array.isArray(content.key)) content.key = content.key.map((one) => (one === from ? to : one));
      if (content.rules) content.rules = renamed(content.rules, from, to);
    }, `name:${uid}`);
  }

  set(uid, path, value, merge = "") {
    const { field } = this.find(uid);
    this.change(() => put(field, path, value), merge && `${merge}:${uid}`);
  }

  // Another kind keeps what that kind knows, and the place on the paper.
  convert(uid, kind) {
    const { field, list, index } = this.find(uid);
    const keys = this.kinds[kind].keys;
    const boxes = this.boxes(field).map(({ box }) => box);
    const all = boxes.length ? around(boxes) : [10, 10, 40, 8];
    const fresh = {};
    for (const key of Object.keys(field)) if (COMMON.includes(key) || keys.includes(key)) fresh[key] = field[key];
    fresh.kind = kind;
    const sort = this.kinds[kind].sort;
    if (sort === "choice") {
      delete fresh.box;
      fresh.style ??= "circle";
      fresh.options ??= { [`${this.words.option}1`]: all };
    } else if (sort === "date" || sort === "time") {
      if (!fresh.year && !fresh.hour) fresh.box ??= all;
    } else {
      fresh.box ??= all;
    }
    if (kind === "decimal") fresh.decimals ??= 1;
    this.change(() => list.splice(index, 1, fresh));
  }

  // A free line becomes cells: count "7" or "3,4", gap between groups.
  split(uid, cells, gap) {
    const { field } = this.find(uid);
    this.change(() => {
      for (const key of ["cells", "gap", "pitch"]) delete field[key];
      field.cells = cells.length === 1 ? cells[0] : cells;
      if (cells.length > 1 && gap) field.gap = gap;
    });
  }

  splitMoment(uid) {
    const { field } = this.find(uid);
    const parts = field.kind === "date" ? ["year", "month", "day"] : ["hour", "minute"];
    const [x, y, w, h] = field.box;
    const wide = w / parts.length;
    this.change(() => {
      delete field.box;
      if (field.kind === "date") field.era ??= "令和";
      parts.forEach((part, at) => (field[part] = { box: [round(x + wide * at), y, round(wide * 0.7), h], cells: 2 }));
    });
  }

  joinMoment(uid) {
    const { field } = this.find(uid);
    const box = around(this.boxes(field).map((one) => one.box));
    this.change(() => {
      for (const key of ["era", "half", "year", "month", "day", "hour", "minute"]) delete field[key];
      field.box = box;
    });
  }

  // Fields of a first row become a table whose rows follow at a pitch.
  tabulate(uids, rows, pitch) {
    const found = uids.map((uid) => this.find(uid)).filter((one) => one && !one.table && !one.field.columns);
    if (!found.length) return null;
    const page = found[0].page;
    const own = found.filter((one) => one.page === page);
    own.sort((a, b) => this.boxes(a.field)[0].box[0] - this.boxes(b.field)[0].box[0]);
    const table = { name: this.freeName(this.words.table), kind: "table", rows, pitch, columns: own.map((one) => one.field) };
    this.#name(table);
    const first = Math.min(...own.map((one) => one.index));
    this.change((content) => {
      const { fields } = content.pages[page];
      fields.splice(first, 0, table);
      content.pages[page].fields = fields.filter((field) => field === table || !table.columns.includes(field));
    });
    return table["@uid"];
  }
}

export function reach(field, path) {
  return path.reduce((value, step) => value?.[step], field);
}

// Writes a value; nothing, an empty text and false mean that the key goes.
export function put(field, path, value) {
  const last = path.at(-1);
  const holder = path.slice(0, -1).reduce((inner, step) => (inner[step] ??= {}), field);
  if (value === undefined || value === "" || value === null) delete holder[last];
  else holder[last] = value;
}

export function around(boxes) {
  const left = Math.min(...boxes.map((box) => box[0]));
  const top = Math.min(...boxes.map((box) => box[1]));
  const right = Math.max(...boxes.map((box) => box[0] + box[2]));
  const bottom = Math.max(...boxes.map((box) => box[1] + box[3]));
  return [left, top, right - left, bottom - top].map(round);
}

function renamed(value, from, to, key = "") {
  if (Array.isArray(value)) return value.map((one) => renamed(one, from, to, key));
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, renamed(one, from, to, name)]));
  }
  return value === from && !["is", "message", "equals"].includes(key) ? to : value;
}

// Left and right edge of every cell of a row, from the left edge of the box; as ocr/template_cells.py has it.
export function spans(field) {
  const groups = Array.isArray(field.cells) ? field.cells : Number.isInteger(field.cells) ? [field.cells] : [];
  const count = groups.reduce((sum, one) => sum + one, 0);
  if (!field.box || !(count > 0) || count > 100) return [];
  if (field.pitch) {
    const width = field.box[2] - field.pitch * (count - 1);
    return Array.from({ length: count }, (_, at) => [at * field.pitch, at * field.pitch + width]);
  }
  const gaps = Array.isArray(field.gap) ? field.gap : groups.slice(1).map(() => Number(field.gap) || 0);
  const width = (field.box[2] - gaps.reduce((sum, one) => sum + one, 0)) / count;
  const found = [];
  let left = 0;
  groups.forEach((group, number) => {
    for (let at = 0; at < group; at += 1) found.push([left + width * at, left + width * (at + 1)]);
    left += width * group + (gaps[number] ?? 0);
  });
  return found;
}
