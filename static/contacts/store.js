// What a phone keeps: scans on their way, who it is, the people chosen for offline. Nothing else knows IndexedDB.
//
// The format is versioned. 1: scans in localStorage below "eventnet.scans.1.<scanner>" (the first release).
// 2: this database. Every later version migrates from each older one in `upgrade` or `bringAlong`.

import { openDB } from "../lib/idb.js";

const NAME = "eventnet";
const VERSION = 2;
const OLD_SCANS = "eventnet.scans.1.";
export const KEPT_DAYS = 7;

/** Opens the store. Where the browser has none (some private windows), one in memory with `isLasting` false. */
export async function openStore() {
  try {
    const database = await openDB(NAME, VERSION, {
      upgrade(db) {
        const names = db.objectStoreNames;
        if (!names.contains("scans")) db.createObjectStore("scans", { keyPath: "id" });
        if (!names.contains("attendees")) db.createObjectStore("attendees", { keyPath: "scanner" });
        if (!names.contains("people")) db.createObjectStore("people", { keyPath: ["scanner", "url"] });
      },
      // A newer page in another tab wants to migrate: let it, this tab opens the store anew when it needs it.
      blocking: (_current, _blocked, event) => event.target.close(),
    });
    const store = new Lasting(database);
    await bringAlong(store);
    return store;
  } catch {
    const store = new Passing();
    await bringAlong(store);
    return store;
  }
}

class Lasting {
  constructor(database) {
    this.database = database;
    this.isLasting = true;
  }

  async #with(work) {
    try {
      return await work(this.database);
    } catch (error) {
      if (error.name !== "InvalidStateError") throw error;
      this.database = await openDB(NAME); // whatever version is there now: its rows are a superset of ours
      return work(this.database);
    }
  }

  all(name) {
    return this.#with((db) => db.getAll(name));
  }

  put(name, row) {
    return this.#with(async (db) => {
      const work = db.transaction(name, "readwrite", { durability: "strict" });
      await work.store.put(row);
      await work.done;
    });
  }

  remove(name, keys) {
    return this.#with(async (db) => {
      const work = db.transaction(name, "readwrite", { durability: "strict" });
      await Promise.all([...keys.map((key) => work.store.delete(key)), work.done]);
    });
  }

  replace(name, rows) {
    return this.#with(async (db) => {
      const work = db.transaction(name, "readwrite");
      await Promise.all([work.store.clear(), ...rows.map((row) => work.store.put(row)), work.done]);
    });
  }
}

/** The same in memory: lasts as long as the page, which says so. */
class Passing {
  constructor() {
    this.isLasting = false;
    this.rows = { scans: new Map(), attendees: new Map(), people: new Map() };
  }

  #key(name, row) {
    return { scans: row.id, attendees: row.scanner, people: `${row.scanner} ${row.url}` }[name];
  }

  async all(name) {
    return [...this.rows[name].values()];
  }

  async put(name, row) {
    this.rows[name].set(this.#key(name, row), row);
  }

  async remove(name, keys) {
    for (const key of keys) this.rows[name].delete(Array.isArray(key) ? key.join(" ") : key);
  }

  async replace(name, rows) {
    this.rows[name] = new Map(rows.map((row) => [this.#key(name, row), row]));
  }
}

/** Moves scans of format 1 into the store; a scan leaves localStorage only when it is in the store. */
async function bringAlong(store) {
  let keys;
  try {
    keys = Object.keys(localStorage).filter((key) => key.startsWith(OLD_SCANS));
  } catch {
    return;
  }
  for (const key of keys) {
    const scanner = key.slice(OLD_SCANS.length);
    let scans = [];
    try {
      scans = JSON.parse(localStorage.getItem(key)) ?? [];
    } catch {
      // Not ours, or cut off: nothing in it can be read any more.
    }
    for (const { id, badge, event, scanned_at } of scans) {
      await store.put("scans", { id, badge, event, scanned_at, scanners: [scanner] });
    }
    localStorage.removeItem(key);
  }
}

/** Everything that tells who uses this phone goes, and the scans of those attendees with it. */
export async function forget(store, scanners) {
  const isTheirs = (row) => (row.scanners ?? [row.scanner]).some((one) => scanners.includes(one));
  const scans = (await store.all("scans")).filter(isTheirs).map((row) => row.id);
  const people = (await store.all("people")).filter(isTheirs).map((row) => [row.scanner, row.url]);
  await Promise.all([store.remove("scans", scans), store.remove("people", people), store.remove("attendees", scanners)]);
}
