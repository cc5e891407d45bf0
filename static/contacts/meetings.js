// Whom this visit met: one card each, the last one open, the others a tap away; what is written in them is never lost.

import { say } from "./signals.js";
import { clockTime, word } from "./wording.js";

const MOST = 6;
const at = (id) => document.getElementById(id);

export class Meetings {
  /** `zone()` is the event's time zone where it is known; `onUndone(meeting)` hears of a swap taken back. */
  constructor(queue, zone, onUndone) {
    this.queue = queue;
    this.zone = zone;
    this.onUndone = onUndone;
    this.all = []; // the latest first
    this.shown = null;
  }

  /** A card for a scan that was just kept. Somebody who is writing in another card is not interrupted. */
  add(scan) {
    const element = at("met-card").content.firstElementChild.cloneNode(true);
    const meeting = { scan, element, answer: null, name: "", hasWords: false, turn: 0 };
    const part = (selector) => element.querySelector(selector);
    const time = clockTime(new Date(scan.scanned_at), this.zone());
    part("time").textContent = meeting.time = time;
    part("time").dateTime = scan.scanned_at;
    part("h2").textContent = word("scanned");
    part(".face").textContent = "·";
    this.tell(meeting, word("saving"));
    element.addEventListener("submit", (event) => {
      event.preventDefault();
      if (event.target.hasAttribute("data-quick")) this.#keepWords(meeting, event.target);
      else this.#send(meeting, event.target, event.submitter);
    });
    this.all.unshift(meeting);
    for (const old of this.all.slice(MOST)) if (!isDirty(old)) this.all.splice(this.all.indexOf(old), 1);
    if (this.isBusy) this.#list();
    else this.show(meeting);
    return meeting;
  }

  /** Whether somebody writes, or wrote something that is not kept yet. */
  get isBusy() {
    return this.shown !== null && (isDirty(this.shown) || (this.shown.element.contains(document.activeElement)
      && isText(document.activeElement)));
  }

  find(id) {
    return this.all.find((meeting) => meeting.scan.id === id);
  }

  /** The badge is held up again: its card comes back, unless somebody writes in another one. */
  bringBack(badge) {
    const meeting = this.all.find(({ scan }) => scan.badge === badge);
    if (meeting && meeting !== this.shown && !this.isBusy) this.show(meeting);
  }

  show(meeting) {
    at("hint").hidden = true;
    this.shown = meeting;
    at("met").replaceChildren(meeting.element);
    this.#list();
  }

  /** Puts a sentence of state below the name. */
  tell(meeting, sentence) {
    const place = meeting.element.querySelector(".met-sentence");
    place.textContent = sentence;
    place.hidden = !sentence;
  }

  /** The server's answer; fills the card in. Resolves when everything is there. */
  async settle(meeting, answer) {
    const isMore = meeting.answer?.result === "pending" && !answer.person && answer.result === "repeated";
    if (isMore) {
      this.#wordsSaved(meeting);
      return;
    }
    const [before, element] = [meeting.answer, meeting.element];
    meeting.answer = answer;
    element.dataset.result = answer.result;
    this.tell(meeting, answer.sentence);
    if (answer.person) {
      this.#name(meeting, answer.person);
      if (before?.person) this.#wordsSaved(meeting);
      await this.#fill(meeting);
    } else if (answer.result === "refused") {
      element.querySelector("h2").textContent = meeting.name = word("not-swapped");
      if (!isDirty(meeting)) element.querySelector(".met-words").replaceChildren();
    }
    if (answer.result !== "later") this.#list();
  }

