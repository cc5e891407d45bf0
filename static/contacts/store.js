// What a phone keeps: scans on their way, who it is, the people chosen for offline. Nothing else knows IndexedDB.
//
// The format is versioned. 1: scans in localStorage below "eventnet.scans.1.<scanner>" (the first release).
// 2: this database. 3: badges opened by somebody signed out. Every later version migrates from each older one in
// `upgrade` or `bringAlong`, and may only add: a page of an older version goes on with what it knows.

import { openDB } from "../lib/idb.js";
import { unsent } from "./adding.js";

const NAME = "eventnet";
const VERSION = 3;
const OLD_SCANS = "eventnet.scans.1.";
export const KEPT_DAYS = 7;

const KEYS = { scans: "id", attendees: "scanner", people: ["scanner", "url"], opened: "badge" };

/** A connection. This page may be older than the store: a newer one ran in another tab, or this came from a cache. */
async function connect() {
  // A newer page in another tab wants to migrate: let it, this tab connects anew when it needs the store.
  const blocking = (_current, _blocked, event) => event.target.close();
  try {
    return await openDB(NAME, VERSION, {
      blocking,
      upgrade(db) {
        for (const [name, keyPath] of Object.entries(KEYS)) {
          if (!db.objectStoreNames.contains(name)) db.createObjectStore(name, { keyPath });
        }
      },
    });
  } catch (error) {
    if (error.name !== "VersionError") throw error;
    return openDB(NAME, undefined, { blocking }); // newer versions only add
  }
}

/** Opens the store. Where the browser has none (some private windows), one in memory with `isLasting` false. */
export async function openStore() {
  try {
    const store = new Lasting(await connect());
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
      this.database = await connect();
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

  /** Puts what `change` makes of the row (undefined: there is none) in its place, in one transaction. */
  change(name, key, change) {
    return this.#with(async (db) => {
      const work = db.transaction(name, "readwrite", { durability: "strict" });
      await work.store.put(change(await work.store.get(key)));
      await work.done;
    });
  }

  /** Removes scans that were sent; one that grew words meanwhile stays, with what is new. */
  removeSent(scans) {
    return this.#with(async (db) => {
      const work = db.transaction("scans", "readwrite", { durability: "strict" });
      for (const scan of scans) {
        const left = unsent(await work.store.get(scan.id), scan);
        if (left) await work.store.put(left);
        else await work.store.delete(scan.id);
      }
      await work.done;
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
    this.rows = Object.fromEntries(Object.keys(KEYS).map((name) => [name, new Map()]));
  }

  #key(name, row) {
    return [KEYS[name]].flat().map((part) => row[part]).join(" ");
  }

  async all(name) {
    return [...this.rows[name].values()];
  }

  async put(name, row) {
    this.rows[name].set(this.#key(name, row), structuredClone(row));
  }

  async remove(name, keys) {
    for (const key of keys) this.rows[name].delete(Array.isArray(key) ? key.join(" ") : key);
  }

  async change(name, key, change) {
    this.rows[name].set(key, change(this.rows[name].get(key)));
  }

  async removeSent(scans) {
    for (const scan of scans) {
      const left = unsent(this.rows.scans.get(scan.id), scan);
      if (left) this.rows.scans.set(scan.id, left);
      else this.rows.scans.delete(scan.id);
    }
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
    for (let text = null; text !== localStorage.getItem(key);) {
      // A page of the first release may still be open and have added one meanwhile: then once more.
      text = localStorage.getItem(key);
      for (const { id, badge, event, scanned_at } of scansIn(text)) {
        await store.put("scans", { id, badge, ...(event && { event }), scanned_at, scanners: [scanner] });
      }
    }
    if (store.isLasting) localStorage.removeItem(key);
  }
}

function scansIn(text) {
  try {
    return JSON.parse(text) ?? [];
  } catch {
    return []; // not ours, or cut off: nothing in it can be read any more
  }
}

/** Everything that tells who uses this phone goes, and the scans of those attendees with it. */
export async function forget(store, scanners) {
  const isTheirs = (row) => (row.scanners ?? [row.scanner]).some((one) => scanners.includes(one));
  const scans = (await store.all("scans")).filter(isTheirs).map((row) => row.id);
  await Promise.all([store.remove("scans", scans), store.remove("attendees", scanners), forgetPeople(store, scanners)]);
}

/** The people that these attendees keep on this phone, or only those of `urls`. */
export async function forgetPeople(store, scanners, urls = null) {
  const gone = (await store.all("people")).filter(
    (one) => scanners.includes(one.scanner) && (urls === null || urls.includes(one.url)));
  await store.remove("people", gone.map((one) => [one.scanner, one.url]));
}
