// The words a page offers for one kind of target; told to people when a target was not found.
(kind) => {
  const tidy = text => (text || "").replace(/[\s\u3000]+/g, " ").trim();
  const shown = element => element.getClientRects().length > 0;
  const words = {
    field: () => [...document.querySelectorAll("input:not([type=hidden]),select,textarea")].filter(shown).flatMap(control => [
      ...[...(control.labels || [])].map(one => one.textContent), control.getAttribute("aria-label"), control.placeholder,
      control.closest("td,dd")?.previousElementSibling?.textContent]),
    option: () => [...document.querySelectorAll("label")].filter(shown).map(one => one.textContent),
    button: () => [...document.querySelectorAll("button,input[type=submit],input[type=button],[role=button]")].filter(shown)
      .map(button => button.innerText || button.value),
    link: () => [...document.querySelectorAll("a[href]")].filter(shown).map(link => link.innerText),
    heading: () => [...document.querySelectorAll("h1,h2,h3,h4,h5,h6,caption,legend")].filter(shown).map(one => one.innerText),
    cell: () => [...document.querySelectorAll("th,dt")].filter(shown).map(one => one.innerText),
  };
  return [...new Set((words[kind] || words.heading)().map(tidy).filter(word => word && word.length <= 40))].slice(0, 200);
}
