// Fetches the part marked data-refresh every ten seconds while the page is seen, and puts it in place.

const EVERY = 10_000

/** How long to wait after `failures` failed tries in a row: ten seconds at first, two minutes at most. */
export function pause(failures) {
  return Math.min(EVERY * 2 ** failures, 120_000)
}

function put(place, html) {
  const open = [...place.querySelectorAll('details[open]')].map(fold => fold.id)
  const focused = place.contains(document.activeElement) ? document.activeElement.closest('[id]')?.id : null
  // The old height is held until the new content stands, so that what follows does not jump.
  place.style.minHeight = `${place.offsetHeight}px`
  place.innerHTML = html
  for (const id of open) document.getElementById(id)?.setAttribute('open', '')
  if (focused) (document.getElementById(focused)?.querySelector('summary') ?? document.getElementById(focused))?.focus({preventScroll: true})
  place.style.minHeight = ''
}

function start(place) {
  let failures = 0
  let timer = 0

  async function refresh() {
    try {
      const answer = await fetch(place.dataset.refresh, {headers: {Accept: 'text/html'}, redirect: 'error', signal: AbortSignal.timeout(8000)})
      if (!answer.ok) throw new Error(`${answer.status}`)
      put(place, await answer.text())
      failures = 0
    } catch {
      failures += 1
      const text = place.querySelector('[data-stale-text]')
      if (text) text.textContent = place.dataset.stale
    }
    plan()
  }

  function plan(delay = pause(failures)) {
    clearTimeout(timer)
    timer = document.hidden ? 0 : setTimeout(refresh, delay)
  }

  document.addEventListener('visibilitychange', () => plan(document.hidden ? undefined : 200))
  plan()
}

for (const place of document.querySelectorAll('[data-refresh]')) start(place)
