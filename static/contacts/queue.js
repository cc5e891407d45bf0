// Scans on their way: kept on the phone until the server names what became of each, then forgotten.

import { uuid } from "./codes.js";

const FINAL = new Set(["recorded", "repeated", "pending", "refused"]);
const BATCH = 50;
const PAUSES = [1000, 2000, 5000, 10000, 20000];

export class Queue extends EventTarget {
  /** `key` names this attendee at this event; `address` takes the scans; `token()` gives a CSRF token. */
  constructor(key, address, token) {
    super();
    this.key = `eventnet.scans.1.${key}`;
    this.address = address;
    this.token = token;
    this.failures = 0;
    this.born = new Map(); // id → performance.now() of scans made in this page's life: immune to a wrong clock
    this.isSending = false;
    addEventListener("online", () => this.send());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.send());
  }

  get waiting() {
    try {
      return JSON.parse(localStorage.getItem(this.key) || "[]");
    } catch {
      return [];
    }
  }

  /** Keeps a scan of `badge` and sends it as soon as possible; returns its id. */
  add(badge, event) {
    const scan = { id: uuid(), badge, scanned_at: new Date().toISOString() };
    if (event) scan.event = event;
    this.born.set(scan.id, performance.now());
    this.#keep([...this.waiting, scan]);
    this.send();
    return scan.id;
  }

  async send() {
    clearTimeout(this.timer);
    if (this.isSending || !this.waiting.length) return;
    this.isSending = true;
    try {
      // Two tabs of one phone share the queue; only one may send it.
      if (navigator.locks) await navigator.locks.request(this.key, () => this.#sendOnce());
      else await this.#sendOnce();
      this.failures = 0;
    } catch (trouble) {
      this.failures += 1;
      this.dispatchEvent(new CustomEvent("trouble", { detail: trouble }));
    } finally {
      this.isSending = false;
    }
    if (this.waiting.length) {
      const pause = PAUSES[Math.min(this.failures, PAUSES.length) - 1] ?? 0;
      this.timer = setTimeout(() => this.send(), pause * (0.75 + Math.random() / 2));
    }
  }

  async #sendOnce() {
    const batch = this.waiting.slice(0, BATCH);
    if (!batch.length) return;
    const now = performance.now();
    const scans = batch.map((scan) => {
      const born = this.born.get(scan.id);
      return born === undefined ? scan : { ...scan, elapsed_ms: Math.round(now - born) };
    });
    const answer = await fetch(this.address, {
      method: "POST",
      credentials: "same-origin",
      redirect: "error",
      headers: { "Content-Type": "application/json", "X-CSRF-Token": this.token() },
      body: JSON.stringify({ sent_at: new Date().toISOString(), scans }),
      signal: AbortSignal.timeout ? AbortSignal.timeout(15000) : undefined,
    });
    const kind = answer.headers.get("Content-Type") || "";
    // A captive portal answers 200 with its own page: only our JSON about our ids counts.
    if (!answer.ok || !kind.includes("json")) {
      throw Object.assign(new Error(`status ${answer.status}`), { status: answer.status });
    }
    const { answers } = await answer.json();
    const done = new Set();
    let later = false;
    for (const one of answers) {
      if (FINAL.has(one.result)) done.add(one.id);
      else later = true;
      this.dispatchEvent(new CustomEvent("answer", { detail: one }));
    }
    this.#keep(this.waiting.filter((scan) => !done.has(scan.id)));
    for (const id of done) this.born.delete(id);
    if (later) throw Object.assign(new Error("later"), { status: 429 });
  }

  #keep(scans) {
    localStorage.setItem(this.key, JSON.stringify(scans));
    this.dispatchEvent(new CustomEvent("change", { detail: scans.length }));
  }
}
