// The pages work without any of this; it only makes them smoother.
import { initAll } from "./vendor/govuk-frontend.js";

initAll();

// The skip link, or the link to a field, leaves its mark in the address, and a form posts to its
// page's address: the next page would move the focus there, away from what it says is wrong.
document.addEventListener("submit", () => {
  if (location.hash) {
    history.replaceState(history.state, "", location.pathname + location.search);
  }
});

// Parts that arrive later need their behaviour too.
document.addEventListener("htmx:after:swap", (event) => {
  const target = event.detail?.ctx?.target ?? event.target;
  if (target instanceof Element && target.isConnected) {
    initAll({ scope: target });
  }
});
