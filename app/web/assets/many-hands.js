// The pages work without any of this; it only makes them smoother.
import { initAll } from "./vendor/govuk-frontend.js";

initAll();

// Parts that arrive later need their behaviour too.
document.addEventListener("htmx:after:swap", (event) => {
  const target = event.detail?.ctx?.target ?? event.target;
  if (target instanceof Element && target.isConnected) {
    initAll({ scope: target });
  }
});
