// Lets this device show one's own coming shifts with no signal (see /sw.js).
if ("serviceWorker" in navigator) {
  navigator.serviceWorker.register("/sw.js").catch((reason) => console.warn(reason));
}
