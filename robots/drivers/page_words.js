// The words a page offers for one kind of target, open shadow roots included; told to people when a target was not found:
// `told` are labels of the page, `near` may be somebody's data and are told only when they look like what was asked for.
(kind) => {
  const tidy = text => (text || "").replace(/[\s\u3000]+/g, " ").trim();
  const bare = text => tidy(text).replace(/(?:[*＊※:：]|[（(［【]?(?:必須|任意)[）)］】]?)+$|^(?:[*＊※]|必須|任意)+/g, "").trim();
  const shown = element => element.getClientRects().length > 0;
  const all = (root, selector) => [...root.querySelectorAll("*")].filter(element => element.shadowRoot)
    .reduce((found, host) => found.concat(all(host.shadowRoot, selector)), [...root.querySelectorAll(selector)]).filter(shown);
  const headings = () => all(document, "h1,h2,h3,h4,h5,h6,caption,legend").map(one => one.innerText);
  const controls = () => all(document,
    "input:not([type=hidden],[type=submit],[type=button],[type=reset],[type=image]),select,textarea");
  // Headers of columns stand in rows that hold nothing but headers; the header of a row or of a group may be a person's name.
  const isHead = cell => cell.tagName === "TH" && !cell.matches("[scope^=row]");
  const columns = table => [...table.rows].map(row => [...row.cells])
    .filter(cells => cells.every(isHead) && !(cells.length === 1 && cells[0].colSpan > 1)).flat().map(cell => cell.textContent);
  const beside = control => control.closest("td,dd")?.previousElementSibling;
  const near = {
    field: () => controls().flatMap(control => [
      beside(control)?.textContent, control.previousSibling?.textContent, control.parentElement?.previousElementSibling?.textContent]),
  };
  const words = {
    field: () => {
      const tables = new Set(controls().map(control => control.closest("table")).filter(Boolean));
      const headers = new Map([...tables].map(table => [table, columns(table)]));
      // What stands beside an input is its label, but not in a list with headers above it.
      const labels = controls().flatMap(control => [
        ...[...(control.labels || [])].map(one => one.textContent), control.getAttribute("aria-label"), control.placeholder,
        headers.get(control.closest("table"))?.length ? "" : beside(control)?.textContent]);
      return [...labels, ...[...headers.values()].flat()];
    },
    option: () => all(document, "label").map(one => one.textContent),
    button: () => all(document, "button,input[type=submit],input[type=button],[role=button]").map(button => button.innerText || button.value),
    link: () => all(document, "a[href]").map(link => link.innerText),
    cell: () => all(document, "th,dt").map(one => one.innerText),
  };
  const listed = words => [...new Set(words.map(bare).filter(word => word && word.length <= 40))].slice(0, 200);
  return { told: listed((words[kind] || headings)()), near: listed(near[kind]?.() || []) };
}
