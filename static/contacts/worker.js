// The service worker: pages open without network. Served at /worker.js below two lines that set VERSION and SHELL.
//
// SHELL[0] is the page for places without network; the rest is what it needs. Nothing personal is ever cached: the
// page fills itself from the phone's own store. Organizers' pages and activation links never pass through here.
/* global VERSION, SHELL */

const CACHE = `eventnet-${VERSION}`;
const PATIENCE_MS = 2500;
const OUTSIDE = /^\/(admin|a)(\/|$)/i;
const BADGE = /^\/b\//i;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(SHELL.map((path) => new Request(path, { cache: "no-cache" })))));
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith("eventnet-") && name !== CACHE) await caches.delete(name);
    }
    await self.clients.claim();
  })());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin || OUTSIDE.test(url.pathname)) return;
  if (url.pathname.startsWith("/static/")) event.respondWith(asset(request));
  else if (request.mode === "navigate") event.respondWith(page(request, url));
});

/** Files whose address carries their version: from the cache, else from the network and kept. */
async function asset(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request, { ignoreVary: true });
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok && (answer.headers.get("Cache-Control") ?? "").includes("immutable")) {
    // Running out of room costs only the copy.
    cache.put(request, answer.clone()).catch(() => {});
  }
  return answer;
}

/** The network's page; where there is none, ours. A badge waits 2.5 seconds at most: somebody stands there. */
async function page(request, url) {
  const isBadge = BADGE.test(url.pathname);
  const stop = new AbortController();
  const timer = isBadge ? setTimeout(() => stop.abort(), PATIENCE_MS) : 0;
  try {
    // A request that navigates cannot be given a signal; this asks for the same page.
    const answer = isBadge
      ? await fetch(request.url, { credentials: "same-origin", redirect: "manual", signal: stop.signal, headers: { Accept: "text/html" } })
      : await fetch(request);
    // A captive portal answers for everybody: without our mark it is no answer of ours.
    if (!isBadge || (answer.headers.has("X-Eventnet") && answer.status < 500)) return answer;
  } catch {
    // No network, or too slow.
  } finally {
    clearTimeout(timer);
  }
  return (await caches.match(SHELL[0], { ignoreVary: true })) ?? Response.error();
}
