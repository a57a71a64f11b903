// Resize images, bit by bit as OpenCV does.

import {clip, emptyLike, roundEven} from "./pixels.js";

const {fround} = Math;

/** Resize by averaging over the covered area; neither side may grow (cv2.INTER_AREA). */
export const resizeArea = (image, width, height) => {
  if (image.width === width && image.height === height) return image;
  const across = 1 / (width / image.width);
  const down = 1 / (height / image.height);
  const [stepX, stepY] = [roundEven(across), roundEven(down)];
  const whole = Math.abs(across - stepX) < 2 ** -52 && Math.abs(down - stepY) < 2 ** -52;
  return whole ? meanOfBlocks(image, width, height, stepX, stepY) : areaResized(image, width, height, across, down);
};

/** The mean of each block of stepX × stepY pixels. */
const meanOfBlocks = (image, width, height, stepX, stepY) => {
  const result = emptyLike(image, width, height);
  const real = image.data instanceof Float32Array;
  if (stepX === 2 && stepY === 2) (real ? halveFloats : halveBytes)(image, result);
  else (real && image.channels === 3 ? meansOfBlocks3 : meansOfBlocks)(image, result, stepX, stepY, real);
  return result;
};

const halveFloats = ({width: wide, channels, data}, {width, height, data: out}) => {
  const row = wide * channels;
  let place = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let at = 2 * (y * row + x * channels);
      for (let c = 0; c < channels; c++, at++) {
        const upper = fround(data[at] + data[at + channels]);
        out[place++] = fround(fround(upper + data[at + row]) + data[at + row + channels]) * 0.25;
      }
    }
  }
};

/** OpenCV has a way of its own for bytes in blocks of 2 × 2, which rounds halves up. */
const halveBytes = ({width: wide, channels, data}, {width, height, data: out}) => {
  const row = wide * channels;
  let place = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let at = 2 * (y * row + x * channels);
      for (let c = 0; c < channels; c++, at++) {
        out[place++] = (data[at] + data[at + channels] + data[at + row] + data[at + row + channels] + 2) >> 2;
      }
    }
  }
};

const meansOfBlocks = ({width: wide, channels, data}, result, stepX, stepY, real) => {
  const out = real ? result.data : new Uint8ClampedArray(result.data.buffer);
  const row = wide * channels;
  const offsets = [];
  for (let y = 0; y < stepY; y++) for (let x = 0; x < stepX; x++) offsets.push(y * row + x * channels);
  const area = offsets.length;
  const share = fround(1 / area);
  const fours = area - (area % 4);
  let place = 0;
  for (let y = 0; y < result.height; y++) {
    for (let x = 0; x < result.width; x++) {
      for (let c = 0; c < channels; c++) {
        const start = y * stepY * row + x * stepX * channels + c;
        let sum = 0;
        let k = 0;
        // Four at a time, as OpenCV adds them.
        for (; k < fours; k += 4) {
          const pair = fround(data[start + offsets[k]] + data[start + offsets[k + 1]]);
          const four = fround(fround(pair + data[start + offsets[k + 2]]) + data[start + offsets[k + 3]]);
          sum = fround(sum + four);
        }
        for (; k < area; k++) sum = fround(sum + data[start + offsets[k]]);
        out[place++] = fround(sum * share);
      }
    }
  }
};

/** The same of floats in three channels, in half the time. */
const meansOfBlocks3 = ({width: wide, data}, {width, height, data: out}, stepX, stepY) => {
  const offsets = Int32Array.from({length: stepX * stepY}, (_, k) => 3 * (Math.floor(k / stepX) * wide + (k % stepX)));
  const area = offsets.length;
  const share = fround(1 / area);
  const fours = area - (area % 4);
  let place = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const start = 3 * (y * stepY * wide + x * stepX);
      let red = fround(0);
      let green = fround(0);
      let blue = fround(0);
      let k = 0;
      for (; k < fours; k += 4) {
        const a = start + offsets[k];
        const b = start + offsets[k + 1];
        const c = start + offsets[k + 2];
        const d = start + offsets[k + 3];
        red = fround(red + fround(fround(fround(data[a] + data[b]) + data[c]) + data[d]));
        green = fround(green + fround(fround(fround(data[a + 1] + data[b + 1]) + data[c + 1]) + data[d + 1]));
        blue = fround(blue + fround(fround(fround(data[a + 2] + data[b + 2]) + data[c + 2]) + data[d + 2]));
      }
      for (; k < area; k++) {
        const a = start + offsets[k];
        red = fround(red + data[a]);
        green = fround(green + data[a + 1]);
        blue = fround(blue + data[a + 2]);
      }
      out[place++] = fround(red * share);
      out[place++] = fround(green * share);
      out[place++] = fround(blue * share);
    }
  }
};

/** For each pixel of the smaller side: the first pixel that it covers, where its shares begin, and the share of each. */
const covered = (large, small, scale) => {
  const first = new Int32Array(small);
  const starts = new Int32Array(small + 1);
  const shares = [];
  for (let target = 0; target < small; target++) {
    const start = target * scale;
    const end = start + scale;
    const cell = Math.min(scale, large - start);
    const last = Math.min(Math.floor(end), large - 1);
    const whole = Math.min(Math.ceil(start), last);
    const before = whole - start > 1e-3;
    first[target] = before ? whole - 1 : whole;
    starts[target] = shares.length;
    if (before) shares.push((whole - start) / cell);
    for (let source = whole; source < last; source++) shares.push(1 / cell);
    if (end - last > 1e-3) shares.push(Math.min(end - last, 1, cell) / cell);
  }
  starts[small] = shares.length;
  return {first, starts, shares: Float32Array.from(shares)};
};

