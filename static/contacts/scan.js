// The scanner page: camera, decoder and queue, and the sheet in which the person just met appears.

import { Camera } from "./camera.js";
import { badgeToken, foreignKind } from "./codes.js";
import { Frames } from "./frames.js";
import { Queue } from "./queue.js";
import { word } from "./wording.js";

const SAME_BADGE_MS = 8000;
const FOREIGN_MS = 3000;
const FLASH_MS = 140;

const at = (id) => document.getElementById(id);
const camera = new Camera(at("video"));
const frames = new Frames(at("video"), (text) => onCode(text));
const sheet = at("result");
const me = [sheet.dataset.scanner];
const queue = await Queue.open();
const seen = new Map(); // what was read → when, so that a badge held still is posted once
let shown = null; // id of the scan the sheet is about
let lock = null;
let isHeldUp = false;

async function onCode(text) {
  const token = badgeToken(text, sheet.dataset.host);
  const key = token ?? text;
  const now = performance.now();
  if (now - (seen.get(key) ?? -Infinity) < (token ? SAME_BADGE_MS : FOREIGN_MS)) {
    if (token) seen.set(key, now);
    return;
  }
  seen.set(key, now);
  if (!token) {
    signal("refused");
    say(word(foreignKind(text), { host: hostOf(text) }));
    return;
  }
  signal("flash");
  navigator.vibrate?.(60);
  say(word("saving"));
  shown = await queue.add(token, { scanners: me });
}

function hostOf(text) {
  try {
    return new URL(text).host;
  } catch {
    return "";
  }
}

function signal(kind) {
  at("camera").classList.remove("flash", "refused");
  at("camera").classList.add(kind);
  setTimeout(() => at("camera").classList.remove(kind), kind === "flash" ? FLASH_MS : 1200);
}

/** Shows one sentence in the sheet, in place of a person. */
function say(sentence) {
  at("person").hidden = true;
  at("hint").textContent = sentence;
  at("hint").hidden = false;
}

queue.addEventListener("answer", async ({ detail: answer }) => {
  if (answer.id !== shown && shown !== null && (await isWaiting(shown))) return;
  if (answer.person) {
    at("camera").classList.add("saved");
    say(word(answer.result, { name: answer.person.name }));
    await showPerson(answer);
  } else {
    at("camera").classList.remove("saved");
    if (answer.result === "refused") signal("refused");
    say(answer.sentence);
  }
});

/** Brings receipt, undo and note form of the person into the sheet; the camera goes on. */
async function showPerson(answer) {
  try {
    const page = await fetch(`${answer.person.url}/swapped`, { credentials: "same-origin", redirect: "error" });
    if (!page.ok) return;
    at("person").innerHTML = await page.text();
    at("person").hidden = false;
    at("hint").classList.add("visually-hidden");
  } catch {
    // The swap is saved; the form for a note can be had later from the list of people.
  }
}

// Forms in the sheet are sent in place: the scanner never navigates.
sheet.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const button = event.submitter;
  const body = new URLSearchParams(new FormData(form, button));
  button?.setAttribute("disabled", "");
  try {
    const answer = await fetch(button?.getAttribute("formaction") || form.getAttribute("action"), {
      method: "POST", body, credentials: "same-origin", headers: { "X-Fragment": "1" },
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(String(answer.status));
    at("person").innerHTML = text;
    sheet.focus();
  } catch {
    button?.removeAttribute("disabled");
    at("hint").classList.remove("visually-hidden");
    at("hint").hidden = false;
    at("hint").textContent = word("kept-form");
  }
});

queue.addEventListener("change", ({ detail }) => showWaiting(detail));
queue.addEventListener("trouble", async ({ detail }) => {
  isHeldUp = true;
  showWaiting((await queue.waiting()).length);
await queue.learn().catch(() => null);
  if (detail.status === 401 || detail.status === 403) say(word("signed-out"));
  else if (detail.status === 429) say(word("later"));
  else if (shown && (await isWaiting(shown))) say(word("kept"));
});

async function isWaiting(id) {
  return (await queue.waiting()).some((scan) => scan.id === id);
}

function showWaiting(count) {
  const pill = at("waiting");
  if (!count) isHeldUp = false;
  // A scan that is on its way right now needs no words; one that stays does.
  pill.hidden = count === 0 || (count === 1 && !isHeldUp);
  pill.textContent = word(count === 1 ? "one-waits" : "many-wait", { n: count });
}

async function start() {
  at("trouble").hidden = true;
  try {
    await camera.start();
  } catch (error) {
    at("start").hidden = false;
    at("trouble").textContent = word(error.name);
    at("trouble").hidden = false;
    return;
  }
  at("start").hidden = true;
  at("video").hidden = at("frame").hidden = false;
  at("torch").hidden = !camera.hasTorch;
  at("switch-camera").hidden = (await camera.all()).length < 2;
  at("camera").dataset.state = "on";
  frames.start();
  lock = await navigator.wakeLock?.request("screen").catch(() => null);
}

function pause(sentence) {
  frames.stop();
  camera.stop();
  lock?.release();
  at("camera").dataset.state = "off";
  at("video").hidden = at("frame").hidden = true;
  at("start").hidden = false;
  at("trouble").textContent = sentence;
  at("trouble").hidden = !sentence;
}

at("start-camera").hidden = false;
at("start-camera").addEventListener("click", start);
at("torch").addEventListener("click", async ({ currentTarget }) => {
  const on = currentTarget.getAttribute("aria-pressed") !== "true";
  await camera.setTorch(on);
  currentTarget.setAttribute("aria-pressed", String(on));
});
at("switch-camera").addEventListener("click", () => camera.next());
at("video").addEventListener("decoder-failed", () => pause(word("decoder-failed")));
addEventListener("pagehide", () => pause(""));
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden" && camera.isOn) pause(word("again"));
});

showWaiting((await queue.waiting()).length);
await queue.learn().catch(() => null);
