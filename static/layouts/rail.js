// On a phone the pages of an event are a strip that scrolls: the current one is brought into view.

const strip = document.querySelector('.rail-nav');
const current = strip?.querySelector('[aria-current]');
if (current && strip.scrollWidth > strip.clientWidth) {
  const gap = current.getBoundingClientRect().left - strip.getBoundingClientRect().left;
  strip.scrollLeft += gap - (strip.clientWidth - current.offsetWidth) / 2;
}
