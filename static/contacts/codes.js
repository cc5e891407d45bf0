// What a code says: a badge of this host, a badge code somebody types, or something else with a name. Pure: no DOM, no network.

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; // Crockford's base32: no I, L, O or U
const SIGNS = /^[0-9A-HJKMNP-TV-Z]+$/;
const PRIMITIVE = 0b100101; // x^5 + x^2 + 1, as in eventnet/badges/codes.py
const CODE_LENGTH = 8;

/** Crockford base32 as people type it: upper case, look-alikes read as digits, spaces and dashes gone. */
export function folded(text) {
  return text.normalize("NFKC").toUpperCase().replace(/[\s\p{Pd}]/gu, "").replace(/O/g, "0").replace(/[IL]/g, "1");
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
  return token.length === 26 && SIGNS.test(token) && token[0] <= "7" ? token : null;
}

/** The character that completes seven characters to a badge code: see check_character in eventnet/badges/codes.py. */
export function checkCharacter(body) {
  let total = 0;
  for (const sign of body) {
    total = (total ^ ALPHABET.indexOf(sign)) << 1;
    if (total > 31) total ^= PRIMITIVE;
  }
  return ALPHABET[total];
}

/** What is typed so far: {code} when it is a badge code, else {wrong}: "short", "long", "sign" (with `sign`) or "check". */
export function typedCode(text) {
  const signs = folded(text);
  const strange = [...signs].find((sign) => !ALPHABET.includes(sign));
  if (strange) return { wrong: "sign", sign: strange };
  if (signs.length < CODE_LENGTH) return { wrong: "short", missing: CODE_LENGTH - signs.length };
  if (signs.length > CODE_LENGTH) return { wrong: "long" };
  return checkCharacter(signs.slice(0, -1)) === signs.at(-1) ? { code: signs } : { wrong: "check" };
}

/** K7M2 9QXP, as it is printed. */
export function grouped(code) {
  return code.replace(/(.{4})(?=.)/g, "$1 ");
}

/** Whether a code is the test code of this host's page for trying out a scanner. */
export function isTestCode(text, host) {
  try {
    const address = new URL(text.trim());
    return address.host.toLowerCase() === host.toLowerCase() && /^\/e\/[^/]+\/scan\/test\/?$/i.test(address.pathname);
  } catch {
    return false;
  }
}

const KINDS = [
  ["WIFI:", "wifi"], ["BEGIN:VCARD", "card"], ["MECARD:", "card"], ["BIZCARD:", "card"], ["BEGIN:VEVENT", "date"],
  ["BEGIN:VCAL", "date"], ["MAILTO:", "mail"], ["MATMSG:", "mail"], ["SMTP:", "mail"], ["TEL:", "phone"],
  ["FACETIME", "phone"], ["SMS:", "message"], ["SMSTO:", "message"], ["MMS", "message"], ["WHATSAPP:", "message"],
  ["TG:", "message"], ["GEO:", "place"], ["OTPAUTH", "secret"], ["FIDO:", "secret"], ["LPA:", "secret"],
  ["BITCOIN:", "money"], ["ETHEREUM:", "money"], ["UPI:", "money"], ["BCD\n", "money"], ["BCD\r", "money"],
  ["SPC\n", "money"], ["SPC\r", "money"], ["SPD*", "money"], ["HC1:", "health"], ["INTENT:", "app"], ["MARKET:", "app"],
  ["ITMS", "app"],
];

/**
 * The kind of a foreign code, for a sentence: "wifi", "card", "mail", "phone", "message", "place", "date", "secret",
 * "money", "health", "app", "text"; of addresses "own" (a page of this host), "other-badge" (a badge elsewhere), "web".
 */
export function foreignKind(text, host = "") {
  const start = text.trim().slice(0, 12).toUpperCase();
  const found = KINDS.find(([mark]) => start.startsWith(mark));
  if (found) return found[1];
  if (!/^HTTPS?:/.test(start)) return "text";
  try {
    const address = new URL(text.trim());
    if (host && address.host.toLowerCase() === host.toLowerCase() && !address.username) return "own";
    return /^\/b\/[0-9a-z]{26}\/?$/i.test(address.pathname) ? "other-badge" : "web";
  } catch {
    return "text";
  }
}

/** The host a foreign address leads to, in the form that cannot look like another one; empty for anything else. */
export function hostOf(text) {
  try {
    return new URL(text.trim()).host;
  } catch {
    return "";
  }
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
