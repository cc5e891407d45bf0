// Asks cheaply whether somebody whose yes is waited for has said it: 304 without a body while nothing is new.

const PATIENCE_MS = 8000;

/**
 * Calls `onNews()` when something came for this attendee, as long as `isNeeded()` and the page is seen.
 * Less and less often, as encounters/news.js does on pages that wait.
 */
export async function watch(slug, isNeeded, onNews) {
  const { pause } = await import("../encounters/news.js");
  const later = (quiet) => new Promise((done) => setTimeout(done, pause(quiet)));
  let state = null;
  for (let quiet = 0; isNeeded(); quiet += 1) {
    if (document.visibilityState === "visible") {
      const now = await stateOf(slug, state);
      if (now && state) {
        quiet = 0;
        onNews();
      }
      state = now ?? state;
    }
    await later(quiet);
  }
}

/** The state when it is another than `known`, else null. */
async function stateOf(slug, known) {
  try {
    const answer = await fetch(`/e/${slug}/waiting.json`, {
      headers: known ? { "If-None-Match": `"${known}"` } : {}, cache: "no-store", redirect: "error",
      signal: AbortSignal.timeout?.(PATIENCE_MS),
    });
    return answer.status === 200 ? (await answer.json()).state : null;
  } catch {
    return null; // The next turn asks again.
  }
}
