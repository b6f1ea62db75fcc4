// Finds things on a page the way a person does: by the words beside them. It runs in the browser, in a world of
// its own, as the selector engine `hakadori=`. Its body is JSON: {"any": [spec, …]}; the first spec with a match wins.
// A spec: {kind, name, field?, row?, nth?, value?, contains?, count?}. Spaces, 必須 / 任意 and ＊ ※ : at the ends do not count.
(() => {
  const CONTROLS = "input:not([type=hidden]):not([type=submit]):not([type=button]):not([type=reset]):not([type=image])," +
    "select,textarea,[contenteditable=''],[contenteditable=true],[role=textbox],[role=combobox]";
  const BUTTONS = "button,input[type=submit],input[type=button],input[type=reset],input[type=image],summary,[role=button]";
  const ROWS = "tr,[role=row]", CELLS = "td,th,[role=cell],[role=gridcell]";
  const MARKS = /^(?:[*＊※◆■●○・:：]|必須|任意)+|(?:[*＊※:：]|[（(\[［【]?(?:必須|任意)[）)\]］】]?)+$/g;

  const plain = text => (text || "").replace(/[\s\u3000]+/g, "");
  const label = text => plain(text).replace(MARKS, "") || plain(text);
  const shown = element => {
    if (!element.isConnected) return false;
    if (element.checkVisibility && !element.checkVisibility({ checkVisibilityCSS: true })) return false;
    return element.getClientRects().length > 0;
  };
  // Every element of the tree, open shadow roots included, in the order of the page.
  function* walk(root) {
    for (const child of root.children || []) {
      yield child;
      if (child.shadowRoot) yield* walk(child.shadowRoot);
      yield* walk(child);
    }
  }
  const all = (root, selector) => {
    const light = [...root.querySelectorAll(selector)];
    const hosts = [...root.querySelectorAll("*")].filter(element => element.shadowRoot);
    return hosts.reduce((found, host) => found.concat(all(host.shadowRoot, selector)), light);
  };
  const textOf = element => plain(element.innerText ?? element.textContent);
  const byIds = (element, ids) => ids.split(/\s+/).map(id => {
    const found = element.getRootNode().getElementById?.(id);
    return found ? found.textContent : "";
  }).join("");
  const namesOf = element => {
    const names = [];
    if (element.getAttribute("aria-labelledby")) names.push(byIds(element, element.getAttribute("aria-labelledby")));
    if (element.getAttribute("aria-label")) names.push(element.getAttribute("aria-label"));
    for (const one of element.labels || []) names.push(ownLabel(one, element));
    return names.map(label).filter(Boolean);
  };
  // A label's words without those of the control inside it (a select's options, say).
  const ownLabel = (one, control) => {
    if (!one.contains(control)) return one.textContent;
    const copy = one.cloneNode(true);
    for (const inner of copy.querySelectorAll("select,textarea,button")) inner.remove();
    return copy.textContent;
  };
  const headerCells = (root, name) =>
    all(root, "th,dt,td").filter(cell => label(cell.textContent) === name && !cell.querySelector(CONTROLS));
  const beside = header => {
    const next = header.nextElementSibling;
    return next && (next.tagName === "TD" || next.tagName === "DD") ? next : null;
  };
  // Which cell covers each place of a table, counted through colspan and rowspan: grid[row][column]. A cell never
  // reaches out of its thead, tbody or tfoot. Remembered for one search only: the next may see another page.
  let grids = new WeakMap();
  const gridOf = table => {
    if (!grids.has(table)) grids.set(table, Object.assign(laidOut([...table.rows]), { firsts: new Map() }));
    return grids.get(table);
  };
  const laidOut = lines => {
    const grid = lines.map(() => []), ends = [];
    for (let y = lines.length - 1; y >= 0; y -= 1)
      ends[y] = lines[y + 1]?.parentElement === lines[y].parentElement ? ends[y + 1] : y + 1;
    lines.forEach((row, y) => {
      let x = 0;
      for (const cell of row.cells) {
        while (grid[y][x]) x += 1;
        const last = cell.rowSpan ? Math.min(y + cell.rowSpan, ends[y]) : ends[y];
        for (let down = y; down < last; down += 1)
          for (let right = x; right < x + cell.colSpan; right += 1) grid[down][right] = cell;
        x += cell.colSpan;
      }
    });
    return grid;
  };
  // The first place of a grid, from a line on, whose cell has this name.
  const placeIn = (grid, name, from) => {
    for (let line = from; line < grid.length; line += 1) {
      const at = grid[line].findIndex(cell => cell && label(cell.textContent) === name);
      if (at >= 0) return { line, at };
    }
    return null;
  };
  // The cell of a row that stands below (or above) the header of this name.
  const under = (row, name) => {
    const table = row.closest("table"), grid = table ? gridOf(table) : [], own = grid[row.rowIndex];
    if (!own) return null;
    if (!grid.firsts.has(name)) grid.firsts.set(name, placeIn(grid, name, 0));
    const first = grid.firsts.get(name), head = first?.line === row.rowIndex ? placeIn(grid, name, first.line + 1) : first;
    return head && own[head.at] || null;
  };
  // The cells of a header's columns, row by row; nothing when its row holds anything but headers.
  const columnOf = head => {
    const row = head.parentElement, table = head.closest("table");
    if (!table || row.tagName !== "TR" || ![...row.cells].every(cell => cell.tagName === "TH" || !label(cell.textContent))) return [];
    const grid = gridOf(table), at = grid[row.rowIndex].indexOf(head);
    return grid.map((line, y) => y > row.rowIndex ? [...new Set(line.slice(at, at + head.colSpan))].filter(cell => cell && cell !== head) : []);
  };
  // The cells below a header; none that reaches into another column.
  const belowCells = (root, name) => {
    if (root.tagName === "TR") return [under(root, name)].filter(Boolean);
    const below = headerCells(root, name).flatMap(head => columnOf(head).flat()
      .filter(cell => cell.tagName === "TD" && cell.colSpan <= head.colSpan));
    return [...new Set(below)];
  };
  const besideCells = (root, name) => headerCells(root, name).map(beside).filter(Boolean);
  const groups = (root, name) => {
    const named = all(root, "fieldset,[role=group],[role=radiogroup]").filter(group =>
      namesOf(group).includes(name) || label(group.querySelector(":scope > legend")?.textContent) === name);
    return named.length ? named : besideCells(root, name);
  };

  // The words just before a control that has neither label nor header: its own line, or the block before it.
  const nearby = control => {
    let before = control;
    for (let steps = 0; steps < 3 && before; steps += 1) {
      for (let node = before.previousSibling; node; node = node.previousSibling) {
        if (node.nodeType === Node.ELEMENT_NODE && (node.matches(CONTROLS) || node.querySelector(CONTROLS))) return "";
        const words = node.nodeType === Node.TEXT_NODE || node.nodeType === Node.ELEMENT_NODE ? node.textContent : "";
        if (label(words)) return words;
      }
      before = before.parentElement;
    }
    return "";
  };

  const tiers = lists => lists.find(make => make().some(shown))?.() || [];
  const finders = {
    field: (root, name) => {
      const controls = all(root, CONTROLS);
      return tiers([
        () => controls.filter(control => namesOf(control).includes(name)),
        () => besideCells(root, name).flatMap(cell => all(cell, CONTROLS)),
        () => controls.filter(control => label(control.placeholder) === name || label(control.title) === name),
        () => controls.filter(control => control.name === name || control.id === name),
        () => controls.filter(control => label(nearby(control)) === name),
        () => belowCells(root, name).flatMap(cell => all(cell, CONTROLS)),
      ]);
    },
    option: (root, name, spec) => {
      const boxes = place => all(place, "input[type=radio],input[type=checkbox],[role=radio],[role=checkbox]");
      const isIt = box => !name || namesOf(box).includes(name) || label(besideText(box)) === name;
      const places = spec.field ? groups(root, label(spec.field)) : [root];
      return places.flatMap(boxes).filter(isIt);
    },
    button: (root, name) => all(root, BUTTONS).filter(button => buttonNames(button).includes(name)),
    link: (root, name) => all(root, "a[href],area[href],[role=link]").filter(link =>
      label(textOf(link)) === name || namesOf(link).includes(name) || label(link.querySelector("img")?.alt) === name),
    heading: (root, name) => all(root, "h1,h2,h3,h4,h5,h6,[role=heading],caption,legend").filter(heading =>
      label(textOf(heading)) === name),
    text: (root, name) => [...walk(root)].filter(element =>
      !["SCRIPT", "STYLE", "NOSCRIPT", "OPTION"].includes(element.tagName) && plain(element.textContent).includes(name) &&
      ![...element.children].some(child => plain(child.textContent).includes(name))),
    cell: (root, name, spec) => spec.row ? [under(root, name)].filter(Boolean) : besideCells(root, name),
    row: (root, name) => rows(root, name),
    css: (root, _name, spec) => all(root, spec.name),
    xpath: (root, _name, spec) => {
      const result = document.evaluate(spec.name, root, null, XPathResult.ORDERED_NODE_SNAPSHOT_TYPE, null);
      return Array.from({ length: result.snapshotLength }, (_, at) => result.snapshotItem(at));
    },
    password: root => all(root, "input[type=password]"),
  };
  const besideText = box => box.nextSibling?.nodeType === Node.TEXT_NODE ? box.nextSibling.textContent : "";
  const buttonNames = button => {
    const words = button.tagName === "INPUT" ? [button.value, button.alt] : [button.innerText, button.title];
    return [...words.map(label), ...namesOf(button)].filter(Boolean);
  };
  // A row by one of its own cells; a row around a whole inner table is not meant.
  const rows = (root, name) => unique(all(root, CELLS).filter(cell => label(cell.textContent) === label(name))
    .map(cell => cell.closest(ROWS)), root);
  const unique = (found, root) => [...new Set(found)].filter(row => row && !row.contains(root));
  // Where to look for what stands in a row: there, and only when it is not there in the rows around it, from inside out.
  function* scopesOf(root, name) {
    for (let found = rows(root, name); found.length; found = unique(found.map(row => row.parentElement?.closest(ROWS)), root))
      yield found;
  }

  const valueOf = element => "value" in element && element.tagName !== "LI" && element.tagName !== "BUTTON"
    ? (element.tagName === "SELECT" ? element.selectedOptions[0]?.text : element.value) : element.innerText;
  function matches(root, spec) {
    const name = spec.kind === "text" ? plain(spec.name) : label(spec.name);
    for (const scopes of spec.row ? scopesOf(root, spec.row) : [[root]]) {
      const found = narrowed(scopes.flatMap(scope => finders[spec.kind](scope, name, spec)).filter(shown), spec);
      if (found.length) return found;
    }
    return [];
  }
  function narrowed(found, spec) {
    if (spec.nth) found = found.slice(spec.nth - 1, spec.nth);
    if (spec.value !== undefined) found = found.filter(element => plain(valueOf(element)) === plain(spec.value));
    if (spec.contains !== undefined) found = found.filter(element => plain(valueOf(element)).includes(plain(spec.contains)));
    return spec.count === undefined || found.length === spec.count ? found : [];
  }
  // Everything that shows personal data: what stands beside a personal label, and what contains a personal value.
  function personal(root, { labels, values }) {
    const names = labels.map(label), wanted = values.map(plain).filter(value => value.length > 1);
    // Digits are found however they are set apart (123-4567, 1,234,567, １２３), but not inside a longer number.
    const bare = value => value.replace(/[-‐‑–−－ー,，]/g, "");
    const isNumber = value => /^[0-9]+$/.test(value) || /^[0-9]{5,}$/.test(bare(value));
    const either = digit => `[${digit}${String.fromCharCode(digit.charCodeAt(0) + 0xfee0)}]`;
    const numbers = wanted.filter(isNumber).map(bare).map(value => new RegExp(
      `(?<![0-9０-９])${[...value].map(either).join(value.length > 4 ? "[-‐‑–−－ー,，]?" : "")}(?![0-9０-９])`));
    const words = wanted.filter(value => !isNumber(value));
    const holds = text => {
      const told = plain(text);
      return words.some(value => told.includes(value)) || numbers.some(number => number.test(told));
    };
    const inputs = all(root, "input,select,textarea").filter(control => holds(valueOf(control)));
    const texts = [...walk(root)].filter(element => holds(element.textContent) &&
      ![...element.children].some(child => holds(child.textContent)));
    const named = names.flatMap(name => [...finders.field(root, name), ...besideCells(root, name)]);
    // A header may hold a control that filters its column.
    const headed = all(root, "th").filter(head =>
      names.includes(label(head.querySelector(CONTROLS) ? ownLabel(head, head) : head.textContent)));
    const columns = headed.flatMap(head => columnOf(head).flat());
    return [...new Set([...inputs, ...texts, ...named, ...columns])].filter(shown);
  }
  // Where these things stand, as words of an element that is not on the page: a selector engine can answer with
  // elements only, and so the answer needs no script in the page's own world, which would cost more than the picture.
  function boxes(elements) {
    const answer = document.createElement("i");
    answer.textContent = JSON.stringify({
      tall: document.documentElement.scrollHeight > innerHeight + 1,
      boxes: elements.map(element => element.getBoundingClientRect()).map(r => [r.left, r.top, r.right, r.bottom]),
      scrolled: [scrollX, scrollY],
    });
    return answer;
  }
  function find(root, body) {
    const asked = JSON.parse(body);
    grids = new WeakMap();
    if (asked.boxes) return [boxes(personal(root, asked.boxes))];
    if (asked.personal) return personal(root, asked.personal);
    for (const spec of asked.any) {
      const found = matches(root, spec);
      if (found.length) return found;
    }
    return [];
  }
  return {
    query: (root, body) => find(root, body)[0] || null,
    queryAll: find,
  };
})()
