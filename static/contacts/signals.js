// How the scanner answers the eye, the ear, the hand and the screen reader.

import { remember, remembered } from "./remembering.js";

const SHOWN_MS = { flash: 180, refused: 1200, saved: 2500 };
const TONES = { saved: [880, 1320], refused: [220] }; // hertz, one after the other
const TONE_SECONDS = 0.09;
const timers = new Map();

/** Shows "flash" (the whole frame), "refused" or "saved" on the camera for a moment. */
export function signal(camera, kind) {
  if (kind === "refused") camera.classList.remove("flash", "saved");
  camera.classList.add(kind);
  clearTimeout(timers.get(kind));
  timers.set(kind, setTimeout(() => camera.classList.remove(kind), SHOWN_MS[kind]));
}

/** Has a screen reader say one sentence, also when it is the same as the last one. */
export function say(sentence) {
  const place = document.getElementById("said");
  place.textContent = "";
  setTimeout(() => (place.textContent = sentence), 60);
}

export function buzz(pattern = 60) {
  navigator.vibrate?.(pattern);
}

/** Short tones, made here; silent until the person asks for them. */
export class Sound {
  #context = null;

  get isOn() {
    return remembered("sound") === "on";
  }

  /** Whether the person has never been asked. */
  get isUnknown() {
    return remembered("sound") === null;
  }

  choose(isOn) {
    remember("sound", isOn ? "on" : "off");
    this.allow();
    if (isOn) this.play("saved");
  }

  /** Browsers let a page sound only after a tap: to be called from one. */
  allow() {
    const Context = self.AudioContext ?? self.webkitAudioContext;
    if (!this.isOn || !Context) return;
    this.#context ??= new Context();
    this.#context.resume?.().catch(() => {});
  }

  play(kind) {
    const context = this.#context;
    if (!this.isOn || context?.state !== "running") return;
    const volume = context.createGain();
    volume.gain.value = 0.12;
    volume.connect(context.destination);
    for (const [place, frequency] of TONES[kind].entries()) {
      const tone = context.createOscillator();
      tone.frequency.value = frequency;
      tone.connect(volume);
      tone.start(context.currentTime + place * TONE_SECONDS);
      tone.stop(context.currentTime + (place + 1) * TONE_SECONDS);
    }
  }
}
