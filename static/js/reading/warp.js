// Warp images and cut boxes out of them, bit by bit as OpenCV does.

import {clip, emptyLike, reflected, roundEven} from "./pixels.js";

const {fround} = Math;

/** The matrix [a, b, c, d, e, f] that rotates counter-clockwise by degrees about (x, y) (cv2.getRotationMatrix2D). */
export const rotationMatrix = (x, y, degrees) => {
  const angle = degrees * (Math.PI / 180);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return [cos, sin, (1 - cos) * x - sin * y, -sin, cos, sin * x + (1 - cos) * y];
};

/** The inverse of an affine matrix (cv2.invertAffineTransform). */
export const invertAffine = ([a, b, c, d, e, f]) => {
  const determinant = a * e - b * d;
  const by = determinant ? 1 / determinant : 0;
  const [a11, a22, a12, a21] = [e * by, a * by, -b * by, -d * by];
  return [a11, a12, -a11 * c - a12 * f, a21, a22, -a21 * c - a22 * f];
};

/** Warp bytes by a matrix from the image to the result, bilinearly in steps of 1/32 pixel (cv2.warpAffine).
 *
 * Outside the image its border pixels are repeated, or every channel is `outside` where that is a number.
 */
export const warpAffine = (image, matrix, width, height, outside = null) =>
  warpInverse(image, inverseForWarp(matrix), width, height, outside);

/** The same by the matrix from the result to the image (cv2.WARP_INVERSE_MAP). */
export const warpInverse = (image, [a, b, c, d, e, f], width, height, outside = null) => {
  const {channels, data} = image;
  const result = emptyLike(image, width, height);
  const [lastX, lastY, row] = [image.width - 1, image.height - 1, image.width * channels];
  const stepX = Int32Array.from({length: width}, (_, x) => roundEven(a * x * 1024));
  const stepY = Int32Array.from({length: width}, (_, x) => roundEven(d * x * 1024));
  const pick = (x, y, channel) =>
    outside !== null && (x < 0 || y < 0 || x > lastX || y > lastY)
      ? outside
      : data[clip(y, 0, lastY) * row + clip(x, 0, lastX) * channels + channel];
  let place = 0;
  for (let y = 0; y < height; y++) {
    const startX = roundEven((b * y + c) * 1024) + 16;
    const startY = roundEven((e * y + f) * 1024) + 16;
    for (let x = 0; x < width; x++) {
      const [fixedX, fixedY] = [(startX + stepX[x]) >> 5, (startY + stepY[x]) >> 5];
      const [left, top, partX, partY] = [fixedX >> 5, fixedY >> 5, fixedX & 31, fixedY & 31];
      const [w00, w01] = [(32 - partY) * (32 - partX), (32 - partY) * partX];
      const [w10, w11] = [partY * (32 - partX), partY * partX];
      const inside = left >= 0 && top >= 0 && left < lastX && top < lastY;
      const at = top * row + left * channels;
      for (let k = 0; k < channels; k++) {
        const sum = inside
          ? data[at + k] * w00 + data[at + channels + k] * w01 + data[at + row + k] * w10 + data[at + row + channels + k] * w11
          : pick(left, top, k) * w00 + pick(left + 1, top, k) * w01 + pick(left, top + 1, k) * w10 + pick(left + 1, top + 1, k) * w11;
        result.data[place++] = (sum + 512) >> 10;
      }
    }
  }
  return result;
};

/** As warpAffine inverts it, which is not digit by digit what invertAffine gives. */
const inverseForWarp = ([a, b, c, d, e, f]) => {
  const determinant = a * e - b * d;
  const by = determinant ? 1 / determinant : 0;
  const [a11, a12, a21, a22] = [e * by, b * -by, d * -by, a * by];
  return [a11, a12, -a11 * c - a12 * f, a21, a22, -a21 * c - a22 * f];
};

const OUTSIDE = 127.5; // The networks normalize it to 0.

/** Cut boxes (x1, y1, x2, y2 each) from a float RGB image and resize each to side × side, into one Float32Array.
 *
 * Bilinear, from edge to edge, positions rounded to 1/32 pixel (cv2.remap). `mirrored`: the image goes on beyond its
 * border as its mirror image; otherwise what lies outside is 127.5.
 */
export const cropAndResize = (image, boxes, start, end, side, mirrored) => {
  const out = new Float32Array((end - start) * side * side * 3);
  for (let i = start; i < end; i++) {
    const x = samples(boxes[4 * i], boxes[4 * i + 2], image.width, side, mirrored);
    const y = samples(boxes[4 * i + 1], boxes[4 * i + 3], image.height, side, mirrored);
    sample(image, x, y, side, mirrored, out, (i - start) * side * side * 3);
  }
  return out;
};

/** Of `side` positions from `low` to `high`: the pixel before and after each, the weights, and whether it is outside. */
const samples = (low, high, length, side, mirrored) => {
  const shrink = fround(fround(length - 1) / fround(length));
  const [from, to] = [fround(low * shrink), fround(high * shrink)];
  const span = fround(to - from);
  const found = {before: new Int32Array(side), after: new Int32Array(side), part: new Float32Array(side), outside: new Uint8Array(side)};
  for (let i = 0; i < side; i++) {
    const step = i === side - 1 ? 1 : fround(i * (1 / (side - 1)));
    const position = fround(from + fround(step * span));
    const fixed = roundEven(position * 32);
    const place = clip(fixed >> 5, -32768, 32767);
    found.before[i] = mirrored ? reflected(place, length) : clip(place, 0, length - 1);
    found.after[i] = mirrored ? reflected(place + 1, length) : clip(place + 1, 0, length - 1);
    found.part[i] = (fixed & 31) / 32;
    found.outside[i] = position < 0 || position > length - 1 ? 1 : 0;
  }
  return found;
};

// Plain constants and three channels by name: arrays that are taken apart and an inner loop take twice as long.
const sample = ({width, data}, x, y, side, mirrored, out, place) => {
  const {before, after, part} = x;
  for (let row = 0; row < side; row++) {
    const above = y.before[row] * width;
    const below = y.after[row] * width;
    const down = y.part[row];
    const up = 1 - down;
    for (let column = 0; column < side; column++, place += 3) {
      if (!mirrored && (x.outside[column] || y.outside[row])) {
        out[place] = out[place + 1] = out[place + 2] = OUTSIDE;
        continue;
      }
      const right = part[column];
      const left = 1 - right;
      // Exact in 32 bits: products of 32nds.
      const w00 = fround(up * left);
      const w01 = fround(up * right);
      const w10 = fround(down * left);
      const w11 = fround(down * right);
      const a = 3 * (above + before[column]);
      const b = 3 * (above + after[column]);
      const c = 3 * (below + before[column]);
      const d = 3 * (below + after[column]);
      out[place] = blend(data[a] * w00, data[b] * w01, data[c] * w10, data[d] * w11);
      out[place + 1] = blend(data[a + 1] * w00, data[b + 1] * w01, data[c + 1] * w10, data[d + 1] * w11);
      out[place + 2] = blend(data[a + 2] * w00, data[b + 2] * w01, data[c + 2] * w10, data[d + 2] * w11);
    }
  }
};

const blend = (a, b, c, d) => fround(fround(fround(fround(a) + fround(b)) + fround(c)) + fround(d));
