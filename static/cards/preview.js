// "This is what they see" follows the switches and the typing; nothing is sent.

const form = document.getElementById("card");
const seen = document.getElementById("seen");

// What was not sent with the page stands in the detail of its switch.
const known = Object.fromEntries(
  [...seen.querySelectorAll("[data-seen]")].map((row) => [row.dataset.seen, row.dataset.value ?? ""]),
);

export function shown(text) {
  return text.trim().replace(/^https:\/\/(www\.)?/, "");
}

function value(name) {
  const typed = form.elements[name];
  return typed ? typed.value : known[name];
}

function show() {
  let any = false;
  for (const row of seen.querySelectorAll("[data-seen]")) {
    const name = row.dataset.seen;
    const text = form.elements[`share_${name}`]?.checked ? shown(value(name)) : "";
    row.querySelector("dd").textContent = text;
    row.hidden = !text;
    any ||= Boolean(text);
  }
  seen.querySelector("[data-seen-none]").hidden = any;
  const detail = ["title", "organization"].map((name) => form.elements[name].value.trim()).filter(Boolean).join(", ");
  const line = seen.querySelector("[data-seen-detail]");
  line.textContent = detail;
  line.hidden = !detail;
}

form.addEventListener("input", show);
addEventListener("pageshow", show);
