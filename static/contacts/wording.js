// Sentences of a page, written by the server into <template data-words> so that they can be translated.

/** The sentence `name` with its {places} filled in; the name itself when the page has no such sentence. */
export function word(name, values = {}) {
  const places = [...document.querySelectorAll("template#words, template[data-words]")];
  const found = places.map((place) => place.content.querySelector(`[data-word="${CSS.escape(name)}"]`)).find(Boolean);
  const text = found ? found.textContent : name;
  return Object.entries(values).reduce((line, [key, value]) => line.replaceAll(`{${key}}`, () => value), text);
}

/** 14:03, on the clock of the event where its zone is known, else on the phone's. */
export function clockTime(when, zone) {
  return new Intl.DateTimeFormat(document.documentElement.lang || undefined, {
    hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone || undefined,
  }).format(when);
}
