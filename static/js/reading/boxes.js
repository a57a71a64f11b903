// The geometry of MTCNN: pyramid, proposals, suppression and regression of boxes, as in model/detection/boxes.py.
//
// Boxes are a Float32Array of x1, y1, x2, y2 each, in pixels. NumPy computes them in 32-bit floats, and so does this.

import {resizeArea} from "./resize.js";

const {fround} = Math;

export const CELL = 12;
export const STRIDE = 2;
export const MARGIN = 6;
const FACTOR = 0.709;
// Of a level’s scale to that of its source: of the plain cascade, and of one with a mirrored margin.
export const [SMALLEST_OF_SOURCE, SMALLEST_MIRRORED] = [0.1, 0.15];
const MAX_PROPOSALS = 4000;
// 0.709 to the power of 0, 1, 2, …: browsers' own powers differ from the server's in the last digit.
const POWERS = [
  1.0, 0.709, 0.5026809999999999, 0.3564008289999999, 0.25268818776099994,
  0.17915592512254896, 0.12702155091188722, 0.09005827959652803, 0.06385132023393836, 0.045270586045862295,
  0.03209684550651637, 0.022756663464120103, 0.016134474396061152, 0.011439342346807357, 0.008110493723886416,
  0.005750340050235468, 0.004076991095616947, 0.002890586686792415, 0.0020494259609358224, 0.0014530430063034979,
  0.00103020749146918, 0.0007304171114516485, 0.0005178657320192187, 0.0003671668040016261, 0.00026032126403715286,
  0.0001845677762023414, 0.00013085855332746005, 9.277871430916916e-05,
];

/** The scales of the pyramid's levels, for faces from `smallest` to `largest` pixels. */
export const pyramidScales = (height, width, smallest, largest, margin) => {
  const short = Math.min(height, width);
  if (margin) {
    const most = Math.min((short * CELL) / (CELL - margin), largest);
    const levels = Math.floor(Math.log(most / smallest) / -Math.log(FACTOR)) + 1;
    return scales(levels, smallest);
  }
  const levels = Math.round(Math.log(Math.max(short, 1) / CELL) / -Math.log(FACTOR) - 1);
  return scales(levels, smallest).filter(
    (scale) => Math.floor(short * scale) >= CELL && CELL / scale <= largest,
  );
};

const scales = (levels, smallest) =>
  Array.from({length: Math.max(levels, 0)}, (_, level) => (CELL / smallest) * POWERS[level]);

/** For each scale, what its level is made from: the photo, or for small levels the photo halved, and halved again.
 *
 * It is halved where a level's scale is at most `smallest` of its source's.
 */
export const pyramidSources = (real, levels, smallest) => {
  const sources = [];
  let source = real;
  let halvings = 0;
  for (const scale of levels) {
    while (scale * 2 ** halvings <= smallest && Math.min(source.width, source.height) >= 2) {
      source = resizeArea(source, source.width >> 1, source.height >> 1);
      halvings += 1;
    }
    sources.push(source);
  }
  return sources;
};

/** The indices that sort scores in descending order; equal ones stay in order. */
export const descending = (scores) => {
  const order = Array.from(scores, (_, i) => i);
  return order.sort((one, other) => scores[other] - scores[one]);
};

/** Convert one level's scores above `threshold` to {boxes, scores}, best first; a row has `columns` cells. */
export const proposals = (regression, score, columns, scale, threshold, margin) => {
  const above = [];
  for (let i = 0; i < score.length; i++) if (score[i] > threshold) above.push(i);
  const order = descending(above.map((i) => score[i])).slice(0, MAX_PROPOSALS);
  const boxes = new Float32Array(4 * order.length);
  const scores = new Float32Array(order.length);
  const by = fround(scale);
  order.forEach((place, k) => {
    const cell = above[place];
    const [x, y] = [(cell % columns) * STRIDE, Math.floor(cell / columns) * STRIDE];
    const corners = [x + 1 - margin, y + 1 - margin, x + CELL - margin, y + CELL - margin];
    for (let side = 0; side < 4; side++) {
      const moved = fround(corners[side] + fround((CELL - 1) * regression[4 * cell + side]));
      boxes[4 * k + side] = fround(moved / by);
    }
    scores[k] = score[cell];
  });
  return {boxes, scores};
};

/** The indices of the boxes, given best first, that no better one suppresses: one that is suppressed still does. */
export const suppress = (boxes, threshold, overSmaller = false) => {
  const count = boxes.length / 4;
  const limit = fround(threshold);
  const area = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    area[i] = fround(boxes[4 * i + 2] - boxes[4 * i]) * fround(boxes[4 * i + 3] - boxes[4 * i + 1]);
  }
  const overlaps = (i, j) => {
    const dx = fround(Math.min(boxes[4 * i + 2], boxes[4 * j + 2]) - Math.max(boxes[4 * i], boxes[4 * j]));
    if (dx <= 0) return false;
    const dy = fround(Math.min(boxes[4 * i + 3], boxes[4 * j + 3]) - Math.max(boxes[4 * i + 1], boxes[4 * j + 1]));
    if (dy <= 0) return false;
    const common = fround(dx * dy);
    const whole = overSmaller ? Math.min(area[i], area[j]) : fround(fround(area[i] + area[j]) - common);
    return common > fround(limit * whole);
  };
  const kept = [];
  for (let i = 0; i < count; i++) {
    let suppressed = false;
    for (let j = 0; j < i && !suppressed; j++) suppressed = overlaps(i, j);
    if (!suppressed) kept.push(i);
  }
  return kept;
};

/** The rows `indices` of an array of `size` numbers each. */
export const take = (array, indices, size) => {
  const taken = new Float32Array(indices.length * size);
  indices.forEach((from, to) => taken.set(array.subarray(from * size, (from + 1) * size), to * size));
  return taken;
};

/** Extend the shorter side of each box, around its centre, to a square. */
export const toSquare = (boxes) => {
  const squares = new Float32Array(boxes.length);
  for (let i = 0; i < boxes.length; i += 4) {
    const [x1, y1, x2, y2] = boxes.subarray(i, i + 4);
    const side = Math.max(fround(x2 - x1), fround(y2 - y1));
    const left = fround(fround(fround(x1 + x2) / 2) - side / 2);
    const top = fround(fround(fround(y1 + y2) / 2) - side / 2);
    squares.set([left, top, left + side, top + side], i);
  }
  return squares;
};

/** Move the sides of each box by fractions of its sides. */
export const applyRegression = (boxes, regression) => {
  const refined = new Float32Array(boxes.length);
  for (let i = 0; i < boxes.length; i++) {
    const corner = i - (i % 4) + (i % 2);
    const side = fround(fround(boxes[corner + 2] - boxes[corner]) + 1);
    refined[i] = boxes[i] + fround(regression[i] * side);
  }
  return refined;
};

/** Convert landmarks, five x then five y as fractions of the boxes' sides, to pixels: x, y of each of the five. */
export const placeLandmarks = (boxes, landmarks) => {
  const points = new Float32Array(landmarks.length);
  for (let i = 0; i < landmarks.length; i += 10) {
    const box = (i / 10) * 4;
    for (let axis = 0; axis < 2; axis++) {
      const side = fround(fround(boxes[box + axis + 2] - boxes[box + axis]) + 1);
      for (let k = 0; k < 5; k++) {
        points[i + 2 * k + axis] = fround(fround(side * landmarks[i + 5 * axis + k]) + boxes[box + axis]) - 1;
      }
    }
  }
  return points;
};
