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

/** Fetches what the scanner needs, so that the service worker keeps it. Some browsers ask whether to persist it. */
export async function makeReady({ persists = true } = {}) {
  await navigator.serviceWorker.ready;
  await Promise.all(SCANNER.map(async (path) => (await fetch(path)).arrayBuffer()));
  if (persists) await navigator.storage?.persist?.();
  // The service worker writes its copies after it handed them on.
  for (let turn = 0; turn < 20 && !(await readiness()).scanner; turn += 1) await new Promise((done) => setTimeout(done, 100));
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
  register().then(async () => {
    await show();
    // Whoever opens the scanner needs its decoder, and needs it again where there is no network.
    if (document.getElementById("scanner") && document.querySelector("[data-ready=no]") && navigator.onLine) {
      await makeReady({ persists: false }).catch(() => null);
      await show();
    }
  });
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
