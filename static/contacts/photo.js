// Reads the codes in a photo, in the page: nothing is uploaded. Several tries, from the likely to the laborious.

const SIDES = [1600, 900, 2600, 500]; // longest side in pixels: too large hides a code in noise, too small blurs it
const TURNS = [0, 45, 20];
const BINARIZERS = ["LocalAverage", "GlobalHistogram"];

/** What is tried, in order: {side, turn, binarizer, tryDenoise}. Pure. */
export function tries(longest) {
  // Half of a small picture as well: what is noise in it goes, and a code of a few pixels a module stays.
  const sides = [...new Set([...SIDES.map((side) => Math.min(side, longest)), Math.round(Math.min(longest, 1000) / 2)])];
  const way = (side, turn, binarizer, tryDenoise) => ({ side, turn, binarizer, tryDenoise });
  const plain = sides.flatMap((side) => BINARIZERS.map((binarizer) => way(side, 0, binarizer, false)));
  const turned = sides.slice(0, 2).flatMap((side) => TURNS.slice(1).map((turn) => way(side, turn, "LocalAverage", false)));
  const denoised = sides.map((side) => way(side, 0, "LocalAverage", true));
  return [...plain, ...denoised, ...turned];
}

/** The text of a QR code in `file`; null when none is found, or the file is no picture. */
export async function readPhoto(file, decoderAddress) {
  return (await readCodes(file, decoderAddress))?.[0]?.text ?? null;
}

/**
 * All QR codes in `file`: [{text, place}], empty when none is found, null when the file is no picture.
 *
 * `onTry(number, of)` tells how far it is. The worker draws and looks, so that the page stays quick; where it cannot
 * draw (Safari before 16.4), the page draws for it, without turning. Throws when the decoder cannot be loaded.
 */
export async function readCodes(file, decoderAddress, onTry = () => {}) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    return null;
  }
  const attempts = tries(Math.max(bitmap.width, bitmap.height));
  const worker = new Worker(decoderAddress);
  try {
    if (typeof OffscreenCanvas !== "undefined") return await inWorker(worker, bitmap, attempts, onTry);
    return await drawnHere(worker, bitmap, attempts.filter(({ turn }) => !turn), onTry);
  } finally {
    worker.terminate();
  }
}

function inWorker(worker, photo, attempts, onTry) {
  return new Promise((done, fail) => {
    worker.onmessage = ({ data }) => {
      if (data.trying) onTry(data.trying, data.of);
      else if (data.error) fail(new Error(data.error));
      else done(data.found);
    };
    worker.onerror = () => fail(new Error("the decoder could not be loaded"));
    worker.postMessage({ photo, attempts: attempts.map((one) => ({ ...one, ...THOROUGH })) }, [photo]);
  });
}

const THOROUGH = { tryInvert: true, tryRotate: true, tryDownscale: true };

async function drawnHere(worker, bitmap, attempts, onTry) {
  for (const [number, { side, binarizer, tryDenoise }] of attempts.entries()) {
    onTry(number + 1, attempts.length);
    const scale = side / Math.max(bitmap.width, bitmap.height);
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [Math.round(bitmap.width * scale), Math.round(bitmap.height * scale)];
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    const frame = context.getImageData(0, 0, canvas.width, canvas.height);
    const found = await new Promise((done, fail) => {
      worker.onmessage = ({ data }) => (data.error ? fail(new Error(data.error)) : done(data.found));
      worker.onerror = () => fail(new Error("the decoder could not be loaded"));
      worker.postMessage({ number, frame, options: { binarizer, tryDenoise, ...THOROUGH, maxNumberOfSymbols: 8 } }, [frame.data.buffer]);
    });
    if (found.length) return found;
  }
  return [];
}

/** A small picture of one code's surroundings, where a badge has its name, as an address of data; "" where unknown. */
export async function surroundings(file, place) {
  if (!place) return "";
  const bitmap = await createImageBitmap(file);
  const longest = Math.max(bitmap.width, bitmap.height);
  const side = Math.min(longest, place.side * longest * 3);
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [192, 192];
  canvas.getContext("2d").drawImage(bitmap, place.x * bitmap.width - side / 2, place.y * bitmap.height - side / 2, side, side, 0, 0, 192, 192);
  bitmap.close();
  return canvas.toDataURL("image/jpeg", 0.8);
}
