// Says when a live part of the page was last heard of, and warns once nothing more is heard.
// Without this the page says at which time it was made.
for (const line of document.querySelectorAll("[data-heard-of]")) {
  const part = document.getElementById(line.dataset.heardOf);
  if (!part) continue;
  const every = Number(line.dataset.every) || 3;
  const words = line.querySelector("[data-words]");
  const alarm = line.querySelector("[data-alarm]");
  let heard = Date.now();
  let lost = false;

  document.addEventListener("htmx:after:request", ({ detail }) => {
    if (detail?.ctx?.sourceElement === part && detail.ctx.response?.status < 400) heard = Date.now();
  });

  const spoken = (seconds) =>
    seconds < 90 ? `${seconds} seconds` : `${Math.round(seconds / 60)} minutes`;

  const look = () => {
    const seconds = Math.round((Date.now() - heard) / 1000);
    const silent = seconds > 4 * every + 5;
    words.textContent = silent
      ? `Nothing heard for ${spoken(seconds)}. What you see may be out of date. We keep trying.`
      : seconds < 2 ? "Up to date: looked just now." : `Up to date: looked ${spoken(seconds)} ago.`;
    if (silent === lost) return;
    lost = silent;
    line.classList.toggle("mh-heard--lost", lost);
    // The seconds are not read out, only that touch is lost and that it is back.
    alarm.textContent = lost ? "The connection is lost. This page may be out of date." : "Connected again.";
  };
  setInterval(look, 1000);
  look();
}
