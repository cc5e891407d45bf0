// An answer that is a file leaves this page standing: say then that it went on, and where to go.
const form = document.querySelector('[data-step-up]');
const said = document.querySelector('[data-going-on]');

form.addEventListener('submit', () => {
  setTimeout(() => {
    said.hidden = false;
    form.hidden = true;
  }, 2500);
});
