// What may be written at a place of a robot's text: the place is found by indentation and braces, then the types that
// the server sent are walked along. Nothing here touches the page.
const ITEM = /^( *)((?:- +)*)(.*)$/s;
const KEY = /^("[^"]*"|'[^']*'|[^\s#:{}[\],"']+)\s*:(?:\s+(.*))?$/s;
const plain = (word) => word.replace(/^["']|["']$/g, "");

// A line as block YAML sees it: where its first dash stands, where its own text begins, its key.
function lineOf(line) {
  const [, indent, dashes, body] = ITEM.exec(line);
  const found = KEY.exec(body);
  return {
    dash: dashes ? indent.length : -1,
    column: indent.length + dashes.length,
    body,
    key: found ? plain(found[1]) : null,
    rest: found ? (found[2] ?? "") : null,
    hasColon: Boolean(found),
    empty: !body.trim() || body.trimStart().startsWith("#"),
  };
}

// The keys above a line, outermost first, and those beside it.
function surroundings(lines, row, own) {
  const path = [];
  const beside = new Set();
  let { column, dash } = own;
  let first = true;
  for (let at = row - 1; at >= 0; at -= 1) {
    const line = lineOf(lines[at]);
    if (line.empty || !line.hasColon) continue;
    if (dash < 0 && line.column === column) {
      if (first) beside.add(line.key);
      if (line.dash >= 0) dash = line.dash;
      continue;
    }
    const limit = dash >= 0 ? dash : column - 1;
    const above = line.dash < 0 ? line.column <= limit : line.column <= limit && line.dash < limit;
    if (!above) continue;
    path.unshift(line.key);
    ({ column, dash } = line);
    first = false;
    if (column === 0) break;
  }
  return { path, beside };
}

function besideBelow(lines, row, own, beside) {
  for (let at = row + 1; at < lines.length; at += 1) {
    const line = lineOf(lines[at]);
    if (line.empty) continue;
    if (line.column < own.column || line.dash >= 0) break;
    if (line.column === own.column && line.key) beside.add(line.key);
  }
}

// Walks through `{a: b, c: [d` up to its end. Returns the keys that are open, and what is being written.
function flow(written) {
  const open = [];
  let word = "";
  let quote = "";
  for (const sign of written) {
    if (quote) {
      if (sign === quote) quote = "";
      word += sign;
    } else if ((sign === '"' || sign === "'") && !word.trim()) {
      quote = sign;
      word += sign;
    } else if (sign === "{" && !/\$$/.test(word)) {
      open.push({ map: true, key: null, keys: new Set() });
      word = "";
    } else if (sign === "[") {
      open.push({ map: false, key: null, keys: new Set() });
      word = "";
    } else if ((sign === "}" || sign === "]") && open.length && !/\$\{[^}]*$/.test(word)) {
      open.pop();
      word = "";
    } else if (sign === "," && open.length) {
      const top = open.at(-1);
      if (top.map) top.key = null;
      word = "";
    } else if (sign === ":" && open.length && open.at(-1).map && open.at(-1).key === null && word.trim()) {
      const top = open.at(-1);
      top.key = plain(word.trim());
      top.keys.add(top.key);
      word = "";
    } else word += sign;
  }
  return { open, word: word.replace(/^\s+/, "") };
}

// Where the caret is: kind "key", "value", "place" or "none", the path of keys, what was begun, what stands beside it.
export function contextAt(lines, row, column) {
  const head = lines[row].slice(0, column);
  const place = /\$\{([^{}]*)$/.exec(head);
  const own = lineOf(head);
  const { path, beside } = surroundings(lines, row, own);
  const nothing = { kind: "none", path, key: own.key, prefix: "", beside, inFlow: false };
  if (place) return { ...nothing, kind: "place", prefix: place[1] };
  if (/(^|\s)#/.test(head.replace(/"[^"]*"|'[^']*'/g, ""))) return nothing;
  if (!own.hasColon) {
    if (/^[{[]/.test(own.body)) return inside(own.body, path, nothing);
    if (/[\s"']/.test(own.body)) return nothing;
    besideBelow(lines, row, own, beside);
    return { ...nothing, kind: "key", prefix: own.body };
  }
  if (own.rest === "" && !/\s$/.test(head)) return nothing;
  if (/^[{[]/.test(own.rest)) return inside(own.rest, [...path, own.key], nothing);
  return { ...nothing, kind: "value", key: own.key, prefix: own.rest };
}

function inside(written, path, nothing) {
  const { open, word } = flow(written);
  if (!open.length) return nothing;
  const keys = open.slice(0, -1).map(({ key }) => key).filter((key) => key !== null);
  const top = open.at(-1);
  const here = [...path, ...keys];
  if (top.map && top.key === null) return { ...nothing, kind: "key", path: here, key: null, prefix: word, beside: top.keys, inFlow: true };
  if (top.map) return { ...nothing, kind: "value", path: here, key: top.key, prefix: word, inFlow: true };
  return { ...nothing, kind: "value", path: here.slice(0, -1), key: here.at(-1) ?? null, prefix: word, inFlow: true };
}

// The type of the mapping at the end of a path; null where nothing is known.
export function typeAt(types, path) {
  let type = "Robot";
  let free = null;
  for (const key of path) {
    if (free !== null) [type, free] = [free, null];
    else {
      const found = types[type]?.[key];
      if (!found) return null;
      if (found.map !== undefined) free = found.map;
      else type = found.of ?? "";
    }
  }
  return free === null && types[type] ? type : null;
}

// The names of the record's values: of the process that the text names, and of the columns that it declares.
export function fieldsOf(names, lines) {
  const text = lines.join("\n");
  const process = /(?:^|[{,])\s*process:\s*["']?([\w-]+)/m.exec(text)?.[1];
  const known = names.fields[process] ?? (process ? [] : Object.values(names.fields).flat());
  return [...new Set([...declared(lines), ...known])];
}

function declared(lines) {
  const at = lines.findIndex((line) => /^ +columns:\s*$/.test(line));
  if (at < 0) return [];
  const depth = lineOf(lines[at]).column;
  const found = [];
  for (const line of lines.slice(at + 1).map(lineOf)) {
    if (line.empty) continue;
    if (line.column <= depth) break;
    if (line.key && line.column === depth + 2) found.push(line.key);
  }
  return found;
}

// The options at a place: what stands in the list, what is written, how far the caret goes back, and what it is.
export function optionsAt(context, { types, names }, lines) {
  if (context.kind === "place") return ofPlace(context, names, lines);
  if (context.kind === "key") return ofKeys(context, types);
  if (context.kind === "value") return ofValues(context, types, names, lines);
  return [];
}

function ofKeys({ path, prefix, beside, inFlow }, types) {
  const keys = types[typeAt(types, path)] ?? {};
  const acts = [...beside].some((key) => keys[key]?.action);
  return Object.entries(keys)
    .filter(([key, found]) => !beside.has(key) && !(acts && found.action))
    .map(([key, found]) => ({ label: key, about: found.about, back: prefix.length, ...written(key, found, inFlow, types) }));
}

function written(key, found, inFlow, types) {
  const holds = found.of && Object.keys(types[found.of] ?? {}).length;
  if (found.action) return holds ? { insert: `${key}: {}`, caret: -1 } : { insert: `${key}:`, caret: 0 };
  if (found.list && found.of) return inFlow ? { insert: `${key}: [{}]`, caret: -2 } : { insert: `${key}:`, caret: 0 };
  if (found.of) return { insert: inFlow ? `${key}: {}` : `${key}: {}`, caret: -1 };
  return { insert: `${key}: `, caret: 0 };
}

function ofValues({ path, key, prefix, inFlow }, types, names, lines) {
  const type = typeAt(types, path);
  const found = types[type]?.[key];
  const fields = () => fieldsOf(names, lines);
  const quoted = (word) => (inFlow ? `"${word}"` : word);
  const places = () => fields().map((name) => ["item", name]).map(([place, name]) => [`\${${place}.${name}}`, quoted(`\${${place}.${name}}`)]);
  const lists = {
    process: () => names.processes, of: () => names.processes, form: () => names.forms,
    routine: () => names.routines, image: () => names.images, field: fields, personal: fields, key: type === "Items" ? fields : () => [],
    value: places, option: places, options: places,
    url: () => names.targets.map((name) => [`\${target.${name}}/`, quoted(`\${target.${name}}/`)]),
    file: () => [...names.folders.map((name) => [`\${folder.${name}}/`, quoted(`\${folder.${name}}/`)]), "outbox/"],
  };
  const short = found?.action && key === "open" ? lists.url() : [];
  const words = [...(found?.words ?? []), ...short, ...(found && lists[key] ? lists[key]() : [])];
  return words.map((word) => (Array.isArray(word) ? word : [word, word]))
    .map(([label, insert]) => ({ label, insert, caret: 0, back: prefix.length, about: "" }));
}

function ofPlace({ prefix }, names, lines) {
  const filter = prefix.includes("|");
  const begun = prefix.slice(prefix.lastIndexOf("|") + 1).trimStart();
  const option = (label, closes) => ({ label, insert: label, caret: 0, back: begun.length, about: "", closes });
  if (filter) return names.filters.map((name) => option(name, !name.endsWith(": ")));
  const [place] = begun.split(".");
  const inner = { item: () => fieldsOf(names, lines), target: () => names.targets, folder: () => names.folders };
  if (begun.includes(".") && inner[place]) return inner[place]().map((name) => option(`${place}.${name}`, true));
  return names.places.map((name) => option(name, !name.endsWith(".")));
}

// Those options that begin with what was written, then those that hold it; letters of any width and case.
export function fitting(options, context) {
  const fold = (word) => word.normalize("NFKC").toLowerCase();
  const begun = (option) => fold(context.prefix.slice(context.prefix.length - option.back)).replace(/^["']/, "");
  const first = options.filter((option) => fold(option.label).startsWith(begun(option)));
  const later = options.filter((option) => !first.includes(option) && begun(option) && fold(option.label).includes(begun(option)));
  return [...first, ...later].filter((option) => fold(option.insert.trim()) !== begun(option) && fold(option.label) !== begun(option));
}
