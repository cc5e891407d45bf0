// Frames to the decoder: at most one under way, about ten a second, never on the main thread.

const PAUSE_MS = 90;

export class Frames {
  /** Calls `onText(text)` for every code the decoder finds in `video` while running. */
  constructor(video, onText) {
    this.video = video;
    this.onText = onText;
    this.worker = null;
    this.number = 0;
    this.timer = 0;
    this.isRunning = false;
  }

  start() {
    if (this.isRunning) return;
    this.isRunning = true;
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
      if (!this.isRunning) return;
      if (data.text) this.onText(data.text);
      this.timer = setTimeout(() => this.#next(), PAUSE_MS);
    };
    worker.onerror = () => this.video.dispatchEvent(new CustomEvent("decoder-failed", { bubbles: true }));
    return worker;
  }

  async #next() {
    if (!this.isRunning) return;
    if (this.video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA || !this.video.videoWidth) {
      this.timer = setTimeout(() => this.#next(), PAUSE_MS);
      return;
    }
    this.number += 1;
    try {
      const frame = await grab(this.video);
      this.worker.postMessage({ number: this.number, frame }, frame instanceof ImageBitmap ? [frame] : [frame.data.buffer]);
    } catch {
      // A frame between two camera states cannot be read; the next one can.
      this.timer = setTimeout(() => this.#next(), PAUSE_MS);
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
