// The scanner: camera, decoder and queue, and the sheet in which the person just met appears. It never navigates.
//
// Runs on the scanner's own page and, without network, on the page for such places: who this phone is comes from the
// page where the server could say it, else from what the phone keeps.

import { watch } from "./agreeing.js";
import { Camera } from "./camera.js";
import { badgeToken, foreignKind, hostOf, isTestCode, uuid } from "./codes.js";
import { Frames } from "./frames.js";
import { showHeld } from "./held.js";
import { Meetings } from "./meetings.js";
import { showMine } from "./mine.js";
import { offerPhotos } from "./pictures.js";
import { Queue } from "./queue.js";
import { buzz, say, signal, Sound } from "./signals.js";
import { offerTyping } from "./typing.js";
import { word } from "./wording.js";

const SAME_BADGE_MS = 8000;
const FOREIGN_MS = 3000;
const HIDDEN_MS = 30_000; // so long the camera waits for a page that is looked at again

const at = (id) => document.getElementById(id);
const page = at("scanner");
const host = page.dataset.host || location.host;
const slug = /^\/e\/([^/]+)\//.exec(location.pathname)?.[1] ?? "";
const named = document.querySelector('meta[name="scanner"]')?.content;

const queue = await Queue.open();
let me = await identity();
const sound = new Sound();
const meetings = new Meetings(queue, () => me?.zone, (meeting) => seen.delete(meeting.scan.badge));
const camera = new Camera(at("video"), () => stop(word("camera-ended")));
const frames = new Frames(at("video"), onCode);
const seen = new Map(); // what was read → when, so that a badge held still is posted once
let lock = null;
let hiding = 0;
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
    if (token) meetings.bringBack(token);
    return;
  }
  if (token) await keep(token);
  else if (isTestCode(text, host)) succeed(word("test", { ms: Math.round(ms) }));
  else refuse(word(foreignKind(text, host), { host: hostOf(text) }));
}

