// The scanner: camera, decoder and queue, and the sheet in which the person just met appears. It never navigates.
//
// Runs on the scanner's own page and, without network, on the page for such places: who this phone is comes from the
// page where the server could say it, else from what the phone keeps.

import { watch } from "./agreeing.js";
import { badgeToken, foreignKind, hostOf, isTestCode, uuid } from "./codes.js";
import { showHeld } from "./held.js";
import { Meetings } from "./meetings.js";
import { showMine } from "./mine.js";
import { offerPhotos } from "./pictures.js";
import { Queue } from "./queue.js";
import { buzz, say, signal, Sound } from "./signals.js";
import { offerTyping } from "./typing.js";
import { Viewfinder } from "./viewfinder.js";
import { word } from "./wording.js";

const SAME_BADGE_MS = 8000;
const FOREIGN_MS = 3000;
const AWAY_MS = 1500;
const ELSEWHERE_MS = 1500;
const SPOKEN = [401, 403, 429]; // trouble that has words of its own

const at = (id) => document.getElementById(id);
const page = at("scanner");
const host = page.dataset.host || location.host;
const slug = /^\/e\/([^/]+)\//.exec(location.pathname)?.[1] ?? "";
const named = document.querySelector('meta[name="scanner"]')?.content;
const seen = new Map(); // what was read → when, so that a badge held still is posted once

// The buttons are there before the store is: what is typed in this moment waits for it.
let isReady;
const ready = new Promise((done) => (isReady = done));
document.body.classList.add("scan");
for (const [opener, sheet] of [["type-code", "code-sheet"], ["use-photo", "photo-sheet"]]) {
  at(opener).addEventListener("click", () => at(sheet).showModal());
}
for (const button of page.querySelectorAll("[data-close]")) button.addEventListener("click", () => button.closest("dialog").close());
offerTyping(host, (badge) => ready.then(() => keepOnce(badge)));
offerPhotos(host, page.dataset.decoder, (badge) => ready.then(() => keepOnce(badge)));

const queue = await Queue.open();
let me = await identity();
const zone = () => me?.zone;
const sound = new Sound();
const meetings = new Meetings(queue, zone, (meeting) => seen.delete(meeting.scan.badge));
const viewfinder = new Viewfinder({ onCode, onStart: () => offerSound(), isLasting: queue.isLasting, slug });
let isWatching = false;

async function identity() {
  const known = await queue.store.all("attendees");
  return known.find((one) => (named ? one.scanner === named : one.event === slug)) ?? (named ? { scanner: named, event: slug } : null);
}

async function onCode(text, ms) {
  const token = badgeToken(text, host);
  const now = performance.now();
  const last = seen.get(token ?? text) ?? -Infinity;
  const isAgain = now - last < (token ? SAME_BADGE_MS : FOREIGN_MS);
  if (!isAgain || token) seen.set(token ?? text, now);
  if (isAgain) {
    // Held up again after a pause it brings its card back; in view all the while it takes nobody's place.
    if (token && now - last > AWAY_MS && now - viewfinder.frames.startedAt > AWAY_MS) meetings.bringBack(token);
    return;
  }
  if (token) await keep(token, ms);
  else if (isTestCode(text, host)) succeed(word("test", { ms: Math.round(ms) }));
  else refuse(word(foreignKind(text, host), { host: hostOf(text) }));
}

/** Keeps a swap on the phone, shows that, and lets the queue send it; `ms` is how long a camera frame took to read. */
async function keep(badge, ms = null) {
  performance.mark("badge-read", { detail: ms });
  const scan = { id: uuid(), badge, event: slug, scanned_at: new Date().toISOString(), scanners: me ? [me.scanner] : null };
  try {
    await queue.add(badge, { id: scan.id, event: slug, scanners: scan.scanners, scannedAt: new Date(scan.scanned_at) });
  } catch {
    seen.delete(badge);
    refuse(word("no-room"));
    return;
  }
  meetings.add(scan);
  signal(at("camera"), "flash");
  sound.play("saved");
  buzz();
  performance.mark("badge-saved");
}

/** A badge that was typed, or found in a photo; once, however often the button is pressed. */
function keepOnce(badge) {
  const [now, last] = [performance.now(), seen.get(badge) ?? -Infinity];
  seen.set(badge, now);
  if (now - last >= SAME_BADGE_MS) keep(badge);
  else meetings.bringBack(badge);
}

