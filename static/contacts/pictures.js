// Taking or choosing a photo of a badge: it is read in the page, and several codes in it are offered one by one.

import { badgeToken, foreignKind, hostOf } from "./codes.js";
import { readCodes, surroundings } from "./photo.js";
import { word } from "./wording.js";

const at = (id) => document.getElementById(id);

/** Calls `onBadge(token)` for the badge in a photo, or for each one chosen of several. */
export function offerPhotos(host, decoderAddress, onBadge) {
  const sheet = at("photo-sheet");

  async function read(file) {
    at("photo-said").textContent = "";
    at("photo-found").replaceChildren();
    at("photo-progress").value = 0;
    at("photo-trying").hidden = false;
    try {
      const found = await readCodes(file, decoderAddress, (number, of) => (at("photo-progress").value = number / of));
      await show(file, found);
    } catch {
      at("photo-said").textContent = word("decoder-failed");
    } finally {
      at("photo-trying").hidden = true;
    }
  }

  async function show(file, found) {
    if (!found?.length) {
      at("photo-said").textContent = word(found ? "no-code" : "no-picture");
      return;
    }
    if (found.length > 1) {
      at("photo-said").textContent = word("many-codes", { n: found.length });
      at("photo-found").replaceChildren(...await Promise.all(found.map((one, number) => row(file, one, number + 1))));
      return;
    }
    const [{ text }] = found;
    const token = badgeToken(text, host);
    if (!token) {
      at("photo-said").textContent = foreign(text);
      return;
    }
    sheet.close();
    onBadge(token);
  }

  const foreign = (text) => word(foreignKind(text, host), { host: hostOf(text) });

  async function row(file, { text, place }, number) {
    const token = badgeToken(text, host);
    const line = document.createElement("li");
    line.className = "row";
    const around = await surroundings(file, place).catch(() => "");
    if (around) {
      const seen = document.createElement("img");
      [seen.src, seen.alt, seen.width, seen.height] = [around, "", 72, 72];
      line.append(seen);
    }
    const label = document.createElement("span");
    label.className = "grow";
    label.textContent = token ? word("photo-badge", { n: number }) : foreign(text);
    line.append(label);
    if (token) {
      const button = document.createElement("button");
      [button.type, button.className, button.textContent] = ["button", "button line small", word("photo-swap")];
      button.setAttribute("aria-label", `${word("photo-swap")}: ${label.textContent}`);
      button.addEventListener("click", () => {
        button.disabled = true;
        onBadge(token);
        if ([...at("photo-found").querySelectorAll("button")].every((one) => one.disabled)) sheet.close();
      });
      line.append(button);
    }
    return line;
  }

  for (const input of [at("photo-take"), at("photo-choose")]) {
    input.addEventListener("change", () => {
      if (input.files[0]) read(input.files[0]);
      input.value = ""; // the same photo once more is a new try
    });
  }
  sheet.addEventListener("close", () => {
    at("photo-said").textContent = "";
    at("photo-found").replaceChildren();
  });
}