/** Keeps a swap on the phone, shows that, and lets the queue send it. */
async function keep(badge) {
  performance.mark("badge-read");
  const scan = { id: uuid(), badge, event: slug, scanned_at: new Date().toISOString(), scanners: me ? [me.scanner] : null };
  try {
    await queue.add(badge, { id: scan.id, event: slug, scanners: scan.scanners, scannedAt: new Date(scan.scanned_at) });
  } catch {
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
  const isFirst = !meeting.answer?.person;
  if (answer.person && isFirst) {
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
  const waits = new Set((await queue.waiting()).map((scan) => scan.id));
  for (const meeting of meetings.all) {
    if (!meeting.answer && waits.has(meeting.scan.id)) meetings.tell(meeting, word("kept", { time: meeting.time }));
  }
});

queue.addEventListener("discard", ({ detail: ids }) => {
  for (const meeting of meetings.all.filter(({ scan }) => ids.includes(scan.id))) {
    meeting.isDiscarded = true;
    meetings.tell(meeting, word("discarded"));
    seen.delete(meeting.scan.badge);
  }
});

// A scan that another tab sent has its answer there: once more under the same id, and it is here.
queue.addEventListener("change", async () => {
  const waits = new Set((await queue.waiting()).map((scan) => scan.id));
  for (const meeting of meetings.all) {
    if (meeting.answer || meeting.isDiscarded || meeting.isAsked || waits.has(meeting.scan.id)) continue;
    setTimeout(async () => {
      const isHere = (await queue.waiting()).some((scan) => scan.id === meeting.scan.id);
      if (meeting.answer || isHere || meeting.isDiscarded || meeting.isAsked) return;
      meeting.isAsked = true;
      queue.ask(meeting.scan);
    }, 1500);
  }
});

async function start() {
  sound.allow();
  at("trouble").hidden = true;
  at("start-camera").disabled = true;
  try {
    await camera.start();
  } catch (error) {
    stop(word(TROUBLES[error.name] ?? "camera-failed"));
    offerElsewhere();
    return;
  } finally {
    at("start-camera").disabled = false;
  }
  at("start").hidden = true;
  at("video").hidden = at("frame").hidden = false;
  at("camera").dataset.state = "on";
  await showTools();
  at("offer-sound").hidden = !sound.isUnknown;
  frames.start();
  stayAwake();
  say(word("started"));
}

// The browsers' own names of what went wrong, told apart as far as a person can do something about it.
const TROUBLES = {
  NotAllowedError: "NotAllowedError", SecurityError: "NotAllowedError", NotFoundError: "NotFoundError",
  OverconstrainedError: "NotFoundError", NotReadableError: "NotReadableError", AbortError: "NotReadableError",
  NotSupportedError: "NotSupportedError", InsecureError: "InsecureError",
};

async function showTools() {
  at("torch").hidden = !camera.hasTorch;
  at("torch").setAttribute("aria-pressed", "false");
  at("switch-camera").hidden = (await camera.all()).length < 2;
  const zoom = camera.zoom;
  at("zoom-tool").hidden = !zoom;
  if (zoom) Object.assign(at("zoom"), { min: zoom.min, max: zoom.max, step: zoom.step, value: zoom.now });
}

function stop(sentence) {
  frames.stop();
  camera.stop();
  lock?.release();
  lock = null;
  at("camera").dataset.state = sentence ? "trouble" : "off";
  for (const id of ["video", "frame", "torch", "switch-camera", "zoom-tool"]) at(id).hidden = true;
  at("start").hidden = at("start-camera").hidden = false;
  at("start-word").hidden = Boolean(sentence);
  at("trouble").textContent = sentence;
  at("trouble").hidden = !sentence;
}

/** A browser inside another app has no camera or no storage: the way to a real one. */
function offerElsewhere() {
  if (Camera.isKnownHere && queue.isLasting) return;
  at("elsewhere-address").textContent = location.href;
  at("hand-over").href = `/e/${slug}/hand-over`;
  at("elsewhere").hidden = at("hand-over").hidden = false;
  at("start-camera").hidden = !Camera.isKnownHere;
}

async function stayAwake() {
  if (document.visibilityState !== "visible") return;
  lock = await navigator.wakeLock?.request("screen").catch(() => null) ?? null;
}

const isOn = () => at("camera").dataset.state === "on";

function look() {
  const isCovered = document.querySelector("dialog[open]") !== null;
  camera.rest(at("mine").open || document.visibilityState === "hidden");
  if (isOn() && !isCovered && document.visibilityState === "visible") frames.start();
  else frames.stop();
}

document.addEventListener("visibilitychange", () => {
  clearTimeout(hiding);
  if (document.visibilityState === "hidden") {
    if (isOn()) hiding = setTimeout(() => stop(word("again")), HIDDEN_MS);
  } else if (isOn() && !camera.isOn) {
    stop(word("camera-ended"));
  } else {
    if (isOn() || at("mine").open) stayAwake();
    if (isOn()) at("video").play().catch(() => null);
  }
  look();
});
addEventListener("pagehide", () => stop(isOn() ? word("again") : ""));
at("video").addEventListener("decoder-failed", () => stop(word("decoder-failed")));

at("start-camera").addEventListener("click", start);
at("torch").addEventListener("click", async ({ currentTarget }) => {
  const on = currentTarget.getAttribute("aria-pressed") !== "true";
  await camera.setTorch(on).catch(() => null);
  currentTarget.setAttribute("aria-pressed", String(on));
});
at("zoom").addEventListener("input", ({ currentTarget }) => camera.setZoom(Number(currentTarget.value)).catch(() => null));
at("switch-camera").addEventListener("click", async () => {
  await camera.next().catch((error) => stop(word(TROUBLES[error.name] ?? "camera-failed")));
  if (camera.isOn) await showTools();
});

for (const [opener, sheet] of [["type-code", "code-sheet"], ["use-photo", "photo-sheet"]]) {
  at(opener).addEventListener("click", () => at(sheet).showModal());
}
at("show-mine").addEventListener("click", () => {
  showMine(me);
  stayAwake();
});
for (const sheet of page.querySelectorAll("dialog")) {
  new MutationObserver(look).observe(sheet, { attributeFilter: ["open"] });
  for (const button of sheet.querySelectorAll("[data-close]")) button.addEventListener("click", () => sheet.close());
}

at("copy-address").addEventListener("click", async ({ currentTarget }) => {
  const range = document.createRange();
  range.selectNodeContents(at("elsewhere-address"));
  getSelection().removeAllRanges();
  getSelection().addRange(range);
  const isCopied = await navigator.clipboard?.writeText(location.href).then(() => true, () => false) || document.execCommand("copy");
  if (isCopied) currentTarget.textContent = word("copied");
});

function showSound() {
  at("sound").setAttribute("aria-pressed", String(sound.isOn));
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

document.body.classList.add("scan");
at("start-camera").hidden = false;
at("test-link").href = `/e/${slug}/scan/test`;
at("not-lasting").hidden = queue.isLasting;
showSound();
showHeld(queue, () => me?.zone);
offerTyping(host, keepOnce);
offerPhotos(host, page.dataset.decoder, keepOnce);
if (!Camera.isKnownHere) at("trouble").textContent = word(self.isSecureContext ? "NotSupportedError" : "InsecureError");
at("trouble").hidden = Camera.isKnownHere;
offerElsewhere();
await queue.learn().then(async () => (me = await identity()), () => null);
