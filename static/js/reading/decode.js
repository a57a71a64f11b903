// Decode photos and frames in the worker, without ever drawing them on the page.

import {lacksRows, mended} from "./ending.js";
import {orientationLeft, orientationOf} from "./exif.js";
import {upright} from "./pixels.js";

export const ENOUGH_PIXELS = 1600 * 1200; // A photo is reduced by whole factors to no fewer, as the server does.
const STRIP_PIXELS = 4_000_000;
const MOST_PIXELS = 120_000_000;

/** An error that the page has a sentence for; `name` is one of those that worker.js lists. */
export class ReadingError extends Error {
  constructor(name, message) {
    super(message);
    this.name = name;
  }
}

/** Decode an encoded photo: the image, upright RGB with transparency blended with white, `oriented` where the file says
 * which way is up, its full_size, the EXIF orientation that the browser had left to apply, `truncated` where its end is
 * missing.
 */
export const decodePhoto = async (bytes) => {
  const orientation = orientationOf(new Uint8Array(bytes));
  const left = await orientationLeft(new Uint8Array(bytes), orientation);
  const {bytes: content, truncated, incomplete} = await mended(new Uint8Array(bytes));
  if (incomplete) throw new ReadingError("incomplete", "A large part of the file is missing.");
  let bitmap;
  try {
    bitmap = await createImageBitmap(new Blob([content]), {colorSpaceConversion: "none", premultiplyAlpha: "none"});
  } catch (error) {
    throw new ReadingError("undecodable", `This browser cannot decode the photo (${error.message}).`);
  }
  try {
    const pixels = bitmap.width * bitmap.height;
    if (pixels > MOST_PIXELS) throw new ReadingError("too_large", `The photo has ${bitmap.width} × ${bitmap.height} pixels.`);
    const factor = [8, 4, 2].find((by) => pixels >= by ** 2 * ENOUGH_PIXELS && Math.min(bitmap.width, bitmap.height) >= by);
    const stored = toImage(bitmap, factor ?? 1);
    // A PNG's missing rows are black, and were counted before.
    if (truncated && content[0] === 0xff && lacksRows(stored)) throw new ReadingError("incomplete", "A large part of the file is missing.");
    const image = upright(stored, left);
    const size = [bitmap.width, bitmap.height];
    return {image, oriented: orientation !== null, full_size: left >= 5 ? size.reverse() : size, orientation: left, truncated};
  } finally {
    bitmap.close();
  }
};

/** The pixels of a frame as an RGB image; closes the bitmap. */
export const decodeFrame = (bitmap) => {
  try {
    return toImage(bitmap, 1);
  } finally {
    bitmap.close();
  }
};

let canvas = null;

const contextOf = (width, height) => {
  if (typeof OffscreenCanvas === "undefined") throw new ReadingError("no_canvas", "This browser has no OffscreenCanvas.");
  if (canvas?.canvas.width !== width || canvas?.canvas.height !== height) {
    canvas = new OffscreenCanvas(width, height).getContext("2d", {willReadFrequently: true});
    if (!canvas) throw new ReadingError("no_canvas", "This browser gives no 2D canvas in a worker.");
  }
  return canvas;
};

/** Draw a bitmap on white, strip by strip, and average blocks of factor × factor pixels. */
const toImage = (bitmap, factor) => {
  const {width, height} = bitmap;
  const rows = Math.min(height, Math.max(factor, Math.floor(STRIP_PIXELS / width / factor) * factor));
  const context = contextOf(width, rows);
  const [across, down] = [Math.ceil(width / factor), Math.ceil(height / factor)];
  const data = new Uint8Array(across * down * 3);
  for (let top = 0; top < height; top += rows) {
    const count = Math.min(rows, height - top);
    context.fillStyle = "white";
    context.fillRect(0, 0, width, rows);
    context.drawImage(bitmap, 0, top, width, count, 0, 0, width, count);
    const strip = context.getImageData(0, 0, width, count).data;
    (factor === 1 ? copy : reduce)(strip, width, count, factor, data, (top / factor) * across * 3);
  }
  return {width: across, height: down, channels: 3, data};
};

const copy = (strip, width, rows, factor, data, place) => {
  for (let i = 0; i < width * rows * 4; i += 4) {
    data[place++] = strip[i];
    data[place++] = strip[i + 1];
    data[place++] = strip[i + 2];
  }
};

/** Blocks at the right and lower border have fewer pixels (Pillow's reduce). */
const reduce = (strip, width, rows, factor, data, place) => {
  for (let top = 0; top < rows; top += factor) {
    for (let left = 0; left < width; left += factor) {
      const [right, bottom] = [Math.min(width, left + factor), Math.min(rows, top + factor)];
      const area = (right - left) * (bottom - top);
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) sum += strip[4 * (y * width + x) + c];
        data[place++] = Math.floor(sum / area + 0.5);
      }
    }
  }
};

/** Reject where the browser alters what is drawn, as protection against fingerprints does. */
export const checkCanvas = () => {
  const context = contextOf(16, 16);
  const given = new ImageData(16, 16);
  for (let i = 0; i < given.data.length; i++) given.data[i] = i % 4 === 3 ? 255 : (i * 73 + (i >> 4) * 41) % 256;
  context.putImageData(given, 0, 0);
  const {data} = context.getImageData(0, 0, 16, 16);
  if (data.some((value, i) => value !== given.data[i])) {
    throw new ReadingError("altered_canvas", "This browser alters what is drawn, as a protection against fingerprints.");
  }
};
