// The page for places without network: it keeps the badge just opened after a tap, scans, or shows my badge or the
// people I chose. Everything personal in it comes from the phone's own store.

import { badgeToken } from "./codes.js";
import { Queue } from "./queue.js";
import { clockTime, word } from "./wording.js";

const at = (id) => document.getElementById(id);
const opened = new Date(Date.now() - performance.now());
const queue = await Queue.open();
const attendees = await queue.store.all("attendees");
const token = badgeToken(location.href, location.host);
const [, slug, part] = /^\/e\/([^/]+)\/(\w+)$/.exec(location.pathname) ?? [];
const me = attendees.find((one) => one.event === slug) ?? (slug ? undefined : attendees.find((one) => one.is_open) ?? attendees[0]);
let left = false; // the network is back and this page is on its way out

function say(headline, lead) {
  at("headline").textContent = headline;
  at("lead").textContent = lead;
  document.title = headline;
}

/** A row of a list: a quiet line above or below the ones that count. */
function row(...lines) {
  const item = document.createElement("li");
  item.className = "row";
  const text = document.createElement("span");
  text.className = "grow";
  for (const [kind, value] of lines) {
    if (!value) continue;
    const line = document.createElement("span");
    line.className = kind;
    line.dir = "auto";
    line.textContent = value;
    text.append(line);
  }
  item.append(text);
  return item;
}

/** Who scans with a tap here: of several events those that take scans now; null when nobody is signed in. */
function actors() {
  const open = attendees.filter((one) => one.is_open);
  return open.length ? open : attendees;
}

async function showBadge() {
  const time = clockTime(opened, me?.zone);
  const signedOut = attendees.length ? "" : "-signed-out";
  say(word("badge-headline", { time }), word(`badge-lead${signedOut}`));
  const same = (await queue.waiting()).find((scan) => scan.badge === token);
  if (same) {
    at("lead").textContent = word("badge-known", { time: clockTime(new Date(same.scanned_at), me?.zone) });
    return;
  }
  at("gives").hidden = attendees.length === 0;
  at("gives").replaceChildren(...actors().map((one) => row(
    ["detail", word(actors().length > 1 ? "gives-at" : "gives", { event: one.event_name })],
    ["name", one.gives || word("gives-nothing")])));
  at("keep").hidden = false;
  at("again").classList.replace("line", "quiet");
  at("keep").addEventListener("click", () => keep(time, signedOut));
}

async function keep(time, signedOut) {
  at("keep").disabled = true;
  const who = actors().map((one) => one.scanner);
  let id;
  queue.addEventListener("answer", ({ detail }) => detail.id === id && showAnswer(detail));
  try {
    id = await queue.add(token, { scannedAt: opened, sinceMs: performance.now(), scanners: who.length ? who : null });
  } catch {
    at("keep").disabled = false;
    warn("no-room");
    return;
  }
  at("keep").hidden = at("gives").hidden = true;
  at("lead").textContent = word(`badge-kept${signedOut}`, { time });
  navigator.vibrate?.(60);
}

function showAnswer(answer) {
  at("lead").textContent = answer.sentence;
  if (!answer.person) return;
  say(word("badge-done"), answer.sentence);
  at("again").textContent = word("badge-look"); // this address, from the network
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
  people.sort((one, other) => one.name.localeCompare(other.name));
  say(word("people-headline"), people.length ? "" : word("people-none"));
  at("own-people").hidden = !people.length;
  at("own-people").replaceChildren(...people.map((one) => row(
    ["name", one.name], ["detail", [one.title, one.organization].filter(Boolean).join(", ")], ["detail", one.email],
    ["detail", one.phone], ["detail", one.linkedin], ["detail", one.website],
    ["detail", one.met_at ? word("people-met", { time: clockTime(new Date(one.met_at), me.zone) }) : ""])));
}

async function showScanner() {
  if (!me) {
    say(word("scan-headline"), word("scan-none"));
    return;
  }
  document.title = word("scan-headline");
  document.body.classList.add("scan");
  at("head").classList.add("visually-hidden");
  at("headline").textContent = word("scan-headline");
  at("lead").textContent = "";
  at("bottom").hidden = true;
  at("scan-here").hidden = false;
  await import("./scan.js");
}

function showTabs() {
  const mine = me ?? attendees[0];
  if (!mine) return;
  at("eyebrow").textContent = mine.event_name;
  at("tabs").hidden = false;
  for (const tab of document.querySelectorAll("[data-tab]")) {
    tab.href = `/e/${mine.event}/${tab.dataset.tab}`;
    if (part === tab.dataset.tab) tab.setAttribute("aria-current", "page");
  }
}

function showWaiting(count) {
  at("waiting").hidden = count === 0 || part === "scan";
  at("waiting").textContent = word(count === 1 ? "one-waits" : "many-wait", { n: count });
}

function showOthers(ids) {
  at("others").hidden = ids.length === 0;
  at("others").querySelector("[data-say]").textContent = word(ids.length === 1 ? "one-of-others" : "many-of-others", { n: ids.length });
  at("others").querySelector("button").onclick = () => queue.discard(ids);
}

function warn(name) {
  at("warning").textContent = word(name);
  at("warning").hidden = false;
}

/** Goes to the real page once our own server answers; a portal's page is not an answer. */
async function back() {
  if (left || document.querySelector("dialog[open]")) return;
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
queue.addEventListener("change", ({ detail }) => showWaiting(detail));
queue.addEventListener("others", ({ detail }) => showOthers(detail));
if (!queue.isLasting) warn("keeps-nothing");
showTabs();
const counts = await queue.counts();
showWaiting(counts.mine);
showOthers(counts.others);
if (token) await showBadge();
else if (part === "badge") showOwn();
else if (part === "people") await showPeople();
else if (part === "scan") await showScanner();
// A badge and a scanner at work stay: what was opened or read here must not go.
if (!token && part !== "scan") {
  addEventListener("online", back);
  setInterval(back, 10_000);
}