function succeed(sentence) {
  signal(at("camera"), "saved");
  sound.play("saved");
  hint(sentence);
}

function refuse(sentence) {
  signal(at("camera"), "refused");
  sound.play("refused");
  buzz([30, 60, 30]);
  hint(sentence);
}

function hint(sentence) {
  at("hint").textContent = sentence;
  at("hint").hidden = false;
  say(sentence);
}

queue.addEventListener("answer", async ({ detail: answer }) => {
  const meeting = meetings.find(answer.id);
  if (!meeting) {
    // Of an earlier visit: only what did not become a swap needs words.
    if (answer.result === "refused") hint(answer.sentence);
    return;
  }
  const wasPending = meeting.answer?.result === "pending";
  if (answer.person && !meeting.answer?.person) {
    performance.mark("badge-confirmed");
    signal(at("camera"), "saved");
    say(word(wasPending ? "agreed" : "recorded", { name: answer.person.name }));
  } else if (answer.result === "refused") {
    signal(at("camera"), "refused");
    sound.play("refused");
    say(answer.sentence);
  } else if (!answer.person && !wasPending) {
    say(answer.sentence);
  }
  await meetings.settle(meeting, answer);
  if (answer.result === "pending") waitForYes();
});

async function waitForYes() {
  if (isWatching) return;
  isWatching = true;
  const waiting = () => meetings.all.filter((meeting) => meeting.answer?.result === "pending");
  await watch(slug, () => waiting().length > 0, () => waiting().forEach((meeting) => queue.ask(meeting.scan))).catch(() => null);
  isWatching = false;
}

queue.addEventListener("trouble", async ({ detail }) => {
  if (detail.status === 401 || detail.status === 403) {
    hint(word("signed-out"));
    const link = document.createElement("a");
    [link.href, link.textContent] = [`/e/${slug}/sign-in?next=${encodeURIComponent(location.pathname)}`, word("sign-in")];
    at("hint").append(" ", link);
  } else if (detail.status === 429) {
    hint(word("later"));
  }
  const waits = await waitingIds();
  for (const meeting of meetings.all.filter(({ answer, scan }) => !answer && waits.has(scan.id))) {
    const sentence = word("kept", { time: meeting.time });
    meetings.tell(meeting, sentence);
    if (!meeting.isKept && !SPOKEN.includes(detail.status)) say(sentence);
    meeting.isKept = true;
  }
});

queue.addEventListener("discard", ({ detail: ids }) => {
  for (const meeting of meetings.all.filter(({ scan }) => ids.includes(scan.id))) {
    meeting.isDiscarded = true;
    meetings.tell(meeting, word("discarded"));
    seen.delete(meeting.scan.badge);
  }
});

// A scan that another tab sent has its answer there: asked once more under its own id, it is here as well.
queue.addEventListener("change", async () => {
  const waits = await waitingIds();
  const isOpen = (meeting) => !meeting.answer && !meeting.isDiscarded && !meeting.isAsked;
  for (const meeting of meetings.all.filter((one) => isOpen(one) && !waits.has(one.scan.id))) {
    setTimeout(async () => {
      if (!isOpen(meeting) || (await waitingIds()).has(meeting.scan.id)) return;
      meeting.isAsked = true;
      queue.ask(meeting.scan);
    }, ELSEWHERE_MS);
  }
});

async function waitingIds() {
  return new Set((await queue.waiting()).map((scan) => scan.id));
}

function offerSound() {
  sound.allow();
  at("offer-sound").hidden = !sound.isUnknown;
}

function showSound() {
  at("sound").textContent = word(sound.isOn ? "sound-on" : "sound-off");
}

at("offer-sound").addEventListener("click", ({ target }) => {
  const answer = target.closest("button")?.value;
  if (!answer) return;
  sound.choose(answer === "on");
  at("offer-sound").hidden = true;
  showSound();
  at("sound").focus();
});
at("sound").addEventListener("click", () => {
  sound.choose(!sound.isOn);
  at("offer-sound").hidden = true;
  showSound();
});

at("show-mine").addEventListener("click", () => {
  showMine(me);
  viewfinder.stayAwake();
});

at("test-link").href = `/e/${slug}/scan/test`;
at("not-lasting").hidden = queue.isLasting;
showSound();
showHeld(queue, zone);
isReady();
await queue.learn().then(async () => (me = await identity()), () => null);
