// Signing out forgets everything that was typed in this browser tab.
for (const form of document.querySelectorAll("form.leave")) {
  form.addEventListener("submit", () => sessionStorage.clear());
}
