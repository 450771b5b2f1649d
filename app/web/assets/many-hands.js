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

// A live part says how long ago it was heard of, by this machine's own clock, and admits silence.
const heard = new WeakMap();
setInterval(() => {
  for (const line of document.querySelectorAll("[data-heard]")) {
    const { heard: moment, stale, fresh, lost } = line.dataset;
    if (heard.get(line)?.moment !== moment) {
      heard.set(line, { moment, at: performance.now(), silent: false });
      line.classList.remove("mh-live--lost");
      line.setAttribute("aria-live", "off");
    }
    const known = heard.get(line);
    const seconds = Math.round((performance.now() - known.at) / 1000);
    const words = line.querySelector(".mh-live__words");
    if (seconds < Number(stale)) {
      words.textContent = fresh.replace("{n}", String(seconds));
    } else if (!known.silent) {
      known.silent = true;
      line.classList.add("mh-live--lost");
      line.setAttribute("aria-live", "polite");
      words.textContent = lost;
    }
  }
}, 1000);
