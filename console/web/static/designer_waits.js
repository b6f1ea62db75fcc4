// While the blank is being looked at: say how far it is, then show the designer.
import { standing } from "./designer_work.js";

const given = JSON.parse(document.querySelector("#given").textContent);
const place = document.querySelector("[data-progress]");
if (place) {
  await standing(`/forms/drafts/${given.draft}/work`, ({ page }) => {
    const words = page ? given.words.page.replace("{page}", page) : given.words.waiting;
    if (place.textContent !== words) place.textContent = words;
  });
  location.reload();
}
