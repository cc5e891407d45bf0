// Scans on their way: kept on the phone until the server names what became of each, then forgotten.
//
// A scan is {id, badge, event?, scanned_at, scanners, note?, promise?, tags?, starred?}. `scanners` are the attendees
// this phone was when it scanned, as the server names them; null when it was nobody yet: then it counts for who signs
// in here next.

import { together } from "./adding.js";
import { uuid } from "./codes.js";
import { KEPT_DAYS, forgetPeople, openStore } from "./store.js";

const FINAL = new Set(["recorded", "repeated", "pending", "refused"]);
const BATCH = 50;
const PAUSES = [1000, 2000, 5000, 10000, 20000, 60000];
const TIMEOUT = 15000;
const KNOWN_MS = 120_000;
const DAY = 86_400_000;
const LOCK = "eventnet.send";
const OLDEST = Date.UTC(2026, 0, 1); // a clock that shows less is wrong, and says nothing about age

const PHONE = "/api/v1/phone";
const SCANS = "/api/v1/encounters";

export class Queue extends EventTarget {
  #born = new Map(); // id → both clocks at scans made in this page's life: immune to a wrong clock
  #hasPersisted = false;
  #known = null; // who this phone is by the server's last word, and how long that is believed
  #failures = 0;
  #timer = 0;
  #sending = null;
  #again = false;

  static #ofPage = null;

