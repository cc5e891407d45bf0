// The decoder: a worker that finds a QR code in a frame. Its own response alone may compile wasm.
/* global importScripts, ZXingWASM */
importScripts("../lib/zxing-reader.js");

ZXingWASM.prepareZXingModule({
  overrides: { locateFile: () => new URL("../lib/zxing_reader.wasm", self.location.href).href },
  fireImmediately: true,
});

const OPTIONS = { formats: ["QRCode"], maxNumberOfSymbols: 1, tryHarder: true };
let canvas;
let context;

function pixels(frame) {
  if (!(frame instanceof ImageBitmap)) return frame;
  if (!canvas || canvas.width !== frame.width || canvas.height !== frame.height) {
    canvas = new OffscreenCanvas(frame.width, frame.height);
    context = canvas.getContext("2d", { willReadFrequently: true });
  }
  context.drawImage(frame, 0, 0);
  frame.close();
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

self.onmessage = async ({ data }) => {
  try {
    const found = await ZXingWASM.readBarcodes(pixels(data.frame), { ...OPTIONS, ...data.options });
    const hit = found.find((one) => one.isValid !== false && one.text);
    self.postMessage({ number: data.number, text: hit ? hit.text : null });
  } catch (error) {
    self.postMessage({ number: data.number, text: null, error: String(error) });
  }
};