const areaResized = (image, width, height, across, down) => {
  const {channels} = image;
  const columns = covered(image.width, width, across);
  const rows = covered(image.height, height, down);
  const result = emptyLike(image, width, height);
  const size = width * channels;
  const line = new Float32Array(size);
  const sum = new Float32Array(size);
  const store = result.data instanceof Float32Array ? storeFloats : storeBytes;
  const lineOf = lineReader(image);
  const shrink = channels === 3 ? shrinkLine3 : shrinkLine1;
  let made = -1;
  for (let y = 0; y < height; y++) {
    for (let k = rows.starts[y]; k < rows.starts[y + 1]; k++) {
      const source = rows.first[y] + k - rows.starts[y];
      if (source !== made) shrink(lineOf(source), columns, line);
      made = source;
      addLine(sum, line, rows.shares[k], k === rows.starts[y]);
    }
    store(sum, result.data, y * size);
  }
  return result;
};

/** A function that gives a row of the image as a Float32Array: code for one kind of array is twice as fast. */
const lineReader = ({width, channels, data}) => {
  const size = width * channels;
  if (data instanceof Float32Array) return (y) => data.subarray(y * size, (y + 1) * size);
  const line = new Float32Array(size);
  return (y) => {
    const start = y * size;
    for (let i = 0; i < size; i++) line[i] = data[start + i];
    return line;
  };
};

const storeFloats = (sum, out, start) => out.set(sum, start);

/** Round to the nearest, ties to the even number, as OpenCV does.
 *
 * A 32-bit float of 2^23 and more has no digits behind the point: adding 2^23 rounds, and leaves the whole number in the
 * last bits. Math.round and clamped arrays take several times as long.
 */
const storeBytes = (sum, out, start) => {
  const bits = new Int32Array(sum.buffer);
  for (let i = 0; i < sum.length; i++) sum[i] = sum[i] + 2 ** 23;
  for (let i = 0; i < bits.length; i++) out[start + i] = bits[i];
};

const addLine = (sum, line, share, first) => {
  if (first) for (let i = 0; i < sum.length; i++) sum[i] = share * line[i];
  else for (let i = 0; i < sum.length; i++) sum[i] = sum[i] + fround(share * line[i]);
};

const shrinkLine1 = (data, {first, starts, shares}, line) => {
  for (let x = 0; x < first.length; x++) {
    let place = first[x];
    let gray = 0;
    for (let k = starts[x]; k < starts[x + 1]; k++) gray = fround(gray + fround(data[place++] * shares[k]));
    line[x] = gray;
  }
};

const shrinkLine3 = (data, {first, starts, shares}, line) => {
  let k = 0;
  for (let x = 0; x < first.length; x++) {
    const end = starts[x + 1];
    let place = 3 * first[x];
    let red = fround(0);
    let green = fround(0);
    let blue = fround(0);
    for (; k < end; k++) {
      const share = shares[k];
      red = fround(red + fround(data[place] * share));
      green = fround(green + fround(data[place + 1] * share));
      blue = fround(blue + fround(data[place + 2] * share));
      place += 3;
    }
    line[3 * x] = red;
    line[3 * x + 1] = green;
    line[3 * x + 2] = blue;
  }
};

const LINEAR_BITS = 2048; // OpenCV's weights of the bilinear resize are whole numbers of 2048ths.

/** Resize bytes bilinearly (cv2.INTER_LINEAR). */
export const resizeLinear = (image, width, height) => {
  const columns = neighbours(image.width, width, true);
  const rows = neighbours(image.height, height, false);
  const result = emptyLike(image, width, height);
  const size = width * image.channels;
  // The two rows that the current one lies between; the lower is often the next one's upper.
  let [upper, lower] = [new Int32Array(size), new Int32Array(size)];
  let [above, below] = [-1, -1];
  for (let y = 0; y < height; y++) {
    const wanted = clip(rows.first[y], 0, image.height - 1);
    const next = clip(rows.first[y] + 1, 0, image.height - 1);
    if (wanted === below) [upper, lower, above, below] = [lower, upper, below, above];
    if (wanted !== above) stretchLine(image, wanted, columns, upper);
    if (next !== below) stretchLine(image, next, columns, lower);
    [above, below] = [wanted, next];
    blendLines(upper, lower, rows.near[y], rows.far[y], result.data, y * size);
  }
  return result;
};

const stretchLine = ({width, channels, data}, y, {first, near, far}, line) => {
  const start = y * width * channels;
  let place = 0;
  for (let x = 0; x < first.length; x++) {
    let left = start + first[x] * channels;
    let right = first[x] + 1 < width ? left + channels : left;
    for (let c = 0; c < channels; c++) line[place++] = data[left++] * near[x] + data[right++] * far[x];
  }
};

const blendLines = (upper, lower, near, far, out, start) => {
  for (let i = 0; i < upper.length; i++) {
    out[start + i] = (((near * (upper[i] >> 4)) >> 16) + ((far * (lower[i] >> 4)) >> 16) + 2) >> 2;
  }
};

/** For each pixel of the new side: its first neighbour in the old one, and the weights of this and the next. */
const neighbours = (from, to, inside) => {
  const scale = 1 / (to / from);
  const first = new Int32Array(to);
  const near = new Int32Array(to);
  const far = new Int32Array(to);
  for (let i = 0; i < to; i++) {
    let part = fround((i + 0.5) * scale - 0.5);
    let place = Math.floor(part);
    part = fround(part - place);
    if (inside && place < 0) [place, part] = [0, 0];
    if (inside && place >= from - 1) [place, part] = [from - 1, 0];
    first[i] = place;
    near[i] = roundEven(fround(fround(1 - part) * LINEAR_BITS));
    far[i] = roundEven(fround(part * LINEAR_BITS));
  }
  return {first, near, far};
};
