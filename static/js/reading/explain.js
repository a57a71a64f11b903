// What pointed to an expression: cover patches of a face one by one, and see how much the expression's probability
// drops, as model/explain.py.

import {clip, roundEven} from "./pixels.js";

const {fround} = Math;
const PATCH = {side: 9, places: 10}; // Pixels of a 48-pixel image; the centres form a grid of places × places.
const FILLS = ["blur", "gray"]; // 200 runs of the network.
const BLUR = 6 / 48; // Standard deviation, as a fraction of the image's side.
const LEAST = 1e-9;
const BATCH = 8;

/** The occlusion maps of all labels for a face's gray levels, a Uint8Array of side × side: {answer, maps}.
 *
 * `answer` is the index of the predicted label, `maps` a Float32Array of side × side for each label, −1…1: positive
 * where covering a patch makes the label less probable, scaled so that the largest absolute value is 1. `onStep(done,
 * total)` hears of the runs; it may return a promise, which is waited for, and throw to stop.
 */
export const occlusionMaps = async (reader, input, {onStep = () => {}} = {}) => {
  const side = Math.round(Math.sqrt(input.length));
  const [base] = await logProbabilities(reader, [input]);
  const squares = patches(side);
  const totals = Array.from(base, () => new Float64Array(input.length));
  for (const [number, fill] of FILLS.entries()) {
    const behind = filled(input, side, fill);
    const inputs = squares.map((square) => covered(input, behind, side, square));
    const found = [];
    while (found.length < inputs.length) {
      found.push(...(await logProbabilities(reader, inputs.slice(found.length, found.length + BATCH))));
      await onStep(number * squares.length + found.length, FILLS.length * squares.length);
    }
    addDrops(totals, base, found, squares, side);
  }
  return {answer: base.indexOf(Math.max(...base)), maps: totals.map(scaled)};
};

/** The logarithm of every label's probability. */
const logProbabilities = async (reader, inputs) =>
  (await reader.predict(inputs)).map(({shares}) => shares.map((share) => Math.log(Math.max(share, LEAST))));

/** Add to each pixel the mean drop over the patches that cover it, to the totals of each label. */
const addDrops = (totals, base, found, squares, side) => {
  const covers = new Float64Array(side * side);
  squares.forEach((square) => eachPixel(square, side, (place) => (covers[place] += 1)));
  totals.forEach((total, label) => {
    const sums = new Float64Array(side * side);
    squares.forEach((square, number) => {
      const drop = fround(base[label] - found[number][label]);
      eachPixel(square, side, (place) => (sums[place] += drop));
    });
    sums.forEach((sum, place) => (total[place] += sum / Math.max(covers[place], 1)));
  });
};

const scaled = (total) => {
  const strongest = total.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return Float32Array.from(total, (value) => (strongest > LEAST ? value / strongest : 0));
};

/** The squares of the patches, [top, bottom, left, right]; the outer ones cross the image's border. */
const patches = (side) => {
  const {places} = PATCH;
  const spans = spansOf(side);
  return Array.from({length: places * places}, (_, i) => [...spans[Math.floor(i / places)], ...spans[i % places]]);
};

const spansOf = (length) => {
  const half = (PATCH.side * length) / 48 / 2;
  const [first, last] = [half - (2 * length) / 48, length - half + (2 * length) / 48];
  const step = (last - first) / (PATCH.places - 1);
  return Array.from({length: PATCH.places}, (_, i) => {
    const middle = i === PATCH.places - 1 ? last : i * step + first;
    return [Math.max(0, roundEven(middle - half)), Math.min(length, roundEven(middle + half))];
  });
};

const eachPixel = ([top, bottom, left, right], side, use) => {
  for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) use(y * side + x);
};

const covered = (input, fill, side, square) => {
  const hidden = Uint8Array.from(input);
  eachPixel(square, side, (place) => (hidden[place] = fill[place]));
  return hidden;
};

/** What takes the place of covered pixels, as a whole image: the blurred face, or its mean gray. */
export const filled = (input, side, fill) => {
  if (fill === "blur") return blurred(input, side, BLUR * side);
  return new Uint8Array(input.length).fill(roundEven(input.reduce((sum, level) => sum + level, 0) / input.length));
};

/** Blur bytes, side × side, with a Gaussian; border pixels are repeated (cv2.GaussianBlur). */
export const blurred = (input, side, sigma) => {
  const kernel = gaussian((roundEven(6 * sigma + 1) | 1) >> 1, sigma);
  const half = kernel.length >> 1;
  const along = (data, place, from, step) =>
    kernel.reduce((sum, weight, k) => sum + weight * data[from + step * clip(place + k - half, 0, side - 1)], 0);
  const rows = Uint16Array.from(input, (_, i) => along(input, i % side, i - (i % side), 1));
  return Uint8Array.from(rows, (_, i) => (along(rows, Math.floor(i / side), i % side, side) + 32768) >>> 16);
};

/** OpenCV's weights for bytes: whole 256ths, in which what is rounded off goes on to the next. */
const gaussian = (half, sigma) => {
  const exact = Array.from({length: half}, (_, i) => Math.exp(((2 * (i - half)) ** 2 * -0.125) / (sigma * sigma)));
  const sum = 2 * exact.reduce((total, value) => total + value, 0) + 1;
  let left = 0;
  const side = exact.map((value) => {
    const wanted = (value / sum) * 256 + left;
    left = wanted - roundEven(wanted);
    return roundEven(wanted);
  });
  return [...side, 256 - 2 * side.reduce((total, value) => total + value, 0), ...[...side].reverse()];
};