  #name(meeting, person) {
    const part = (selector) => meeting.element.querySelector(selector);
    meeting.name = person.name;
    part("h2").textContent = person.name;
    part(".detail").textContent = [person.title, person.organization].filter(Boolean).join(", ");
    part(".face").textContent = monogram(person.name);
    part(".face").className = `face tint-${[...new TextEncoder().encode(person.name)].reduce((sum, byte) => sum + byte, 0) % 5 + 1}`;
  }

  #wordsSaved(meeting) {
    if (!meeting.hasWords) return;
    meeting.hasWords = false;
    meeting.element.querySelector(".kept-words").replaceChildren();
    say(word("words-saved"));
  }

  /** Receipt, undo, card and words of the person, as the server knows them; what is being written stays. */
  async #fill(meeting) {
    const turn = (meeting.turn += 1);
    try {
      const page = await fetch(`${meeting.answer.person.url}/swapped`, { credentials: "same-origin", redirect: "error" });
      const html = page.ok && page.headers.has("X-Eventnet") ? await page.text() : "";
      // A slow answer must not put older words in the place of newer ones.
      if (html && turn === meeting.turn) this.#put(meeting, html);
    } catch {
      // The swap is saved; what is written here is added to it as soon as there is network.
    }
  }

  #put(meeting, html, isMine = false) {
    const made = document.createElement("template");
    made.innerHTML = html;
    for (const link of made.content.querySelectorAll("a[href]:not([download])")) {
      // The scanner never navigates: a page opens beside it. Mail and phone open their own app.
      if (!/^(mailto|tel):/.test(link.getAttribute("href"))) [link.target, link.rel] = ["_blank", "noopener noreferrer"];
    }
    const [swap, words] = ["swap", "words"].map((name) => made.content.querySelector(`[data-part=${name}]`));
    const { element } = meeting;
    if (!swap) {
      element.querySelector(".met-swap").replaceChildren();
      element.querySelector(".met-words").replaceChildren();
      this.tell(meeting, made.content.textContent.trim());
      say(made.content.textContent.trim());
      element.querySelector("h2").focus();
      this.onUndone(meeting);
      return;
    }
    this.tell(meeting, "");
    element.querySelector(".met-swap").replaceChildren(...swap.childNodes);
    const place = element.querySelector(".met-words");
    // The button that sent this is disabled and has lost the focus.
    const hadFocus = place.contains(document.activeElement) || (isMine && document.activeElement === document.body);
    if (!isMine && (isDirty(meeting) || (hadFocus && isText(document.activeElement)))) return;
    place.replaceChildren(...words.childNodes);
    if (hadFocus) (place.querySelector("[aria-invalid], summary") ?? element.querySelector("h2")).focus();
  }

  /** Words of the form that was there before the server answered: added to what the server has, never in its place. */
  async #keepWords(meeting, form) {
    const words = added(form);
    if (!Object.keys(words).length) {
      form.elements.note.focus();
      return;
    }
    meeting.hasWords = true;
    const line = document.createElement("li");
    [line.className, line.dir] = ["note", "auto"];
    line.textContent = [words.note, words.promise, words.tags?.join(", "), words.starred && "★"].filter(Boolean).join("\n");
    meeting.element.querySelector(".kept-words").append(line);
    form.reset();
    say(word("kept-words"));
    await this.queue.note(meeting.scan, words);
  }

  /** A form of the server, sent in place. Where it cannot be sent, words go the way of scans and nothing is lost. */
  async #send(meeting, form, button) {
    const body = new URLSearchParams(new FormData(form, button));
    button?.setAttribute("disabled", "");
    let failed = "";
    try {
      const answer = await fetch(form.getAttribute("action"), {
        method: "POST", body, credentials: "same-origin", headers: { "X-Fragment": "1" },
      });
      const isOurs = answer.headers.has("X-Eventnet");
      if (isOurs && (answer.ok || answer.status === 422)) {
        meeting.turn += 1;
        this.#put(meeting, await answer.text(), true);
        if (answer.ok && form.elements.note) say(word("words-saved"));
        return;
      }
      failed = isOurs ? String(answer.status) : "";
    } catch {
      // No network: below.
    }
    button?.removeAttribute("disabled");
    if (!form.elements.note) {
      this.tell(meeting, failed ? word("too-late", { status: failed }) : word("kept-form"));
      say(failed ? word("too-late", { status: failed }) : word("kept-form"));
      return;
    }
    const words = added(form);
    if (!Object.keys(words).length) return;
    meeting.hasWords = true;
    this.tell(meeting, word("kept-words"));
    say(word("kept-words"));
    await this.queue.note(meeting.scan, words);
    for (const field of form.elements) if ("defaultValue" in field) [field.defaultValue, field.defaultChecked] = [field.value, field.checked];
  }

  /** The persons met before this one, each a tap away. */
  #list() {
    const others = this.all.filter((meeting) => meeting !== this.shown);
    at("recent").hidden = others.length === 0;
    at("recent").replaceChildren(...others.map((meeting) => {
      const button = document.createElement("button");
      [button.type, button.className] = ["button", "tag"];
      const name = document.createElement("bdi");
      name.textContent = meeting.name || word("kept-short");
      button.append(name, ` ${meeting.time}`);
      button.addEventListener("click", () => {
        this.show(meeting);
        meeting.element.querySelector("h2").focus();
      });
      return button;
    }));
  }
}

/** Whether a form of the card holds something that is not kept yet. */
function isDirty({ element }) {
  return [...element.querySelectorAll("textarea, input:not([type=hidden])")].some((field) =>
    field.type === "checkbox" ? field.checked !== field.defaultChecked : field.value.trim() !== field.defaultValue.trim());
}

function isText(element) {
  return element.matches("input:not([type=checkbox]), textarea");
}

/** What a form says beyond what it said at first: {note?, promise?, tags?, starred?}. */
function added(form) {
  const { note, promise, tags, starred } = form.elements;
  const more = ({ value, defaultValue }) => (defaultValue && value.startsWith(defaultValue) ? value.slice(defaultValue.length) : value === defaultValue ? "" : value).trim();
  const list = (text) => text.split(",").map((tag) => tag.trim().slice(0, 40)).filter(Boolean);
  const words = {};
  if (more(note)) words.note = more(note);
  if (more(promise)) words.promise = more(promise);
  const fresh = list(tags.value).filter((tag) => !list(tags.defaultValue).includes(tag)).slice(0, 12);
  if (fresh.length) words.tags = fresh;
  if (starred.checked && !starred.defaultChecked) words.starred = true;
  return words;
}

/** First letters of the first and the last word, as on other pages. */
function monogram(name) {
  const words = name.trim().split(/\s+/);
  const first = (word) => [...new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(word)][0]?.segment ?? "";
  return (words.length > 1 ? first(words[0]) + first(words.at(-1)) : first(words[0] ?? "")).toUpperCase();
}
