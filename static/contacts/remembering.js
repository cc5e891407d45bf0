// Small choices of a person that outlast the page: which camera, whether with sound.

/** The choice kept under `name`, or null; also where storage is closed to us. */
export function remembered(name) {
  try {
    return localStorage.getItem(`eventnet.${name}`);
  } catch {
    return null;
  }
}

/** Keeps a choice; where the browser has no storage it lasts as long as the page. */
export function remember(name, value) {
  try {
    localStorage.setItem(`eventnet.${name}`, value);
  } catch {
    // A private window may refuse.
  }
}
