// What one sees of the camera: started by one tap, its tools, what went wrong and the way out, awake while it looks.

import { Camera } from "./camera.js";
import { Frames } from "./frames.js";
import { say } from "./signals.js";
import { word } from "./wording.js";

const HIDDEN_MS = 30_000; // so long the camera waits for a page that is looked at again

const at = (id) => document.getElementById(id);

// The browsers' own names of what went wrong, told apart as far as a person can do something about it.
const TROUBLES = {
  NotAllowedError: "NotAllowedError", SecurityError: "NotAllowedError", NotFoundError: "NotFoundError",
  OverconstrainedError: "NotFoundError", NotReadableError: "NotReadableError", AbortError: "NotReadableError",
  NotSupportedError: "NotSupportedError", InsecureError: "InsecureError",
};

export class Viewfinder {
  #lock = null;
  #hiding = 0;

  /** `onCode(text, ms)` for what the camera reads; `isLasting`: whether the browser keeps anything; `slug`: the event. */
  constructor({ onCode, onStart, isLasting, slug }) {
    [this.onStart, this.isLasting, this.slug] = [onStart, isLasting, slug];
    this.camera = new Camera(at("video"), () => this.stop(word("camera-ended")));
    this.frames = new Frames(at("video"), onCode);
    at("start-camera").hidden = false;
    at("start-camera").addEventListener("click", () => this.start());
    at("video").addEventListener("decoder-failed", () => this.stop(word("decoder-failed")));
    document.addEventListener("visibilitychange", () => this.#seen());
    addEventListener("pagehide", () => this.stop(this.isOn ? word("again") : ""));
    for (const sheet of document.querySelectorAll("#scanner dialog")) new MutationObserver(() => this.#look()).observe(sheet, { attributeFilter: ["open"] });
    this.#offerTools();
    this.#offerCopy();
    if (!Camera.isKnownHere) this.stop(word(self.isSecureContext ? "NotSupportedError" : "InsecureError"));
    this.#offerElsewhere();
  }

  get isOn() {
    return at("camera").dataset.state === "on";
  }

  async start() {
    at("start-camera").disabled = true;
    at("trouble").hidden = true;
    this.onStart();
    try {
      await this.camera.start();
    } catch (error) {
      this.stop(word(TROUBLES[error.name] ?? "camera-failed"));
      this.#offerElsewhere();
      return;
    } finally {
      at("start-camera").disabled = false;
      // A button loses the focus when it is disabled or hidden, and whoever listens would lose their place.
      if (document.activeElement === document.body) at("start-camera").focus({ preventScroll: true });
    }
    if (document.activeElement === at("start-camera")) at("camera").focus({ preventScroll: true });
    at("start").hidden = true;
    at("video").hidden = at("frame").hidden = false;
    at("camera").dataset.state = "on";
    this.#look();
    this.stayAwake();
    await this.#showTools();
    say(word("started"));
  }

  /** Ends the camera; a `sentence` says why, with the way to start it again. */
  stop(sentence) {
    this.frames.stop();
    this.camera.stop();
    this.#letSleep();
    at("camera").dataset.state = sentence ? "trouble" : "off";
    for (const id of ["video", "frame", "torch", "switch-camera", "zoom-tool"]) at(id).hidden = true;
    at("start").hidden = at("start-camera").hidden = false;
    at("start-word").hidden = Boolean(sentence);
    at("trouble").textContent = sentence;
    at("trouble").hidden = !sentence;
  }

  async stayAwake() {
    if (document.visibilityState !== "visible" || (this.#lock && !this.#lock.released)) return;
    this.#lock = (await navigator.wakeLock?.request("screen").catch(() => null)) ?? null;
  }

  #letSleep() {
    this.#lock?.release();
    this.#lock = null;
  }

  /** Frames are read while the page is seen and no sheet covers it; the one camera goes on behind a sheet. */
  #look() {
    const isSeen = document.visibilityState === "visible";
    this.camera.rest(at("mine").open || !isSeen);
    if (this.isOn && isSeen && !document.querySelector("#scanner dialog[open]")) this.frames.start();
    else this.frames.stop();
    if (!this.isOn && !at("mine").open) this.#letSleep();
  }

  #seen() {
    clearTimeout(this.#hiding);
    if (document.visibilityState === "hidden") {
      if (this.isOn) this.#hiding = setTimeout(() => this.stop(word("again")), HIDDEN_MS);
    } else if (this.isOn && !this.camera.isOn) {
      this.stop(word("camera-ended"));
    } else if (this.isOn || at("mine").open) {
      this.stayAwake(); // browsers take the lock away from a page that is not seen
      if (this.isOn) at("video").play().catch(() => null);
    }
    this.#look();
  }

  async #showTools() {
    at("torch").hidden = !this.camera.hasTorch;
    at("torch").setAttribute("aria-pressed", "false");
    const zoom = this.camera.zoom;
    at("zoom-tool").hidden = !zoom;
    if (zoom) Object.assign(at("zoom"), { min: zoom.min, max: zoom.max, step: zoom.step, value: zoom.now });
    at("switch-camera").hidden = (await this.camera.all()).length < 2;
  }

  #offerTools() {
    at("torch").addEventListener("click", async ({ currentTarget: torch }) => {
      const on = torch.getAttribute("aria-pressed") !== "true";
      if (await this.camera.setTorch(on).then(() => true, () => false)) torch.setAttribute("aria-pressed", String(on));
    });
    at("zoom").addEventListener("input", ({ currentTarget }) => this.camera.setZoom(Number(currentTarget.value)).catch(() => null));
    at("switch-camera").addEventListener("click", async () => {
      await this.camera.next().catch((error) => this.stop(word(TROUBLES[error.name] ?? "camera-failed")));
      if (this.camera.isOn) await this.#showTools();
    });
  }

  /** A browser inside another app has no camera or no storage: the way to a real one. */
  #offerElsewhere() {
    if (Camera.isKnownHere && this.isLasting) return;
    at("elsewhere-address").textContent = location.href;
    at("hand-over").href = `/e/${this.slug}/hand-over`;
    at("elsewhere").hidden = at("hand-over").hidden = false;
    at("start-camera").hidden = !Camera.isKnownHere;
  }

  #offerCopy() {
    at("copy-address").addEventListener("click", async ({ currentTarget: button }) => {
      const range = document.createRange();
      range.selectNodeContents(at("elsewhere-address"));
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      const isCopied = (await navigator.clipboard?.writeText(location.href).then(() => true, () => false)) || document.execCommand("copy");
      if (isCopied) button.textContent = word("copied");
    });
  }
}
