// Remembers which look this browser prefers, and shows it before the page is painted.

const KEY = "eventnet-look";
const LOOKS = ["light", "dark", "contrast"];

/** The remembered look, or "" for the one the system asks for; also where storage is closed to us. */
export function rememberedLook(storage) {
  try {
    const look = storage().getItem(KEY);
    return LOOKS.includes(look) ? look : "";
  } catch {
    return "";
  }
}

export function rememberLook(storage, look) {
  try {
    if (LOOKS.includes(look)) storage().setItem(KEY, look);
    else storage().removeItem(KEY);
  } catch {
    // A private window may refuse: the look then lasts as long as the page.
  }
}

export function showLook(root, look) {
  if (LOOKS.includes(look)) root.dataset.theme = look;
  else delete root.dataset.theme;
}

function paintBrowserBar() {
  const paper = getComputedStyle(document.documentElement).getPropertyValue("--paper").trim();
  if (!paper) return;
  for (const meta of document.querySelectorAll('meta[name="theme-color"]')) meta.content = paper;
}

function offerChoice() {
  for (const choice of document.querySelectorAll("[data-look]")) {
    const select = choice.querySelector("select");
    select.value = rememberedLook(() => localStorage);
    choice.hidden = false;
    select.addEventListener("change", () => {
      rememberLook(() => localStorage, select.value);
      showLook(document.documentElement, select.value);
      paintBrowserBar();
    });
  }
  if (rememberedLook(() => localStorage)) paintBrowserBar();
  offerButtons();
}

/** One button for each look; the one that is on, tapped again, gives the choice back to the device. */
function offerButtons() {
  const buttons = [...document.querySelectorAll("[data-look-button]")];
  const show = () => buttons.forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.lookButton === document.documentElement.dataset.theme)));
  for (const button of buttons) {
    button.addEventListener("click", () => {
      const look = button.getAttribute("aria-pressed") === "true" ? "" : button.dataset.lookButton;
      rememberLook(() => localStorage, look);
      showLook(document.documentElement, look);
      paintBrowserBar();
      show();
    });
  }
  show();
}

showLook(document.documentElement, rememberedLook(() => localStorage));
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", offerChoice);
else offerChoice();
// The same choice made in another tab.
addEventListener("storage", (event) => {
  if (event.key === KEY) showLook(document.documentElement, event.newValue ?? "");
});
