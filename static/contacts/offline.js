// The page for places without network: it keeps the badge just opened, or shows my badge or the people I chose.

import { badgeToken } from "./codes.js";
import { Queue } from "./queue.js";
import { clockTime, word } from "./wording.js";

const at = (id) => document.getElementById(id);
const opened = new Date();
const begun = performance.now();
const queue = await Queue.open();
const attendees = await queue.store.all("attendees");
const token = badgeToken(location.href, location.host);
const slug = /^\/e\/([^/]+)\/(\w+)/.exec(location.pathname);
const me = attendees.find((one) => slug && one.event === slug[1]) ?? attendees.find((one) => one.is_open) ?? attendees[0];
let left = false; // the network is back and this page is on its way out

function say(headline, lead) {
  at("headline").textContent = headline;
  at("lead").textContent = lead;
}

async function showBadge() {
  const time = clockTime(opened, me?.zone);
  const same = (await queue.waiting()).find((scan) => scan.badge === token);
  const signedOut = attendees.length ? "" : "-signed-out";
  say(word("badge-headline", { time }), word(`badge-lead${signedOut}`));
  if (same) {
    at("lead").textContent = word("badge-known", { time: clockTime(new Date(same.scanned_at), me?.zone) });
    return;
  }
  at("keep").hidden = false;
  at("again").classList.replace("line", "quiet");
  at("keep").addEventListener("click", async () => {
    at("keep").disabled = true;
    const open = attendees.filter((one) => one.is_open);
    const who = (open.length ? open : attendees).map((one) => one.scanner);
    await queue.add(token, { scannedAt: opened, sinceMs: performance.now() - begun, scanners: who.length ? who : null });
    at("keep").hidden = true;
    at("lead").textContent = word(`badge-kept${signedOut}`, { time });
    navigator.vibrate?.(60);
    await navigator.storage?.persist?.();
  }, { once: true });
}

function showOwn() {
  say(word("own-headline"), word(me?.badge ? "own-lead" : "own-none"));
  if (!me?.badge) return;
  at("own-name").textContent = me.name;
  at("own-detail").textContent = [me.title, me.organization].filter(Boolean).join(", ");
  at("own-code").textContent = me.code;
  const quiet = 4;
  const size = me.modules + 2 * quiet;
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", `${-quiet} ${-quiet} ${size} ${size}`);
  svg.setAttribute("shape-rendering", "crispEdges");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", word("own-headline"));
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", me.outline);
  svg.append(path);
  at("own-symbol").replaceChildren(svg);
  at("own-badge").hidden = false;
}

async function showPeople() {
  const people = (await queue.store.all("people")).filter((one) => one.scanner === me?.scanner);
  say(word("people-headline"), people.length ? "" : word("people-none"));
  at("own-people").hidden = !people.length;
  at("own-people").replaceChildren(...people.map((one) => {
    const row = document.createElement("li");
    row.className = "row";
    const text = document.createElement("span");
    text.className = "grow";
    for (const [kind, value] of [["name", one.name], ["detail", one.detail], ["detail", one.email], ["detail", one.phone]]) {
      if (!value) continue;
      const line = document.createElement("span");
      line.className = kind;
      line.dir = "auto";
      line.textContent = value;
      text.append(line);
    }
    row.append(text);
    return row;
  }));
}

function showTabs() {
  if (!me) return;
  at("eyebrow").textContent = me.event_name;
  at("tabs").hidden = false;
  for (const tab of document.querySelectorAll("[data-tab]")) {
    tab.href = `/e/${me.event}/${tab.dataset.tab}`;
    if (slug?.[2] === tab.dataset.tab) tab.setAttribute("aria-current", "page");
  }
}

async function showWaiting() {
  const count = (await queue.waiting()).length;
  at("waiting").hidden = count === 0;
  at("waiting").textContent = word(count === 1 ? "one-waits" : "many-wait", { n: count });
}

/** Goes to the real page once our own server answers; a portal's page is not an answer. */
async function back() {
  if (left || (token && at("keep").disabled === false && !at("keep").hidden)) return;
  try {
    const answer = await fetch("/healthz", { cache: "no-store", redirect: "error", signal: AbortSignal.timeout?.(8000) });
    if (!answer.ok || !answer.headers.has("X-Eventnet")) return;
    left = true;
    location.reload();
  } catch {
    // Still away.
  }
}

at("again").addEventListener("click", () => location.reload());
queue.addEventListener("change", showWaiting);
if (!queue.isLasting) at("lead").insertAdjacentText("afterend", word("not-lasting"));
if (token) await showBadge();
else if (slug?.[2] === "badge") showOwn();
else if (slug?.[2] === "people") await showPeople();
showTabs();
await showWaiting();
if (!token) {
  addEventListener("online", back);
  setInterval(back, 10_000);
}
