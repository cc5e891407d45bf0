// The decoder: a worker that finds QR codes in a frame or a photo. Its own response alone may compile wasm.
//
// {number, frame, options}   → {number, text, found, error?}: one frame of the camera, as a bitmap or as pixels
// {photo, attempts}          → {trying, of}…, then {found}: a photo, looked at in each of these ways until one sees a code
// `found` is a list of {text, place: {x, y, side} in shares of the picture, or null}.
/* global importScripts, ZXingWASM */
importScripts("../lib/zxing-reader.js");

ZXingWASM.prepareZXingModule({
  overrides: { locateFile: () => new URL("../lib/zxing_reader.wasm", self.location.href).href },
  fireImmediately: true,
});

const OPTIONS = { formats: ["QRCode"], maxNumberOfSymbols: 1, tryHarder: true };
const MOST_IN_A_PHOTO = 8;
const MORE_ATTEMPTS = 1; // a way that sees one code of a photo may be blind to its neighbour
let canvas;
let context;

function surface(width, height) {
  if (!canvas || canvas.width !== width || canvas.height !== height) {
    canvas = new OffscreenCanvas(width, height);
    context = canvas.getContext("2d", { willReadFrequently: true });
  }
  return context;
}

function pixels(frame) {
  if (!(frame instanceof ImageBitmap)) return frame;
  surface(frame.width, frame.height).drawImage(frame, 0, 0);
  frame.close();
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

/** The photo, its longer side `side` pixels, turned by `turn` degrees. */
function drawn(bitmap, { side, turn }) {
  const scale = side / Math.max(bitmap.width, bitmap.height);
  const [width, height] = [Math.round(bitmap.width * scale), Math.round(bitmap.height * scale)];
  const angle = (turn * Math.PI) / 180;
  const [cos, sin] = [Math.abs(Math.cos(angle)), Math.abs(Math.sin(angle))];
  surface(Math.max(1, Math.ceil(width * cos + height * sin)), Math.max(1, Math.ceil(width * sin + height * cos)));
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.translate(canvas.width / 2, canvas.height / 2);
  context.rotate(angle);
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, -width / 2, -height / 2, width, height);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

async function read(data, options) {
  const found = await ZXingWASM.readBarcodes(data, { ...OPTIONS, ...options });
  return found.filter((one) => one.isValid !== false && one.text).map((one) => ({ text: one.text, place: place(one, data) }));
}

function place({ position }, { width, height }) {
  const corners = position ? [position.topLeft, position.topRight, position.bottomRight, position.bottomLeft] : [];
  if (corners.some((corner) => !corner) || !corners.length) return null;
  const [left, right] = [Math.min(...corners.map(({ x }) => x)), Math.max(...corners.map(({ x }) => x))];
  const [top, bottom] = [Math.min(...corners.map(({ y }) => y)), Math.max(...corners.map(({ y }) => y))];
  return { x: (left + right) / 2 / width, y: (top + bottom) / 2 / height, side: Math.max(right - left, bottom - top) / Math.max(width, height) };
}

async function readPhoto({ photo, attempts }) {
  const found = new Map();
  let more = MORE_ATTEMPTS;
  for (const [number, { side, turn, ...options }] of attempts.entries()) {
    self.postMessage({ trying: number + 1, of: attempts.length });
    for (const one of await read(drawn(photo, { side, turn }), { ...options, maxNumberOfSymbols: MOST_IN_A_PHOTO })) {
      if (!found.has(one.text)) found.set(one.text, turn ? { ...one, place: null } : one);
    }
    if (found.size && more-- === 0) break;
  }
  photo.close();
  self.postMessage({ found: [...found.values()] });
}

self.onmessage = async ({ data }) => {
  try {
    if (data.photo) {
      await readPhoto(data);
      return;
    }
    const found = await read(pixels(data.frame), data.options);
    self.postMessage({ number: data.number, text: found[0]?.text ?? null, found });
  } catch (error) {
    self.postMessage({ number: data.number, text: null, found: [], error: String(error) });
  }
};
