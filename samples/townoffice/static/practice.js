// What moves on the practice pages: dialogs, a popup window, a list that grows, a menu under the pointer, a component.
const at = id => document.getElementById(id);
const on = (id, kind, act) => at(id)?.addEventListener(kind, act);

on("uketsuke", "submit", event => {
  if (!confirm("受付します。よろしいですか？")) event.preventDefault();
});
on("torikesu", "click", () => { at("kotae").textContent = confirm("取り消しますか？") ? "取り消した" : "残した"; });
on("namae", "click", () => { at("kotae").textContent = prompt("保存する名前を入力してください") ?? "名前なし"; });
on("erabu", "click", () => window.open("/renshu/shokuin", "shokuin", "width=500,height=400"));
on("machi", "input", () => { at("koho").textContent = at("machi").value.length > 2 ? `${at("machi").value}一丁目` : ""; });
on("keikoku", "click", () => setTimeout(() => alert("見本　太郎 さんの世帯は点検中です"), 150));
for (const row of document.querySelectorAll("#shokuin tr[data-name]")) {
  row.addEventListener("dblclick", () => { window.opener.document.getElementById("tanto").value = row.dataset.name; window.close(); });
}
for (const button of document.querySelectorAll(".kansu")) {
  button.addEventListener("click", () => { button.closest("tr").cells[2].textContent = "完了"; });
}
const menu = document.querySelector("#menyu");
if (menu) {
  menu.addEventListener("pointerenter", () => { menu.querySelector("ul").hidden = false; });
  menu.addEventListener("pointerleave", () => { menu.querySelector("ul").hidden = true; });
}
const list = at("kako");
if (list) {
  let next = 0, asking = false;
  const more = async () => {
    if (asking) return;
    asking = true;
    at("narabi").insertAdjacentHTML("beforeend", await (await fetch(`/renshu/bubun/${next}`)).text());
    next += 1;
    asking = false;
  };
  list.addEventListener("scroll", () => { if (list.scrollTop + list.clientHeight > list.scrollHeight - 20) more(); });
  more();
}
on("sansho", "click", () => at("shashin").click());
on("shashin", "change", () => { at("mei").textContent = at("shashin").files[0].name; });
const late = at("okureru");
if (late) {
  setTimeout(() => { late.disabled = false; at("junbi").remove(); }, 700);
  const cover = document.createElement("div");
  const place = at("tojiru").getBoundingClientRect();
  cover.style.cssText = `position:absolute;left:${place.left}px;top:${place.top}px;width:${place.width}px;height:${place.height}px`;
  document.body.append(cover);
}
customElements.define("mihon-day", class extends HTMLElement {
  connectedCallback() {
    const root = this.attachShadow({ mode: "open" });
    root.innerHTML = "<label for=d>希望日</label><input id=d><button type=button>決める</button>";
    root.querySelector("button").addEventListener("click", () => { at("kibobi").value = root.querySelector("input").value; });
  }
});
