// On every attendee page: scans that wait are sent and counted, and the phone learns who it is for places without network.

import { Queue } from "./queue.js";
import { word } from "./wording.js";

const LONGEST_MS = 6 * 3_600_000;
const scanner = document.querySelector('meta[name="scanner"]')?.content;
const sign = document.querySelector("[data-waiting]");

export const queue = await Queue.open();

async function learn() {
  const known = (await queue.store.all("attendees")).find((one) => one.scanner === scanner);
  const isFresh = known && Date.now() - Date.parse(known.learned_at) < LONGEST_MS;
  if (scanner && (!isFresh || /\/badge$/.test(location.pathname))) await queue.learn().catch(() => null);
}

function show(count) {
  sign.hidden = count === 0;
  sign.textContent = count === 0 ? "" : word(count === 1 ? "one-waits" : "many-wait", { n: count });
}

if (sign) {
  // A scan on its way right now needs no words; one that stays does.
  let timer = 0;
  queue.addEventListener("change", ({ detail }) => {
    clearTimeout(timer);
    if (detail === 0) show(0);
    else timer = setTimeout(() => show(detail), sign.hidden ? 1500 : 0);
  });
  queue.addEventListener("trouble", async () => show((await queue.waiting()).length));
}
await learn();
