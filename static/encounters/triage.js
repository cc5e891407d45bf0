// Ticks on the page of who waits: all at once, a range with Shift, up and down with the arrow keys, and how many.

const list = document.querySelector('[data-triage]');

if (list) {
  const boxes = [...list.querySelectorAll('input[name=person_id]')];
  const all = document.querySelector('[data-tick-all]');
  const counts = document.querySelectorAll('[data-ticked]');
  let last = null;

  function show() {
    const ticked = boxes.filter(box => box.checked).length;
    for (const place of counts) place.textContent = ticked ? ` (${ticked})` : '';
    all.checked = ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
  }

  function range(box) {
    const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
    for (const one of boxes.slice(from, to + 1)) one.checked = box.checked;
  }

  list.addEventListener('click', event => {
    if (!boxes.includes(event.target)) return;
    if (event.shiftKey && last) range(event.target);
    last = event.target;
    show();
  });

  list.addEventListener('keydown', event => {
    const step = {ArrowDown: 1, ArrowUp: -1}[event.key];
    const at = boxes.indexOf(event.target);
    if (!step || at < 0) return;
    event.preventDefault();
    boxes[Math.max(0, Math.min(boxes.length - 1, at + step))].focus();
  });

  all.closest('[hidden]').hidden = false;
  all.addEventListener('change', () => {
    for (const box of boxes) box.checked = all.checked;
    show();
  });
  show();
}
