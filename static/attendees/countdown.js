/* Counts a code's seconds down; without it the page says until when. */
const line = document.querySelector('[data-seconds]');

export function remaining(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

if (line) {
  const until = performance.now() + Number(line.dataset.seconds) * 1000;
  const text = line.textContent;
  const tick = () => {
    const seconds = Math.max(0, Math.round((until - performance.now()) / 1000));
    line.textContent = seconds ? `${text} ${remaining(seconds)}` : line.dataset.over;
    if (seconds) setTimeout(tick, 1000);
  };
  tick();
}
