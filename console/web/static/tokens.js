// A fresh token: the focus goes to it, and it can be copied where the browser allows that.
const secret = document.querySelector("[data-secret]");
if (secret) {
  document.querySelector("#secret-title").focus();
  const button = document.querySelector("[data-copy]");
  const copied = document.querySelector("[data-copied]");
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(secret.textContent);
    copied.textContent = copied.dataset.words;
  });
}
