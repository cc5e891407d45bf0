// What a code says: a badge of this host, or something else with a name. Pure: no DOM, no network.

const ALPHABET = /^[0-9A-HJKMNP-TV-Z]+$/;

/** Crockford base32 as people type it: upper case, look-alikes read as digits, spaces and dashes gone. */
export function folded(text) {
  return text.toUpperCase().replace(/[\s-]/g, "").replace(/O/g, "0").replace(/[IL]/g, "1");
}

/** The 26-character token of a badge address on `host`, or null. */
export function badgeToken(text, host) {
  let address;
  try {
    address = new URL(text.trim());
  } catch {
    return null;
  }
  if (!/^https?:$/.test(address.protocol) || address.username || address.password) return null;
  if (address.host.toLowerCase() !== host.toLowerCase()) return null;
  const path = /^\/b\/([^/]+)\/?$/i.exec(address.pathname);
  const token = path ? folded(path[1]) : "";
  return token.length === 26 && ALPHABET.test(token) ? token : null;
}

/** The kind of a foreign code, for a sentence: "wifi", "card", "mail", "phone", "message", "place", "date", "web", "text". */
export function foreignKind(text) {
  const start = text.trim().slice(0, 12).toUpperCase();
  const kinds = [
    ["WIFI:", "wifi"], ["BEGIN:VCARD", "card"], ["MECARD:", "card"], ["BEGIN:VEVENT", "date"], ["BEGIN:VCAL", "date"],
    ["MAILTO:", "mail"], ["MATMSG:", "mail"], ["TEL:", "phone"], ["SMS:", "message"], ["SMSTO:", "message"],
    ["GEO:", "place"], ["HTTP://", "web"], ["HTTPS://", "web"],
  ];
  const found = kinds.find(([mark]) => start.startsWith(mark));
  return found ? found[1] : "text";
}

/** A random UUID, also where crypto.randomUUID is missing (pages that are not secure contexts). */
export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
