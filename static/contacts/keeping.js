// Whom one chose to have on this phone without network: a switch on a person's page, "keep all" above the list.

import { keepPeople, queue } from "./phone.js";
import { forgetPeople } from "./store.js";
import { word } from "./wording.js";

const scanner = document.querySelector('meta[name="scanner"]').content;
const one = document.querySelector("[data-keep-person]");
const all = document.querySelector("[data-keep-all]");

async function kept() {
  return (await queue.store.all("people")).filter((row) => row.scanner === scanner);
}

async function showOne() {
  const box = one.querySelector("input");
  box.checked = (await kept()).some((row) => row.url === one.dataset.keepPerson);
  one.hidden = !queue.isLasting;
  one.querySelector("[data-say]").textContent = box.checked ? word("kept-here") : "";
}

async function showAll() {
  const count = (await kept()).length;
  all.hidden = !queue.isLasting;
  all.querySelector("[data-say]").textContent = word(count === 0 ? "kept-none" : count === 1 ? "kept-one" : "kept-many", { n: count });
  all.querySelector("[data-forget]").hidden = count === 0;
}

/** Does it, or says that it did not work; a box goes back to how it was. */
async function attempt(work, says, show) {
  try {
    await work();
    await navigator.storage?.persist?.();
    await show();
  } catch {
    await show();
    says.textContent = word("kept-not");
  }
}

if (one) {
  one.querySelector("input").addEventListener("change", ({ target }) => attempt(
    () => (target.checked ? keepPeople([one.dataset.keepPerson]) : forgetPeople(queue.store, [scanner], [one.dataset.keepPerson])),
    one.querySelector("[data-say]"), showOne));
  await showOne();
}
if (all) {
  const says = all.querySelector("[data-say]");
  all.querySelector("[data-keep]").addEventListener("click", () => attempt(() => keepPeople(null), says, showAll));
  all.querySelector("[data-forget]").addEventListener("click", () => attempt(
    () => forgetPeople(queue.store, [scanner]), says, showAll));
  await showAll();
}
