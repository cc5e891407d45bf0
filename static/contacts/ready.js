// Keeps the service worker registered and says whether this phone is ready without network.

export const SCANNER = document.querySelector('meta[name="scanner-files"]')?.content.split(" ") ?? [];

/** Registers the service worker; false where the browser has none, or refuses (some private windows). */
export async function register() {
  try {
    await navigator.serviceWorker.register("/worker.js", { scope: "/", updateViaCache: "none" });
    return true;
  } catch {
    return false;
  }
}

/** Whether pages open without network, and whether the scanner's decoder is there too. */
export async function readiness() {
  if (!("caches" in self) || !navigator.serviceWorker?.controller) return { pages: false, scanner: false };
  const found = await Promise.all(SCANNER.map((path) => caches.match(path)));
  return { pages: true, scanner: found.length > 0 && found.every(Boolean) };
}

/** Fetches what the scanner needs, so that the service worker keeps it. */
export async function makeReady() {
  await navigator.serviceWorker.ready;
  await Promise.all(SCANNER.map((path) => fetch(path)));
  await navigator.storage?.persist?.();
  return readiness();
}

async function show() {
  const { pages, scanner } = await readiness();
  for (const sign of document.querySelectorAll("[data-ready]")) {
    sign.hidden = false;
    sign.dataset.ready = pages && scanner ? "yes" : "no";
  }
}

if ("serviceWorker" in navigator) {
  register().then(show);
  navigator.serviceWorker.addEventListener("controllerchange", show);
  addEventListener("eventnet:ready", show);
  for (const button of document.querySelectorAll("[data-make-ready]")) {
    button.addEventListener("click", async () => {
      button.disabled = true;
      await makeReady().catch(() => null);
      button.disabled = false;
      await show();
    });
  }
} else {
  show();
}
