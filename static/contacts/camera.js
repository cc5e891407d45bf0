// The camera: one request a visit, the back camera first, another choice remembered, light where there is one.

const CHOICE = "eventnet.camera";

export class Camera {
  constructor(video) {
    this.video = video;
    this.stream = null;
  }

  get isOn() {
    return Boolean(this.stream && this.stream.active);
  }

  /** Starts the camera; throws an Error whose `name` is the browser's own (NotAllowedError, NotFoundError, …). */
  async start(deviceId = localStorage.getItem(CHOICE)) {
    if (!navigator.mediaDevices || !navigator.mediaDevices.getUserMedia) {
      throw Object.assign(new Error("no camera interface"), { name: "NotSupportedError" });
    }
    const size = { width: { ideal: 1280 }, height: { ideal: 720 } };
    const which = deviceId ? { deviceId: { ideal: deviceId } } : { facingMode: { ideal: "environment" } };
    this.stop();
    this.stream = await navigator.mediaDevices.getUserMedia({ video: { ...size, ...which }, audio: false });
    this.video.srcObject = this.stream;
    await this.video.play();
  }

  stop() {
    if (!this.stream) return;
    for (const track of this.stream.getTracks()) track.stop();
    this.stream = null;
    this.video.srcObject = null;
  }

  /** Cameras to choose from, once permission was given. */
  async all() {
    const devices = await navigator.mediaDevices.enumerateDevices();
    return devices.filter((device) => device.kind === "videoinput");
  }

  async next() {
    const cameras = await this.all();
    const current = this.track?.getSettings().deviceId;
    const place = cameras.findIndex((camera) => camera.deviceId === current);
    const chosen = cameras[(place + 1) % cameras.length];
    localStorage.setItem(CHOICE, chosen.deviceId);
    await this.start(chosen.deviceId);
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
}
