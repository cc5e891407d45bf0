// The service worker: pages open without network. Served at /worker.js below lines that set VERSION, SHELL, SCANNER.
//
// SHELL[0] is the page for places without network; the rest is what it needs. Nothing personal is ever cached: the
// page fills itself from the phone's own store. Organizers' pages and activation links never pass through here.
/* global VERSION, SHELL, SCANNER */

const CACHE = `eventnet-${VERSION}`;
const BADGE_PATIENCE_MS = 2500; // somebody stands there
const PATIENCE_MS = 6000;
const PROBE_MS = 4000;
const OUTSIDE = /^\/(admin|a)(\/|$)/i;
const BADGE = /^\/b\//i;
const EVENT = /^\/e\//;
const KEPT = /^\/e\/[^/]+\/(scan|badge|people)$/; // what the page for places without network can show itself

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const files = [...SHELL];
    // A phone that was made ready stays ready: the scanner's decoder comes along with a new version.
    if (await hasScanner()) files.push(...SCANNER);
    const cache = await caches.open(CACHE);
    await cache.addAll(files.map((path) => new Request(path, { cache: "no-cache" })));
  })());
});

// Not before the last tab of the version before is closed: until then that tab finds its own files.
self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(CACHE);
    for (const name of await caches.keys()) {
      if (!name.startsWith("eventnet-") || name === CACHE) continue;
      await bringAlong(await caches.open(name), cache);
      await caches.delete(name);
    }
    await self.clients.claim();
  })());
});

async function hasScanner() {
  for (const name of await caches.keys()) {
    const kept = await (await caches.open(name)).keys();
    if (kept.some(({ url }) => url.endsWith(SCANNER.at(-1).split("/").at(-1)))) return true;
  }
  return false;
}

/** Files of this version that a page of it already fetched while the worker before was still in charge. */
async function bringAlong(old, cache) {
  for (const request of await old.keys()) {
    if (SCANNER.includes(new URL(request.url).pathname)) await cache.put(request, await old.match(request));
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin || OUTSIDE.test(url.pathname)) return;
  if (url.pathname.startsWith("/static/")) event.respondWith(asset(request, event));
  else if (request.mode === "navigate") event.respondWith(page(request, url));
});

/** Files whose address carries their version: from the cache, else from the network and kept. */
async function asset(request, event) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request, { ignoreVary: true });
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok && (answer.headers.get("Cache-Control") ?? "").includes("immutable")) {
    // Running out of room costs only the copy.
    event.waitUntil(cache.put(request, answer.clone()).catch(() => {}));
  }
  return answer;
}

/** The network's page; where there is none, ours. A captive portal is no network: it answers for everybody. */
async function page(request, url) {
  const isBadge = BADGE.test(url.pathname), isKept = KEPT.test(url.pathname);
  if (!isBadge && !EVENT.test(url.pathname)) return fetch(request).catch(shell);
  const patience = isBadge ? BADGE_PATIENCE_MS : isKept ? PATIENCE_MS : 0;
  const stop = new AbortController();
  const timer = patience ? setTimeout(() => stop.abort(), patience) : 0;
  try {
    // A request that navigates cannot be given a signal; this asks for the same page.
    const answer = await fetch(request.url, {
      credentials: "same-origin", redirect: "manual", signal: stop.signal, headers: { Accept: "text/html" },
    });
    // Where it leads cannot be read. A badge page never leads elsewhere; an event's page may, if it is our server.
    if (answer.type === "opaqueredirect") return !isBadge && (await isOurs()) ? answer : shell();
    if (!answer.headers.has("X-Eventnet")) return shell();
    return answer.status >= 500 && (isBadge || isKept) ? shell() : answer;
  } catch {
    return shell(); // no network, or too slow
  } finally {
    clearTimeout(timer);
  }
}

/** Whether our own server answers, and not a portal in its place. */
async function isOurs() {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PROBE_MS);
  try {
    const answer = await fetch("/healthz", { cache: "no-store", redirect: "error", signal: stop.signal });
    return answer.headers.has("X-Eventnet");
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}

async function shell() {
  return (await caches.match(SHELL[0], { ignoreVary: true })) ?? Response.error();
}
