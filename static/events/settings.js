// A link to a field or part that is folded unfolds it; without this file it is unfolded by hand.

function unfold() {
  const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  for (let fold = target.closest('details'); fold; fold = fold.parentElement.closest('details')) fold.open = true;
  target.scrollIntoView({ block: 'start' });
  if (target.matches('input, select, textarea')) target.focus({ preventScroll: true });
}

addEventListener('hashchange', unfold);
unfold();
