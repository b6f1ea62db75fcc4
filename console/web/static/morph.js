// Makes the children of an element like those of another one, node by node. What stays is never replaced, so a node
// that has the focus, or in which text is selected, is left alone; rows are told apart by `data-key`.

export function morph(old, fresh) {
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  if (!old.hasAttribute("data-live")) {
    for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  }
  children(old, fresh);
}

function children(old, fresh) {
  const known = new Map([...old.children].filter((one) => one.dataset.key).map((one) => [one.dataset.key, one]));
  let place = old.firstChild;
  for (const next of [...fresh.childNodes]) {
    const key = next.dataset?.key;
    const match = key ? known.get(key) : ahead(place, next);
    if (match && alike(match, next)) {
      known.delete(key);
      if (match === place) place = place.nextSibling;
      else move(old, match, place);
      if (match.nodeType === Node.ELEMENT_NODE) morph(match, next);
      else if (match.data !== next.data) match.data = next.data;
    } else {
      old.insertBefore(next, place);
    }
  }
  while (place) {
    const gone = place;
    place = place.nextSibling;
    remove(gone);
  }
}

// The next node of the same kind without a key: text before it (a line's end that the parser drops) is passed over.
function ahead(place, next) {
  for (let one = place; one; one = one.nextSibling) if (!one.dataset?.key && alike(one, next)) return one;
  return null;
}

// Puts a row to its place; a row that has the focus stays where it is and the others go around it.
function move(old, row, place) {
  if (!row.contains(document.activeElement)) {
    old.insertBefore(row, place);
    return;
  }
  for (let before = place; before && before !== row; ) {
    const other = before;
    before = before.nextSibling;
    row.after(other);
  }
}

// Takes a node away; the focus that was in it goes to the heading of its section.
function remove(node) {
  if (node.contains(document.activeElement)) {
    node.parentElement.closest("section")?.querySelector("h2[tabindex]")?.focus({ preventScroll: true });
  }
  node.remove();
}

function alike(one, other) {
  return one.nodeType === other.nodeType && one.nodeName === other.nodeName;
}
