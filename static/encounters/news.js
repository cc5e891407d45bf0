// Asks whether something new came while the page is seen, less and less often, and shows the page anew when it did.

const FIRST = 5_000;
const LONGEST = 60_000;

/** How long to wait after `quiet` answers in a row that told nothing: five seconds at first, a minute at most. */
export function pause(quiet) {
  return Math.min(FIRST * 1.4 ** quiet, LONGEST);
}

/** Whether the person is in the middle of something that showing the page anew would undo. */
function isBusy() {
  const at = document.activeElement;
  return at?.matches('input:not([type=checkbox]), textarea, select') || document.querySelector('input:checked, details[open], dialog[open]') !== null
    || [...document.querySelectorAll('input, textarea')].some(field => field.type !== 'hidden' && field.value !== field.defaultValue);
}

function start(place) {
  const link = place.querySelector('a');
  let quiet = 0;
  let timer = 0;
  place.hidden = true;

  async function ask() {
    try {
      const answer = await fetch(place.dataset.news, {
        headers: {'If-None-Match': `"${place.dataset.state}"`}, cache: 'no-store', redirect: 'error', signal: AbortSignal.timeout(8000)});
      if (answer.status === 200) return tell();
    } catch { /* The next turn asks again; without network nothing is lost. */ }
    quiet += 1;
    plan();
  }

  function tell() {
    if (!isBusy()) return location.reload();
    link.textContent = place.dataset.new;
    place.hidden = false;
  }

  function plan(delay = pause(quiet)) {
    clearTimeout(timer);
    timer = document.visibilityState === 'visible' ? setTimeout(ask, delay) : 0;
  }

  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') quiet = 0;
    plan(document.visibilityState === 'visible' ? 200 : undefined);
  });
  plan();
}

for (const place of document.querySelectorAll('[data-news]')) start(place);
