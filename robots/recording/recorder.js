// Runs in every page while a person is being recorded, after `finder` (page_finder.js) was made. It tells each click and
// each finished input by the same words a robot points at things with. The content of password fields never leaves
// the page; other content is told only to be recognised, and never written down.
const CONTROL = "input:not([type=hidden]):not([type=submit]):not([type=button]):not([type=reset]):not([type=image]),select,textarea";
const BUTTON = "button,input[type=submit],input[type=button],input[type=image],summary,[role=button]";
const DONE = /(登録|申請|受付|送信|更新|保存|削除|変更|処理)(を|が)?(完了)?しました|(登録|申請|受付|送信|更新|保存|処理)(が)?完了/;

const tidy = text => (text || "").replace(/[\s\u3000]+/g, " ").trim();
const ask = spec => finder.queryAll(document, JSON.stringify({ any: [spec] }));
const short = words => words && words.length <= 40;

// The first name that means this very element and nothing else; failing that one with its number; failing that CSS.
function target(element, kind, names, more = {}) {
  const tried = [...new Set(names.map(tidy).filter(short))].map(name => ({ kind, name, ...more }));
  const hits = tried.map(spec => [spec, ask(spec)]).filter(([, found]) => found.includes(element));
  const alone = hits.find(([, found]) => found.length === 1);
  if (alone) return alone[0];
  if (hits.length) return { ...hits[0][0], nth: hits[0][1].indexOf(element) + 1 };
  return { kind: "css", name: cssOf(element) };
}

function cssOf(element) {
  if (element.id) return "#" + CSS.escape(element.id);
  if (element.name) return `${element.tagName.toLowerCase()}[name=${JSON.stringify(element.name)}]`;
  const place = [...element.parentElement.children].indexOf(element) + 1;
  return `${element.parentElement === document.body ? "body" : cssOf(element.parentElement)} > :nth-child(${place})`;
}

function ownWords(holder, control) {
  if (!holder.contains(control)) return holder.textContent;
  const copy = holder.cloneNode(true);
  for (const inner of copy.querySelectorAll("select,textarea,button,input")) inner.remove();
  return copy.textContent;
}

const byIds = ids => (ids || "").split(/\s+/).map(id => document.getElementById(id)?.textContent || "").join("");

function namesOf(control) {
  const cell = control.closest("td,dd");
  return [...[...(control.labels || [])].map(one => ownWords(one, control)), byIds(control.getAttribute("aria-labelledby")),
    control.getAttribute("aria-label"), cell?.previousElementSibling?.textContent, control.placeholder, control.title];
}

function groupsOf(box) {
  const group = box.closest("fieldset,[role=group],[role=radiogroup]");
  return [group?.querySelector(":scope > legend")?.textContent, byIds(group?.getAttribute("aria-labelledby")),
    group?.getAttribute("aria-label"), box.closest("td,dd")?.previousElementSibling?.textContent].map(tidy).filter(short);
}

const wordsBeside = box => tidy(box.labels?.[0] ? ownWords(box.labels[0], box) : box.nextSibling?.textContent);

// A link inside a table of several rows may be somebody's name: then it is told by its place. Nobody's name are words
// that stand in several rows (詳細), and links to a page of the system itself: an address of a record holds its number.
function mayBeName(link) {
  if (!link.closest("td") || link.closest("table").rows.length <= 2) return false;
  if (link.href && !/[0-9]/.test(new URL(link.href).pathname + new URL(link.href).search)) return false;
  return ask({ kind: "link", name: tidy(link.innerText) }).length < 2;
}

