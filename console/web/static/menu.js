// The menu opens and closes without this script; with it, it also closes by Escape, by a click elsewhere, and when left.
const menus = [...document.querySelectorAll(".menu details")];

function close(menu, { back = false } = {}) {
  if (!menu.open) return;
  menu.open = false;
  if (back) menu.querySelector("summary").focus();
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229) return;
  const open = menus.find((menu) => menu.open);
  if (event.key !== "Escape" || !open) return;
  close(open, { back: open.contains(document.activeElement) });
});
document.addEventListener("pointerdown", (event) => {
  for (const menu of menus) if (!menu.contains(event.target)) close(menu);
});
for (const menu of menus) {
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !menu.contains(event.relatedTarget)) close(menu);
  });
}
