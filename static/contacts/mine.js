// "Scan me": my badge over the whole screen, black on white whatever the look, until it is put away on purpose.

import { grouped } from "./codes.js";

const at = (id) => document.getElementById(id);
const QUIET_ZONE = 4;
const PIXELS_A_MODULE = 12;
const SWIPE = 90;
const RUN = /M(\d+) (\d+)h(\d+)/g;

/** Shows the badge of `who` (as the phone keeps it, or null) and puts it away on a swipe, Close or Escape. */
export function showMine(who) {
  at("mine-name").textContent = who?.name ?? "";
  at("mine-detail").textContent = [who?.title, who?.organization].filter(Boolean).join(", ");
  at("mine-code").textContent = who?.code ? grouped(who.code.replace(/\s/g, "")) : "";
  const hasBadge = Boolean(who?.outline);
  at("mine-none").hidden = hasBadge;
  at("mine-picture").hidden = !hasBadge;
  if (hasBadge) at("mine-picture").src = picture(who.outline, who.modules);
  at("mine").showModal();
}

/** The symbol as a PNG: browsers that darken pages by themselves leave pictures alone. */
function picture(outline, modules) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = (modules + 2 * QUIET_ZONE) * PIXELS_A_MODULE;
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.scale(PIXELS_A_MODULE, PIXELS_A_MODULE);
  context.translate(QUIET_ZONE, QUIET_ZONE);
  context.fillStyle = "#000";
  // The outline is one rectangle for each run of dark modules; drawn one by one, no edge is smoothed.
  for (const [, x, y, width] of outline.matchAll(RUN)) context.fillRect(Number(x), Number(y), Number(width), 1);
  return canvas.toDataURL("image/png");
}

let from = null;
at("mine-page").addEventListener("pointerdown", (event) => (from = { x: event.clientX, y: event.clientY }));
at("mine-page").addEventListener("pointerup", (event) => {
  if (!from) return;
  const [right, down] = [event.clientX - from.x, event.clientY - from.y];
  from = null;
  if (down > SWIPE || Math.abs(right) > SWIPE) at("mine").close();
});
at("mine-page").addEventListener("pointercancel", () => (from = null));
