// What a phone shows with no signal: the style, one page that says so, and the list of
// one's own coming shifts. Nothing else of a signed-in page is kept. See docs/decisions/0012.
const FILES = {{ files | tojson }};
const SHELL = "shell-{{ version }}";
const OWN = "own";
const KEPT = "/my/shifts/kept";
const NO_SIGNAL = "/no-signal";
const OWN_PAGES = /^\/(my\/shifts|shifts\/\d+\/place)?$/;
const SIGN_OUT = /\/sign-out(-everywhere)?$/;
const KEEPS = 48 * 60 * 60 * 1000; // after two days a copy would mislead
const FRESH = 10 * 60 * 1000;
const PATIENCE = 8 * 1000; // so long a weak signal is waited for, where there is a copy
let cleared = 0;

addEventListener("install", (event) => event.waitUntil(install()));
addEventListener("activate", (event) => event.waitUntil(activate()));
addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.method === "POST" && SIGN_OUT.test(url.pathname)) event.waitUntil(forget());
  if (request.method !== "GET") return;
  if (FILES.includes(url.pathname)) event.respondWith(file(request));
  else if (request.mode === "navigate") event.respondWith(page(event, url.pathname));
});

async function install() {
  const shell = await caches.open(SHELL);
  // Without the session: this page is everybody's.
  await shell.addAll([...FILES, new Request(NO_SIGNAL, { credentials: "omit" })]);
  await skipWaiting();
}

async function activate() {
  for (const name of await caches.keys()) {
    if (name !== SHELL && name !== OWN) await caches.delete(name);
  }
  await clients.claim();
  await keep();
}

async function file(request) {
  return (await caches.match(request, { ignoreVary: true })) ?? fetch(request);
}

// The network first; without it the copy of the own shifts, or the page that says why.
async function page(event, path) {
  const isOwn = OWN_PAGES.test(path);
  const copy = isOwn ? await kept() : undefined;
  const answer = fetch(event.request);
  answer.catch(() => undefined); // it is awaited below; too late is no fault of its own
  try {
    const came = await (copy ? Promise.race([answer, tooLong()]) : answer);
    const whose = came.headers.get("X-Whose");
    if (whose) event.waitUntil(note(whose, isOwn, path));
    return came;
  } catch {
    return copy ?? (await caches.match(NO_SIGNAL, { ignoreVary: true })) ?? Response.error();
  }
}

function tooLong() {
  return new Promise((_, reject) => setTimeout(() => reject(new Error("too slow")), PATIENCE));
}

// Another person, or nobody, is signed in: what was kept is not theirs.
async function note(whose, isOwn, path) {
  const copy = await stored();
  if (copy && copy.headers.get("X-Whose") !== whose) await forget();
  const isOld = !copy || Date.now() - keptAt(copy) > FRESH;
  if (isOwn && whose !== "nobody" && (isOld || path !== "/")) await keep();
}

async function keep() {
  const before = cleared;
  let answer;
  try {
    answer = await fetch(KEPT, { redirect: "error", headers: { Accept: "text/html" } });
  } catch {
    return; // no signal, or not signed in any more: there is nothing to keep
  }
  if (!answer.ok) return;
  const headers = new Headers({ "X-Kept-At": String(Date.now()) });
  for (const name of ["Content-Type", "Content-Security-Policy", "X-Whose"]) {
    headers.set(name, answer.headers.get(name) ?? "");
  }
  const text = await answer.text();
  const own = await caches.open(OWN);
  // Whoever signed out meanwhile wants nothing kept.
  if (before === cleared) await own.put(KEPT, new Response(text, { headers }));
}

async function forget() {
  cleared += 1;
  await caches.delete(OWN);
}

function keptAt(copy) {
  return Number(copy.headers.get("X-Kept-At"));
}

async function stored() {
  return (await caches.has(OWN)) ? (await caches.open(OWN)).match(KEPT) : undefined;
}

async function kept() {
  const copy = await stored();
  if (!copy) return undefined;
  if (Date.now() - keptAt(copy) < KEEPS) return copy;
  await forget();
  return undefined;
}
