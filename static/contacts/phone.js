// On every page for people of an event: scans that wait are sent and counted, and the phone learns who it is for places
// without network. Also says which badges were opened here before signing in, and whose scans are not ours to send.

import { Queue } from "./queue.js";
import { forgetPeople } from "./store.js";
import { clockTime, word } from "./wording.js";

const LONGEST_MS = 6 * 3_600_000;
const FRESH_MS = 10 * 60_000;
const OPEN_STATES = ["swap", "signed_out"]; // a badge page on which the swap is still to be made
const scanner = document.querySelector('meta[name="scanner"]')?.content;
const badge = document.querySelector('meta[name="badge"]');
const find = (name) => document.querySelector(`[data-${name}]`);

export const queue = await Queue.open();

async function learn() {
  const known = await queue.store.all("attendees");
  const me = known.find((one) => one.scanner === scanner);
  const isFresh = me && Date.now() - Date.parse(me.learned_at) < LONGEST_MS;
  // A page that knows nobody, on a phone that does: signed out here or from elsewhere.
  const isNews = scanner ? !isFresh || /\/badge$/.test(location.pathname) : known.length > 0;
  if (isNews) await queue.learn().catch(() => null);
}

/** Whom this attendee keeps on the phone, as they share themselves now: what is taken back goes here, too. */
async function refreshPeople() {
  const kept = (await queue.store.all("people")).filter((one) => one.scanner === scanner);
  if (!kept.length || kept.every((one) => Date.now() - Date.parse(one.refreshed_at) < FRESH_MS)) return;
  await keepPeople(kept.map((one) => one.url));
}

/** Keeps these people (by the paths of their pages; null: everybody) for places without network; returns how many. */
export async function keepPeople(urls) {
  const asked = new URLSearchParams((urls ?? []).map((url) => ["id", url.split("/").pop()]));
  const address = `${location.pathname.split("/").slice(0, 3).join("/")}/people.json`;
  if (!address.startsWith("/e/")) return 0;
  const answer = await fetch(urls ? `${address}?${asked}` : address, {
    credentials: "same-origin", redirect: "error", cache: "no-store",
  });
  if (!answer.ok || !answer.headers.has("X-Eventnet")) throw new Error(`status ${answer.status}`);
  const { people } = await answer.json();
  const refreshed_at = new Date().toISOString();
  for (const one of people) await queue.store.put("people", { ...one, scanner, refreshed_at });
  if (urls) await forgetPeople(queue.store, [scanner], urls.filter((url) => !people.some((one) => one.url === url)));
  return people.length;
}

function show(count) {
  const sign = find("waiting");
  if (!sign) return;
  sign.hidden = count === 0;
  sign.textContent = count === 0 ? "" : word(count === 1 ? "one-waits" : "many-wait", { n: count });
  if (count && !queue.isLasting) sign.textContent += ` ${word("not-lasting")}`;
}

function showOthers(ids) {
  const notice = find("others");
  if (!notice) return;
  notice.hidden = ids.length === 0;
  notice.querySelector("[data-say]").textContent = word(ids.length === 1 ? "one-of-others" : "many-of-others", { n: ids.length });
  notice.querySelector("button").onclick = () => queue.discard(ids);
}

async function showOpened() {
  if (badge && !OPEN_STATES.includes(badge.dataset.state)) await queue.forgetOpened([badge.content]);
  const list = find("opened");
  if (!list || !scanner) return;
  const rows = (await queue.opened()).filter((one) => one.badge !== badge?.content);
  list.hidden = rows.length === 0;
  list.querySelector("ul").replaceChildren(...rows.map((one) => {
    const row = document.createElement("li");
    const link = document.createElement("a");
    link.href = `/B/${one.badge}?kept=${one.kept}`;
    link.textContent = word("opened-at", { time: clockTime(new Date(one.opened_at), list.dataset.zone) });
    const button = document.createElement("button");
    button.type = "button";
    button.className = "as-link";
    button.textContent = word("forget-opened");
    button.addEventListener("click", async () => {
      await queue.forgetOpened([one.badge]);
      await showOpened();
    });
    row.append(link, " ", button);
    return row;
  }));
}

// A scan on its way right now needs no words; one that stays does.
let timer = 0;
queue.addEventListener("change", ({ detail }) => {
  clearTimeout(timer);
  if (detail === 0) show(0);
  else timer = setTimeout(() => show(detail), find("waiting")?.hidden ? 1500 : 0);
});
queue.addEventListener("others", ({ detail }) => showOthers(detail));
queue.addEventListener("trouble", async () => show((await queue.counts()).mine));
timer = setTimeout(async () => show((await queue.counts()).mine), 1500);
await showOpened();
await learn();
showOthers((await queue.counts()).others);
if (scanner) await refreshPeople().catch(() => null);
