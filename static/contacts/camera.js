// The camera: one request a visit, the back camera first, another choice remembered, light and zoom where it has them.

import { remember, remembered } from "./remembering.js";

export class Camera {
  /** `onEnd` is called when the camera ends without our doing: another app took it, it was unplugged, or forbidden. */
  constructor(video, onEnd) {
    this.video = video;
    this.onEnd = onEnd;
    this.stream = null;
  }

  get isOn() {
    return this.track?.readyState === "live";
  }

  /** Whether this browser has cameras for pages at all; inside other apps it often has none. */
  static get isKnownHere() {
    return Boolean(navigator.mediaDevices?.getUserMedia);
  }

  /** Starts the camera; throws an Error whose `name` is the browser's own (NotAllowedError, NotFoundError, …). */
  async start(deviceId = remembered("camera")) {
    if (!Camera.isKnownHere) {
      throw Object.assign(new Error("no camera interface"), { name: self.isSecureContext ? "NotSupportedError" : "InsecureError" });
    }
    const size = { width: { ideal: 1280 }, height: { ideal: 720 } };
    const which = deviceId ? { deviceId: { ideal: deviceId } } : { facingMode: { ideal: "environment" } };
    this.stop();
    this.stream = await navigator.mediaDevices.getUserMedia({ video: { ...size, ...which }, audio: false });
    // Fires when the camera ends by itself, never after our own stop().
    this.track.addEventListener("ended", () => this.onEnd());
    this.video.srcObject = this.stream;
    await this.video.play();
  }

  stop() {
    if (!this.stream) return;
    for (const track of this.stream.getTracks()) track.stop();
    this.stream = null;
    this.video.srcObject = null;
  }

  /** Keeps the camera, but lets it see nothing for a while; the same one request serves the whole visit. */
  rest(isResting) {
    if (this.track) this.track.enabled = !isResting;
  }

  /** Cameras to choose from, once permission was given. */
  async all() {
    const devices = await navigator.mediaDevices.enumerateDevices();
    return devices.filter((device) => device.kind === "videoinput");
  }

  /** Takes the next camera and remembers it. */
  async next() {
    const cameras = await this.all();
    const current = this.track?.getSettings().deviceId;
    const place = cameras.findIndex((camera) => camera.deviceId === current);
    const chosen = cameras[(place + 1) % cameras.length];
    await this.start(chosen.deviceId);
    remember("camera", chosen.deviceId);
  }

  get track() {
    return this.stream?.getVideoTracks()[0];
  }

  get hasTorch() {
    return Boolean(this.track?.getCapabilities?.().torch);
  }

  async setTorch(on) {
    await this.track.applyConstraints({ advanced: [{ torch: on }] });
  }

  /** {min, max, step, now} of the zoom, or null where there is none. */
  get zoom() {
    const range = this.track?.getCapabilities?.().zoom;
    if (!range || !(range.max > range.min)) return null;
    return { min: range.min, max: range.max, step: range.step || 0.1, now: this.track.getSettings().zoom ?? range.min };
  }

  async setZoom(zoom) {
    await this.track?.applyConstraints({ advanced: [{ zoom }] });
  }
}
