// A second tap on a button sends nothing twice: a form that is on its way waits for its answer.

const WAIT_MS = 4000; // a form that answers with a file leaves the page open: then it may be sent again

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  setTimeout(() => delete form.dataset.sent, WAIT_MS);
});

// Back from the next page, the browser may show this one as it was left.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