  /** The page's queue: opens the store and begins to send. With a `fetcher` of its own it is one more, for tests. */
  static open(fetcher) {
    if (fetcher) return Queue.#made(fetcher);
    return (Queue.#ofPage ??= Queue.#made((...args) => fetch(...args)));
  }

  static async #made(fetcher) {
    const queue = new Queue();
    queue.fetcher = fetcher;
    queue.store = await openStore();
    queue.channel = "BroadcastChannel" in self ? new BroadcastChannel(LOCK) : null;
    queue.channel?.addEventListener("message", ({ data }) => {
      if (data?.discarded) queue.dispatchEvent(new CustomEvent("discard", { detail: data.discarded }));
      queue.#tell();
    });
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
  async add(badge, { event, scanners = null, note, scannedAt = new Date(), id = uuid(), sinceMs = 0, isSent = true } = {}) {
    const scan = { id, badge, scanned_at: scannedAt.toISOString(), scanners };
    if (event) scan.event = event;
    if (note) scan.note = note;
    this.#born.set(id, { ticks: performance.now() - sinceMs, clock: Date.now() - sinceMs });
    await this.store.put("scans", scan);
    this.#changed();
    if (isSent) this.send();
    this.#persist();
    return id;
  }

  /** How many wait for somebody who is not signed in here now, and how many for this phone's own people. */
  async counts() {
    const known = (await this.store.all("attendees")).map((one) => one.scanner);
    const scans = await this.store.all("scans");
    const others = known.length ? scans.filter((scan) => !isFor(scan, known)).map((scan) => scan.id) : [];
    return { mine: scans.length - others.length, others };
  }

  /** Badges that somebody signed out opened here and nobody swapped with yet, the first one first. */
  async opened() {
    const all = await this.store.all("opened");
    return all.sort((one, other) => (one.opened_at < other.opened_at ? -1 : 1));
  }

  /** Keeps an opening {badge, kept, opened_at}; of one badge the first counts. Nothing is ever sent of it. */
  async keepOpened(opening) {
    const known = (await this.store.all("opened")).find((one) => one.badge === opening.badge);
    if (!known) await this.store.put("opened", opening);
    return known ?? opening;
  }

  forgetOpened(badges) {
    return this.store.remove("opened", badges);
  }

  /**
   * Adds words {note?, promise?, tags?, starred?} to a scan, whether it waits or has left already: then it goes out
   * once more under its own id, is counted once, and the server adds the words to what is written there.
   */
  async note(scan, words) {
    await this.store.change("scans", scan.id, (row) => ({ ...(row ?? scan), ...together(row ?? {}, words) }));
    this.#changed();
    this.send();
  }

  /** Asks once more what became of a scan that has left. */
  async ask(scan) {
    await this.store.change("scans", scan.id, (row) => row ?? scan);
    this.send();
  }

  /** Forgets scans that were not sent; "discard" tells it, in other tabs as well. */
  async discard(ids) {
    await this.store.remove("scans", ids);
    this.dispatchEvent(new CustomEvent("discard", { detail: ids }));
    this.channel?.postMessage({ discarded: ids });
    this.#tell();
  }

  /** Asks the server who this phone is now, and keeps it for places without network. */
  async learn() {
    const phone = await this.#ask(PHONE);
    const learned_at = new Date().toISOString();
    const before = (await this.store.all("attendees")).map((one) => one.scanner);
    await this.store.replace("attendees", phone.attendees.map((one) => ({ ...one, learned_at })));
    // Signed out elsewhere ("not me"), or by a link: whom they kept here goes. Their scans wait for them.
    const gone = before.filter((scanner) => !phone.attendees.some((one) => one.scanner === scanner));
    await forgetPeople(this.store, gone);
    if (gone.length) this.#changed();
    this.#known = { phone, until: performance.now() + KNOWN_MS };
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
    const scans = await this.store.all("scans");
    if (!scans.length) return null;
    // Who we are was asked a moment ago: one round trip less until a swap is confirmed. The server compares `scanners`
    // all the same; a scan of nobody yet must never be given to somebody who has left meanwhile.
    if (!this.#known || performance.now() > this.#known.until || scans.some((scan) => !scan.scanners)) return this.#sendAs(await this.learn());
    try {
      return await this.#sendAs(this.#known.phone);
    } catch (trouble) {
      this.#known = null;
      if (trouble.status !== 401 && trouble.status !== 403) throw trouble;
      return this.#sendAs(await this.learn());
    }
  }

  async #sendAs(phone) {
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
    if (wait === null && (await this.#batch(mine)).length) return 250; // words that were written meanwhile
    return wait; // what is left now belongs to somebody who is not signed in here
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
    const body = {
      sent_at: new Date().toISOString(),
      scanners: scans[0].scanners,
      scans: scans.map(({ scanners: _who, ...scan }) => {
        const born = this.#born.get(scan.id);
        return born === undefined ? scan : { ...scan, elapsed_ms: elapsed(born) };
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
    const done = new Set();
    let wait = null;
    for (const answer of answers ?? []) {
      if (!sent.has(answer.id)) continue;
      if (FINAL.has(answer.result)) done.add(answer.id);
      else wait = Math.max(wait ?? 0, (answer.retry_after ?? 5) * 1000);
    }
    await this.store.removeSent(scans.filter((scan) => done.has(scan.id)));
    for (const id of done) this.#born.delete(id);
    for (const answer of answers ?? []) {
      if (sent.has(answer.id)) this.dispatchEvent(new CustomEvent("answer", { detail: answer }));
    }
    if (done.size) this.#changed();
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
    const isOld = (time) => Date.parse(time) > OLDEST && Date.now() - Date.parse(time) > KEPT_DAYS * DAY;
    const scans = (await this.waiting()).filter((scan) => !scan.scanners && isOld(scan.scanned_at));
    if (scans.length) await this.store.remove("scans", scans.map((scan) => scan.id));
    const opened = (await this.store.all("opened")).filter((one) => isOld(one.opened_at));
    if (opened.length) await this.forgetOpened(opened.map((one) => one.badge));
  }

  /** Has the browser keep the store when it runs short of room, where it can; asked once, after a scan. */
  async #persist() {
    if (this.#hasPersisted) return;
    this.#hasPersisted = true;
    if (!(await navigator.storage?.persisted?.().catch(() => true) ?? true)) await navigator.storage.persist().catch(() => null);
  }

  #changed() {
    this.#tell();
    this.channel?.postMessage("changed");
  }

  async #tell() {
    const { mine, others } = await this.counts();
    this.dispatchEvent(new CustomEvent("change", { detail: mine }));
    this.dispatchEvent(new CustomEvent("others", { detail: others }));
  }
}

/** Whether a scan goes out while `known` are signed in here; one of nobody goes with whoever signs in. */
function isFor(scan, known) {
  return !scan.scanners || scan.scanners.every((one) => known.includes(one));
}

/** Milliseconds since a scan. Ticks stand still while a phone sleeps, and its clock may be set right meanwhile. */
function elapsed({ ticks, clock }) {
  const ticked = performance.now() - ticks, shown = Date.now() - clock;
  return Math.max(0, Math.round(shown > ticked && shown - ticked < DAY ? shown : ticked));
}

function same(one, other) {
  return one.length === other.length && one.every((each) => other.includes(each));
}
