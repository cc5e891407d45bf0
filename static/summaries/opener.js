// A ready message: edited in place, copied, or opened in the person's own mail program.

const LONGEST = 1800;

/** The mailto address with another body; without one when it would be too long for mail programs. */
export function withBody(address, text) {
  const [to, query = ''] = address.split('?');
  const subject = query.split('&').find((part) => part.startsWith('subject='));
  const body = `body=${encodeURIComponent(text.replace(/\r?\n/g, '\r\n'))}`;
  const full = `${to}?${[subject, body].filter(Boolean).join('&')}`;
  return full.length <= LONGEST ? full : `${to}${subject ? `?${subject}` : ''}`;
}

function follow(opener) {
  const text = opener.querySelector('textarea');
  const write = opener.querySelector('[data-write]');
  const copy = opener.querySelector('[data-copy]');
  if (write) {
    text.addEventListener('input', () => { write.href = withBody(write.href, text.value); });
  }
  if (copy && navigator.clipboard) {
    copy.hidden = false;
    const label = copy.textContent;
    copy.addEventListener('click', async () => {
      await navigator.clipboard.writeText(text.value);
      copy.textContent = copy.dataset.done;
      setTimeout(() => { copy.textContent = label; }, 2000);
    });
  }
}

if (typeof document !== 'undefined') document.querySelectorAll('[data-opener]').forEach(follow);
