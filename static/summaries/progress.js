// Fetches the progress of the sending every three seconds, until everything has settled.

const EVERY = 3000;

async function refresh(place) {
  if (!document.hidden && !place.contains(document.activeElement)) {
    try {
      const answer = await fetch(place.dataset.progress, {redirect: 'error', signal: AbortSignal.timeout(8000)});
      if (answer.ok) place.innerHTML = await answer.text();
    } catch { /* The next turn tries again; the link "Refresh" is there, too. */ }
  }
  if (place.querySelector('[data-open]')?.dataset.open !== '0') setTimeout(refresh, EVERY, place);
}

for (const place of document.querySelectorAll('[data-progress]')) setTimeout(refresh, EVERY, place);
