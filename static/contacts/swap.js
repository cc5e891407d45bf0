// The button on a badge's page also works when the network died since the page opened: the tap is kept first, then sent.

import { queue } from "./phone.js";
import { clockTime, word } from "./wording.js";

const PATIENCE_MS = 8000;
const FINAL = ["recorded", "repeated", "pending", "refused"];
const form = document.querySelector("form[data-swap]");
const said = document.getElementById("swap-said");
const scanner = document.querySelector('meta[name="scanner"]')?.content;

function say(sentence) {
  said.textContent = sentence;
  said.hidden = false;
}

/** Our own server's answer to the tap, or an error: a captive portal answers, too, but without our mark. */
async function post() {
  const answer = await fetch(form.action, {
    method: "POST", body: new URLSearchParams(new FormData(form)), credentials: "same-origin", redirect: "manual",
    headers: { "X-Fragment": "1" }, signal: AbortSignal.timeout?.(PATIENCE_MS),
  });
  const kind = answer.headers.get("Content-Type") ?? "";
  if (!answer.headers.has("X-Eventnet") || !kind.startsWith("application/json")) throw new Error("not our answer");
  return { status: answer.status, ...(await answer.json()) };
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  form.querySelector("button").disabled = true;
  say(word("swap-saving"));
  const id = form.elements.scan_id.value;
  const sinceMs = performance.now() + Number(form.dataset.age);
  const opened = new Date(Date.now() - sinceMs);
  const isKept = await queue.add(form.dataset.badge, {
    id, event: form.dataset.event, scanners: [scanner], scannedAt: opened, sinceMs, isSent: false,
  }).catch(() => null);
  const answer = await post().catch(() => null);
  if (answer && FINAL.includes(answer.result)) {
    if (isKept) await queue.discard([id]);
    location.replace(answer.address);
    return;
  }
  if (answer?.status === 401) {
    // Signed out meanwhile. What the queue keeps waits for this attendee; the page there asks, with this time.
    location.replace(answer.address);
    return;
  }
  if (!isKept) {
    form.submit();
    return;
  }
  // No network, not our server, or a token that is too old: the queue takes it from here, with a fresh one.
  queue.addEventListener("answer", ({ detail }) => detail.id === id && location.replace(form.action));
  await queue.send();
  say(word(queue.isLasting ? "swap-kept" : "swap-kept-here", { time: clockTime(opened, form.dataset.zone) }));
  navigator.vibrate?.(60);
});
