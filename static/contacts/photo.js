// Reads the code in a photo, in the page: nothing is uploaded. Several tries, from the likely to the laborious.

const SIDES = [1600, 900, 2600, 500]; // longest side in pixels: too large hides a code in noise, too small blurs it
const TURNS = [0, 45, 20];
const BINARIZERS = ["LocalAverage", "GlobalHistogram"];

/** What is tried, in order: {side, turn, binarizer, denoise}. Pure. */
export function tries(longest) {
  const sides = [...new Set(SIDES.map((side) => Math.min(side, longest)))];
  const plain = sides.flatMap((side) => BINARIZERS.map((binarizer) => ({ side, turn: 0, binarizer, denoise: false })));
  const turned = sides.slice(0, 2).flatMap((side) => TURNS.slice(1).map((turn) => ({ side, turn, binarizer: "LocalAverage", denoise: false })));
  const denoised = sides.map((side) => ({ side, turn: 0, binarizer: "LocalAverage", denoise: true }));
  return [...plain, ...denoised, ...turned];
}

/** The text of a QR code in `file`; null when none is found, or the file is no picture. */
export async function readPhoto(file, decoderAddress) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    return null;
  }
  const worker = new Worker(decoderAddress);
  try {
    for (const attempt of tries(Math.max(bitmap.width, bitmap.height))) {
      const text = await decode(worker, drawn(bitmap, attempt), attempt);
      if (text) return text;
    }
    return null;
  } finally {
    bitmap.close();
    worker.terminate();
  }
}

function drawn(bitmap, { side, turn }) {
  const scale = side / Math.max(bitmap.width, bitmap.height);
  const [width, height] = [Math.round(bitmap.width * scale), Math.round(bitmap.height * scale)];
  const angle = (turn * Math.PI) / 180;
  const canvas = document.createElement("canvas");
  canvas.width = Math.ceil(width * Math.abs(Math.cos(angle)) + height * Math.abs(Math.sin(angle)));
  canvas.height = Math.ceil(width * Math.abs(Math.sin(angle)) + height * Math.abs(Math.cos(angle)));
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.translate(canvas.width / 2, canvas.height / 2);
  context.rotate(angle);
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, -width / 2, -height / 2, width, height);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

function decode(worker, frame, { binarizer, denoise }) {
  return new Promise((done, fail) => {
    worker.onmessage = ({ data }) => done(data.text);
    worker.onerror = fail;
    const options = { binarizer, tryDenoise: denoise, tryInvert: true, tryRotate: true, tryDownscale: true };
    worker.postMessage({ number: 0, frame, options }, [frame.data.buffer]);
  });
}
