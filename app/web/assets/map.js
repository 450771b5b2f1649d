// Draws the places of #map-data on a map in #map. The list beside it says the same.
// The map's own program weighs as much as the page: it comes when the map comes into view.
const data = document.getElementById("map-data");
const frame = document.getElementById("map");
const { leaflet, style, nearer, further, close } = document.currentScript.dataset;

const label = (place) => {
  const box = document.createElement("div");
  const link = document.createElement(place.href ? "a" : "strong");
  if (place.href) {
    link.className = "govuk-link";
    link.href = place.href;
  }
  link.textContent = place.title;
  box.append(link);
  if (place.line) {
    const line = document.createElement("p");
    line.textContent = place.line;
    box.append(line);
  }
  return box;
};

// A pin; or, where there are many at about one place, a circle with their number.
const sign = (place) => {
  if (!place.number) {
    const pin = place.tone ? `mh-pin mh-pin--${place.tone}` : "mh-pin";
    return window.L.divIcon({ className: pin, iconSize: [28, 28] });
  }
  const wide = Math.round(Math.min(72, 26 + 5 * Math.sqrt(place.number)));
  return window.L.divIcon({
    className: place.tone ? `mh-many mh-many--${place.tone}` : "mh-many",
    html: `<span>${Number(place.number)}</span>`,
    iconSize: [wide, wide],
  });
};

const draw = (places) => {
  const map = window.L.map(frame, { scrollWheelZoom: false, zoomControl: false });
  window.L.control.zoom({ zoomInTitle: nearer, zoomOutTitle: further }).addTo(map);
  map.on("popupopen", ({ popup }) => {
    popup.getElement().querySelector(".leaflet-popup-close-button")?.setAttribute("aria-label", close);
  });
  map.attributionControl.setPrefix(false);
  window.L.tileLayer("https://tile.openstreetmap.org/{z}/{x}/{y}.png", {
    maxZoom: 17,
    // The tiles' owners ask to know which site uses them, not which page.
    referrerPolicy: "origin",
    attribution: '© <a href="https://www.openstreetmap.org/copyright">OpenStreetMap</a>',
  }).addTo(map);
  const bounds = [];
  for (const place of places) {
    const spot = [place.lat, place.lon];
    bounds.push(spot);
    window.L.marker(spot, {
      // The list on the same page is the way by keyboard: no hundred stops before it.
      keyboard: false,
      icon: sign(place),
      title: place.title,
      alt: place.title,
    })
      .bindPopup(() => label(place))
      .addTo(map);
  }
  map.fitBounds(bounds, { padding: [32, 32], maxZoom: 14 });
};

const fetched = (tag, address) =>
  new Promise((resolve, reject) => {
    const element = document.createElement(tag);
    element.addEventListener("load", resolve);
    element.addEventListener("error", reject);
    if (tag === "link") {
      element.rel = "stylesheet";
      element.href = address;
    } else {
      element.src = address;
    }
    document.head.append(element);
  });

const show = async (places) => {
  try {
    await Promise.all([fetched("link", style), fetched("script", leaflet)]);
    draw(places);
  } catch {
    frame.hidden = true; // no empty frame where the map did not come
  }
};

if (data && frame) {
  const places = JSON.parse(data.textContent).filter(
    (place) => Number.isFinite(place.lat) && Number.isFinite(place.lon),
  );
  if (places.length > 0) {
    frame.hidden = false;
    const watch = new IntersectionObserver((seen) => {
      if (seen.some((one) => one.isIntersecting)) {
        watch.disconnect();
        show(places);
      }
    });
    watch.observe(frame);
  }
}
