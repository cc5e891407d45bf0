// Recovery codes on paper, in a file, or on the clipboard: whichever a person keeps best.
const box = document.querySelector('[data-codes]');
const text = `${box.dataset.title}\n\n${[...box.querySelectorAll('li')].map((li) => li.textContent.trim()).join('\n')}\n`;

const acts = {
  print: () => window.print(),
  copy: async (button) => {
    await navigator.clipboard.writeText(text);
    button.textContent = box.dataset.copied;
  },
  save: () => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
    link.download = 'recovery-codes.txt';
    link.click();
    URL.revokeObjectURL(link.href);
  },
};

for (const button of document.querySelectorAll('[data-act]')) {
  if (button.dataset.act === 'copy' && !navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener('click', () => acts[button.dataset.act](button));
}
