// Signing out here: asks first when scans wait, then everything that tells who used this phone goes from it.

import { queue } from "./phone.js";
import { forget } from "./store.js";
import { word } from "./wording.js";

const scanner = document.querySelector('meta[name="scanner"]')?.content;
const dialog = document.querySelector("[data-leaving]");
const said = dialog.querySelector("[data-say]");
const form = document.querySelector("form[data-sign-out]");
const mine = async () => (await queue.waiting()).filter((scan) => !scan.scanners || scan.scanners.includes(scanner));

async function leave() {
  const [scans, opened] = [await mine(), await queue.opened()];
  await queue.discard(scans.filter((scan) => !scan.scanners).map((scan) => scan.id));
  await queue.forgetOpened(opened.map((one) => one.badge));
  if (scanner) await forget(queue.store, [scanner]);
  form.submit();
}

async function ask() {
  const count = (await mine()).length;
  if (count === 0) return leave();
  said.textContent = word(count === 1 ? "leaving-one" : "leaving-many", { n: count });
  if (!dialog.open) dialog.showModal();
}

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  ask();
});
dialog.querySelector("[data-send]").addEventListener("click", async ({ target }) => {
  target.disabled = true;
  said.textContent = word("leaving-sending");
  await queue.send();
  target.disabled = false;
  if ((await mine()).length === 0) return leave();
  await ask();
  said.textContent = word("leaving-not-sent");
});
dialog.querySelector("[data-delete]").addEventListener("click", leave);
dialog.querySelector("[data-cancel]").addEventListener("click", () => dialog.close());
