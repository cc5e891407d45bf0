// Lists that answer while one types: the form's own page is fetched and its result put in place.
// Without this file the form works by pressing Enter.

const WAIT = 180;

function listen(box) {
  const form = box.querySelector('form');
  const input = form.querySelector('input[type="search"]');
  const place = document.getElementById(box.dataset.results);
  let timer, running, shown = input.value.trim();

  async function refresh() {
    const query = input.value.trim();
    if (query === shown) return;
    const address = new URL(form.action || location.href, location.href);
    address.search = query ? new URLSearchParams({ [input.name]: query }) : '';
    running?.abort();
    running = new AbortController();
    place.setAttribute('aria-busy', 'true');
    try {
      const answer = await fetch(address, { signal: running.signal, credentials: 'same-origin' });
      if (!answer.ok || answer.redirected) return location.assign(address);
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const fresh = page.getElementById(place.id);
      if (!fresh) return location.assign(address);
      place.replaceChildren(...fresh.childNodes);
      shown = query;
      history.replaceState(null, '', address);
      place.removeAttribute('aria-busy');
    } catch (error) {
      if (error.name !== 'AbortError') place.removeAttribute('aria-busy');
    }
  }

  input.addEventListener('input', (event) => {
    if (event.isComposing) return;
    clearTimeout(timer);
    timer = setTimeout(refresh, WAIT);
  });
  // From the field down through the results and back, without leaving the keyboard.
  document.addEventListener('keydown', (event) => {
    const at = event.target;
    if (event.key === '/' && !event.ctrlKey && !event.metaKey && !event.altKey && !at.closest('input, select, textarea')) {
      event.preventDefault();
      input.focus();
      input.select();
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.isComposing || (at !== input && !place.contains(at))) return;
    const stops = [input, ...[...place.querySelectorAll('li, tbody tr')].map((row) => row.querySelector('button') ?? row.querySelector('a')).filter(Boolean)];
    const row = at === input ? at : at.closest('li, tr')?.querySelector('button') ?? at;
    const next = stops[Math.max(0, stops.indexOf(row)) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
  if ('focus' in box.dataset && matchMedia('(hover: hover) and (pointer: fine)').matches) input.focus({ preventScroll: true });

  input.addEventListener('compositionend', () => { clearTimeout(timer); timer = setTimeout(refresh, WAIT); });
}

for (const box of document.querySelectorAll('[data-results]')) listen(box);
