// Frames to the decoder: at most one under way, about ten a second, never on the main thread.

const PAUSE_MS = 90;
const PATIENCE_MS = 8000;
const FIRST_PATIENCE_MS = 60_000; // the first answer waits for half a megabyte of decoder
const MOST_FAILURES = 3;
// What one way of looking does not see (glare, noise, dim light), another one does; the plain way has every second turn.
const WAYS = [{}, { binarizer: "GlobalHistogram" }, {}, { tryDenoise: true }];

export class Frames {
  /** Calls `onText(text, milliseconds)` for every code the decoder finds in `video` while running. */
  constructor(video, onText) {
    this.video = video;
    this.onText = onText;
    this.worker = null;
    this.number = 0;
    this.timer = 0;
    this.failures = 0;
    this.hasAnswered = false;
    this.isRunning = false;
  }

  start() {
    if (this.isRunning) return;
    this.isRunning = true;
    this.startedAt = performance.now();
    this.worker ??= this.#hire();
    this.#next();
  }

  stop() {
    this.isRunning = false;
    clearTimeout(this.timer);
  }

  #hire() {
    const worker = new Worker(this.video.dataset.decoder);
    worker.onmessage = ({ data }) => {
      if (data.number !== this.number || !this.isRunning) return;
      clearTimeout(this.timer);
      this.hasAnswered = true;
      this.failures = data.error ? this.failures + 1 : 0;
      if (this.failures >= MOST_FAILURES) {
        this.#fail();
        return;
      }
      if (data.text) this.onText(data.text, performance.now() - this.taken);
      this.#later();
    };
    worker.onerror = () => this.#fail();
    return worker;
  }

  #fail() {
    this.worker?.terminate();
    this.worker = null;
    this.failures = 0;
    this.video.dispatchEvent(new CustomEvent("decoder-failed", { bubbles: true }));
  }

  #later() {
    if (this.isRunning) this.timer = setTimeout(() => this.#next(), PAUSE_MS);
  }

  async #next() {
    if (!this.isRunning) return;
    if (this.video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA || !this.video.videoWidth) {
      this.#later();
      return;
    }
    this.number += 1;
    const number = this.number;
    try {
      this.taken = performance.now();
      const frame = await grab(this.video);
      if (!this.isRunning || number !== this.number) {
        frame.close?.();
        return;
      }
      const options = WAYS[number % WAYS.length];
      this.worker.postMessage({ number, frame, options }, frame instanceof ImageBitmap ? [frame] : [frame.data.buffer]);
      this.timer = setTimeout(() => this.#fail(), this.hasAnswered ? PATIENCE_MS : FIRST_PATIENCE_MS);
    } catch {
      // A frame between two camera states cannot be read; the next one can.
      this.#later();
    }
  }
}

const canvas = document.createElement("canvas");

/** The frame as a bitmap where the worker can draw it, else (Safari before 16.4) as pixels drawn here. */
async function grab(video) {
  if (typeof OffscreenCanvas !== "undefined") return createImageBitmap(video);
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(video, 0, 0);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}