// The page as it stands, for trying the robot without the target: no scripts, its styles written into it, and nothing of
// anybody in it: inputs and the plain cells of tables are empty, links to records lose their words and their numbers.
function snapshot() {
  const live = document.documentElement, copy = live.cloneNode(true);
  const gone = "script,noscript,base,link[rel~=stylesheet],link[rel~=preload],link[rel~=icon],meta[http-equiv],iframe";
  for (const one of copy.querySelectorAll(gone)) one.remove();
  const styles = [...document.styleSheets].map(sheet => { try { return [...sheet.cssRules].map(r => r.cssText).join("\n"); } catch { return ""; } });
  const style = document.createElement("style");
  style.textContent = styles.join("\n");
  copy.querySelector("head")?.append(style);
  copy.querySelector("head")?.querySelectorAll("style:not(:last-child)").forEach(one => one.remove());
  const here = [...live.querySelectorAll("a[href]")];
  [...copy.querySelectorAll("a[href]")].forEach((link, at) => {
    const was = here[at];
    if (new URL(was.href).origin === location.origin) link.setAttribute("href", was.closest("td") ? was.pathname : was.pathname + was.search);
    if (mayBeName(was)) { link.textContent = "●●"; link.setAttribute("href", was.pathname.replace(/[0-9]+/g, "0")); link.removeAttribute("title"); }
  });
  for (const form of copy.querySelectorAll("form[action]")) {
    const to = new URL(form.getAttribute("action"), location.href);
    if (to.origin === location.origin) form.setAttribute("action", to.pathname);
  }
  const words = "input[type=submit],input[type=button],input[type=reset],input[type=radio],input[type=checkbox]";
  for (const control of copy.querySelectorAll("input")) {
    if (!control.matches(words)) control.removeAttribute("value");
    control.removeAttribute("checked");
  }
  // What a script would enable once the fields are filled: there is no script in the saved page.
  for (const one of copy.querySelectorAll("[disabled],[aria-disabled]")) ["disabled", "aria-disabled"].forEach(word => one.removeAttribute(word));
  for (const area of copy.querySelectorAll("textarea")) area.textContent = "";
  for (const option of copy.querySelectorAll("option[selected]")) option.removeAttribute("selected");
  for (const cell of copy.querySelectorAll("td")) {
    if (cell.querySelector("input,select,textarea,button,table")) continue;
    for (const node of [...cell.childNodes]) if (node.nodeType === 3 || !(node.matches?.("a") || node.querySelector?.("a"))) node.remove();
  }
  return "<!DOCTYPE html>\n" + copy.outerHTML;
}

function tell(event) {
  window.hakadoriRecord(JSON.stringify({ url: location.href, ...event }));
}

function changedBox(box) {
  const group = groupsOf(box).find(name => ask({ kind: "option", name: wordsBeside(box), field: name }).includes(box));
  if (box.type === "radio") {
    if (group) tell({ do: "choose", target: { kind: "field", name: group }, value: wordsBeside(box) });
    else tell({ do: "click", target: target(box, "option", [wordsBeside(box)]) });
    return;
  }
  const fellows = group ? ask({ kind: "option", name: "", field: group }).filter(one => one.type === "checkbox") : [box];
  if (fellows.length > 1) {
    const ticked = fellows.filter(one => one.checked).map(wordsBeside);
    tell({ do: "check", target: { kind: "field", name: group }, value: ticked.join("、"), options: true });
  } else {
    tell({ do: box.checked ? "check" : "uncheck", target: target(box, "field", [...namesOf(box), ...groupsOf(box)]) });
  }
}

document.addEventListener("change", event => {
  const control = event.target;
  if (!event.isTrusted || !control.matches?.(CONTROL)) return;
  if (control.type === "radio" || control.type === "checkbox") return changedBox(control);
  const names = namesOf(control);
  if (control.type === "file") return tell({ do: "upload", target: target(control, "field", names) });
  if (control.tagName === "SELECT")
    return tell({ do: "select", target: target(control, "field", names), value: tidy(control.selectedOptions[0]?.text) });
  const secret = control.type === "password" || /password|one-time-code|cc-/.test(control.autocomplete || "");
  tell({ do: "fill", target: target(control, "field", names), secret, value: secret ? null : control.value });
}, true);

document.addEventListener("click", event => {
  if (!event.isTrusted) return;
  const button = event.target.closest?.(BUTTON);
  const link = event.target.closest?.("a[href],[role=link]");
  if (button) {
    const words = button.tagName === "INPUT" ? [button.value, button.alt] : [button.innerText, button.title];
    tell({ do: "click", target: target(button, "button", [...words, button.getAttribute("aria-label")]) });
  } else if (link) {
    tell({ do: "click", target: mayBeName(link) ? { kind: "css", name: cssOf(link) } : target(link, "link", [link.innerText]) });
  }
}, true);

if (window === window.top) document.addEventListener("DOMContentLoaded", () => {
  const headings = [...document.querySelectorAll("h1,h2,h3")].map(one => tidy(one.innerText)).filter(short);
  const own = headings.filter(name => ask({ kind: "heading", name }).length === 1);
  tell({ do: "page", headings: own, done: DONE.exec(document.body?.innerText || "")?.[0] || "",
    login: document.querySelector("input[type=password]") !== null, html: snapshot() });
});
