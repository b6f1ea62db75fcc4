// The words a page offers for one kind of target, open shadow roots included; told to people when a target was not found.
(kind) => {
  const tidy = text => (text || "").replace(/[\s\u3000]+/g, " ").trim();
  const bare = text => tidy(text).replace(/(?:[*＊※:：]|[（(［【]?(?:必須|任意)[）)］】]?)+$|^(?:[*＊※]|必須|任意)+/g, "").trim();
  const shown = element => element.getClientRects().length > 0;
  const all = (root, selector) => [...root.querySelectorAll("*")].filter(element => element.shadowRoot)
    .reduce((found, host) => found.concat(all(host.shadowRoot, selector)), [...root.querySelectorAll(selector)]).filter(shown);
  const headings = () => all(document, "h1,h2,h3,h4,h5,h6,caption,legend").map(one => one.innerText);
  const words = {
    field: () => all(document, "input:not([type=hidden],[type=submit],[type=button],[type=reset],[type=image]),select,textarea")
      .flatMap(control => [
        ...[...(control.labels || [])].map(one => one.textContent), control.getAttribute("aria-label"), control.placeholder,
        control.closest("td,dd")?.previousElementSibling?.textContent, control.previousSibling?.textContent,
        control.parentElement?.previousElementSibling?.textContent,
        ...[...(control.closest("table")?.querySelectorAll("th") || [])].map(one => one.textContent)]),
    option: () => all(document, "label").map(one => one.textContent),
    button: () => all(document, "button,input[type=submit],input[type=button],[role=button]").map(button => button.innerText || button.value),
    link: () => all(document, "a[href]").map(link => link.innerText),
    cell: () => all(document, "th,dt").map(one => one.innerText),
  };
  return [...new Set((words[kind] || headings)().map(bare).filter(word => word && word.length <= 40))].slice(0, 200);
}
