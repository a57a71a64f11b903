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
  const {channels, data} = image;
  const real = data instanceof Float32Array;
  const result = emptyLike(image, width, height);
  const out = real ? result.data : new Uint8ClampedArray(result.data.buffer);
  const row = image.width * channels;
  const offsets = [];
  for (let y = 0; y < stepY; y++) for (let x = 0; x < stepX; x++) offsets.push(y * row + x * channels);
  const area = offsets.length;
  const share = fround(1 / area);
  const fours = area - (area % 4);
  // OpenCV has a way of its own for bytes in blocks of 2 × 2, which rounds halves up.
  const quarter = !real && stepX === 2 && stepY === 2;
  let place = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++) {
        const start = y * stepY * row + x * stepX * channels + c;
        let sum = 0;
        let k = 0;
        for (; k < fours; k += 4) {
          const [a, b] = [data[start + offsets[k]], data[start + offsets[k + 1]]];
          const [d, e] = [data[start + offsets[k + 2]], data[start + offsets[k + 3]]];
          sum = real ? fround(sum + fround(fround(fround(a + b) + d) + e)) : sum + a + b + d + e;
        }
        for (; k < area; k++) sum = fround(sum + data[start + offsets[k]]);
        out[place++] = quarter ? (sum + 2) >> 2 : fround(fround(sum) * share);
      }
    }
  }
  return result;
};

/** For each pixel of the smaller side: which pixels it covers, and with what share of it. */
const covered = (large, small, scale) => {
  const to = [];
  const from = [];
  const share = [];
  const add = (target, source, part) => {
    to.push(target);
    from.push(source);
    share.push(fround(part));
  };
  for (let target = 0; target < small; target++) {
    const start = target * scale;
    const end = start + scale;
    const cell = Math.min(scale, large - start);
    const last = Math.min(Math.floor(end), large - 1);
    const first = Math.min(Math.ceil(start), last);
    if (first - start > 1e-3) add(target, first - 1, (first - start) / cell);
    for (let source = first; source < last; source++) add(target, source, 1 / cell);
    if (end - last > 1e-3) add(target, last, Math.min(end - last, 1, cell) / cell);
  }
  return {to: Int32Array.from(to), from: Int32Array.from(from), share: Float32Array.from(share)};
};

const areaResized = (image, width, height, across, down) => {
  const {channels, data} = image;
  const columns = covered(image.width, width, across);
  const rows = covered(image.height, height, down);
  const result = emptyLike(image, width, height);
  const out = data instanceof Float32Array ? result.data : new Uint8ClampedArray(result.data.buffer);
  const size = width * channels;
  const line = new Float32Array(size);
  const sum = new Float32Array(size);
  let made = -1;
  let target = 0;
  const store = () => {
    const start = target * size;
    for (let i = 0; i < size; i++) out[start + i] = sum[i];
  };
  for (let k = 0; k < rows.to.length; k++) {
    if (rows.from[k] !== made) {
      made = rows.from[k];
      (channels === 3 ? shrinkLine3 : shrinkLine1)(data, made * image.width * channels, columns, line);
    }
    const share = rows.share[k];
    if (rows.to[k] !== target || k === 0) {
      if (k) store();
      target = rows.to[k];
      for (let i = 0; i < size; i++) sum[i] = fround(share * line[i]);
    } else {
      for (let i = 0; i < size; i++) sum[i] = fround(sum[i] + fround(share * line[i]));
    }
  }
  store();
  return result;
};

const shrinkLine1 = (data, start, {to, from, share}, line) => {
  line.fill(0);
  for (let k = 0; k < to.length; k++) line[to[k]] = fround(line[to[k]] + fround(data[start + from[k]] * share[k]));
};

const shrinkLine3 = (data, start, {to, from, share}, line) => {
  const count = to.length;
  let target = 0;
  let [red, green, blue] = [0, 0, 0];
  for (let k = 0; k < count; k++) {
    if (to[k] !== target) {
      line[3 * target] = red;
      line[3 * target + 1] = green;
      line[3 * target + 2] = blue;
      target = to[k];
      red = green = blue = 0;
    }
    const place = start + 3 * from[k];
    const part = share[k];
    red = fround(red + fround(data[place] * part));
    green = fround(green + fround(data[place + 1] * part));
    blue = fround(blue + fround(data[place + 2] * part));
  }
  line[3 * target] = red;
  line[3 * target + 1] = green;
  line[3 * target + 2] = blue;
};

const LINEAR_BITS = 2048; // OpenCV's weights of the bilinear resize are whole numbers of 2048ths.

/** Resize bytes bilinearly (cv2.INTER_LINEAR). */
export const resizeLinear = (image, width, height) => {
  const {channels, data} = image;
  const columns = neighbours(image.width, width, true);
  const rows = neighbours(image.height, height, false);
  const result = emptyLike(image, width, height);
  const size = width * channels;
  const lines = [new Int32Array(size), new Int32Array(size)];
  const stretch = (y, line) => {
    const start = clip(y, 0, image.height - 1) * image.width * channels;
    for (let x = 0; x < width; x++) {
      const left = start + columns.first[x] * channels;
      const right = start + Math.min(columns.first[x] + 1, image.width - 1) * channels;
      for (let c = 0; c < channels; c++) {
        line[x * channels + c] = data[left + c] * columns.near[x] + data[right + c] * columns.far[x];
      }
    }
  };
  for (let y = 0; y < height; y++) {
    stretch(rows.first[y], lines[0]);
    stretch(rows.first[y] + 1, lines[1]);
    const [near, far] = [rows.near[y], rows.far[y]];
    for (let i = 0; i < size; i++) {
      const above = (near * (lines[0][i] >> 4)) >> 16;
      const below = (far * (lines[1][i] >> 4)) >> 16;
      result.data[y * size + i] = (above + below + 2) >> 2;
    }
  }
  return result;
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
