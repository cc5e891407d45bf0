// Scans on their way: kept on the phone until the server names what became of each, then forgotten.
//
// A scan is {id, badge, event?, scanned_at, scanners, note?}. `scanners` are the attendees this phone was when it
// scanned, as the server names them; null when it was nobody yet: then it counts for who signs in here next.

import { uuid } from "./codes.js";
import { KEPT_DAYS, openStore } from "./store.js";

const FINAL = new Set(["recorded", "repeated", "pending", "refused"]);
const BATCH = 50;
const PAUSES = [1000, 2000, 5000, 10000, 20000, 60000];
const TIMEOUT = 15000;
const DAY = 86_400_000;
const LOCK = "eventnet.send";

const PHONE = "/api/v1/phone";
const SCANS = "/api/v1/encounters";

export class Queue extends EventTarget {
  #born = new Map(); // id → performance.now() of scans made in this page's life: immune to a wrong clock
  #failures = 0;
  #timer = 0;
  #sending = null;
  #again = false;

  /** Opens the store and begins to send. `fetcher` is for tests of the queue alone. */
  static async open(fetcher = (...args) => fetch(...args)) {
    const queue = new Queue();
    queue.fetcher = fetcher;
    queue.store = await openStore();
    queue.channel = "BroadcastChannel" in self ? new BroadcastChannel(LOCK) : null;
    queue.channel?.addEventListener("message", () => queue.#tell());
    addEventListener("online", () => queue.send());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && queue.send());
    await queue.#dropOld();
    queue.#tell();
    queue.send();
    return queue;
  }

  get isLasting() {
    return this.store.isLasting;
  }

  /** The scans that wait, the oldest first. */
  async waiting() {
    const scans = await this.store.all("scans");
    return scans.sort((one, other) => (one.scanned_at < other.scanned_at ? -1 : 1));
  }

  /** Keeps a scan of `badge` and sends it as soon as possible; returns its id once it is kept. */
  async add(badge, { event, scanners = null, note, scannedAt = new Date(), id = uuid(), sinceMs = 0 } = {}) {
    const scan = { id, badge, scanned_at: scannedAt.toISOString(), scanners };
    if (event) scan.event = event;
    if (note) scan.note = note;
    this.#born.set(id, performance.now() - sinceMs);
    await this.store.put("scans", scan);
    this.#changed();
    this.send();
    return id;
  }

  /** Adds words to the note of a scan that still waits; false when it has left already. */
  async note(id, words) {
    const scan = (await this.waiting()).find((one) => one.id === id);
    if (!scan || this.#sending) return false;
    await this.store.put("scans", { ...scan, note: [scan.note, words].filter(Boolean).join("\n") });
    return true;
  }

  async discard(ids) {
    await this.store.remove("scans", ids);
    this.#changed();
  }

  /** Asks the server who this phone is now, and keeps it for places without network. */
  async learn() {
    const phone = await this.#ask(PHONE);
    const learned_at = new Date().toISOString();
    await this.store.replace("attendees", phone.attendees.map((one) => ({ ...one, learned_at })));
    return phone;
  }

  /** Sends what waits; one sender at a time on the whole phone. Never throws: "trouble" tells. */
  send() {
    clearTimeout(this.#timer);
    if (this.#sending) {
      this.#again = true;
      return this.#sending;
    }
    this.#sending = this.#sendAll().finally(() => {
      this.#sending = null;
      if (this.#again) {
        this.#again = false;
        this.send();
      }
    });
    return this.#sending;
  }

  async #sendAll() {
    let pause = null;
    try {
      pause = await this.#locked(() => this.#sendOnce());
      this.#failures = 0;
    } catch (trouble) {
      this.#failures += 1;
      pause = trouble.retryAfter ?? PAUSES[Math.min(this.#failures, PAUSES.length) - 1];
      this.dispatchEvent(new CustomEvent("trouble", { detail: trouble }));
    }
    if (pause !== null) this.#timer = setTimeout(() => this.send(), pause * (0.75 + Math.random() / 2));
  }

  #locked(work) {
    return navigator.locks ? navigator.locks.request(LOCK, work) : work();
  }

  /** One round: who are we, then what is ours, 50 at a time. Returns milliseconds until the next round, or null. */
  async #sendOnce() {
    if (!(await this.store.all("scans")).length) return null;
    const phone = await this.learn();
    const mine = phone.attendees.map((one) => one.scanner);
    if (!mine.length) throw Object.assign(new Error("signed out"), { status: 401 });
    let wait = null;
    const tried = new Set();
    for (;;) {
      const batch = (await this.#batch(mine)).filter((scan) => !tried.has(scan.id)).slice(0, BATCH);
      if (!batch.length) break;
      const together = batch.filter((scan) => same(scan.scanners, batch[0].scanners));
      for (const scan of together) tried.add(scan.id);
      const later = await this.#post(together, phone.csrf);
      if (later !== null) wait = Math.max(wait ?? 0, later);
    }
    if (wait === null && (await this.store.all("scans")).length) {
      // What is left belongs to somebody who is not signed in here now.
      throw Object.assign(new Error("other attendee"), { status: 401 });
    }
    return wait;
  }

  /** Scans whose attendees are all signed in here; those of nobody become theirs now. */
  async #batch(mine) {
    const scans = await this.waiting();
    for (const scan of scans.filter((one) => !one.scanners)) {
      scan.scanners = mine;
      await this.store.put("scans", scan);
    }
    return scans.filter((scan) => scan.scanners.every((one) => mine.includes(one)));
  }

  async #post(scans, csrf) {
    const now = performance.now();
    const body = {
      sent_at: new Date().toISOString(),
      scanners: scans[0].scanners,
      scans: scans.map(({ scanners: _who, ...scan }) => {
        const born = this.#born.get(scan.id);
        return born === undefined ? scan : { ...scan, elapsed_ms: Math.max(0, Math.round(now - born)) };
      }),
    };
    let answers;
    try {
      ({ answers } = await this.#ask(SCANS, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf },
        body: JSON.stringify(body),
      }));
    } catch (trouble) {
      // One scan of a shape the server does not know must not hold back the others.
      if (trouble.status !== 422 || scans.length === 1) throw trouble;
      const waits = [];
      for (const scan of scans) waits.push(await this.#post([scan], csrf));
      return waits.reduce((most, one) => (one === null ? most : Math.max(most ?? 0, one)), null);
    }
    const sent = new Set(scans.map((scan) => scan.id));
    const done = [];
    let wait = null;
    for (const answer of answers ?? []) {
      if (!sent.has(answer.id)) continue;
      if (FINAL.has(answer.result)) done.push(answer.id);
      else wait = Math.max(wait ?? 0, (answer.retry_after ?? 5) * 1000);
    }
    await this.store.remove("scans", done);
    for (const id of done) this.#born.delete(id);
    for (const answer of answers ?? []) {
      if (sent.has(answer.id)) this.dispatchEvent(new CustomEvent("answer", { detail: answer }));
    }
    if (done.length) this.#changed();
    return wait;
  }

  /** Our own JSON, or an error: a captive portal answers 200 with its own page, or leads elsewhere. */
  async #ask(address, options = {}) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), TIMEOUT);
    try {
      const answer = await this.fetcher(address, {
        credentials: "same-origin", redirect: "error", cache: "no-store", signal: stop.signal, ...options,
      });
      const kind = answer.headers.get("Content-Type") ?? "";
      if (!answer.ok || !kind.startsWith("application/json")) {
        const seconds = Number(answer.headers.get("Retry-After"));
        throw Object.assign(new Error(`status ${answer.status}`), {
          status: kind.includes("json") ? answer.status : 0,
          retryAfter: seconds > 0 ? seconds * 1000 : undefined,
        });
      }
      const told = await answer.json();
      if (!Array.isArray(told.answers ?? told.attendees)) throw new Error("not our answer");
      return told;
    } finally {
      clearTimeout(timer);
    }
  }

  async #dropOld() {
    const old = (await this.waiting()).filter((scan) => !scan.scanners && Date.now() - Date.parse(scan.scanned_at) > KEPT_DAYS * DAY);
    if (old.length) await this.store.remove("scans", old.map((scan) => scan.id));
  }

  #changed() {
    this.#tell();
    this.channel?.postMessage("changed");
  }

  async #tell() {
    this.dispatchEvent(new CustomEvent("change", { detail: (await this.store.all("scans")).length }));
  }
}

function same(one, other) {
  return one.length === other.length && one.every((each) => other.includes(each));
}
