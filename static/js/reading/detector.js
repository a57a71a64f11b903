// MTCNN on photos of any size, one method for each pass of passes.js, as model/detection/detector.py has them.

import {merged} from "./merge.js";
import {cut, rotateQuarter, roundEven} from "./pixels.js";
import {rotateBy} from "./rotation.js";
import {shrunk} from "./shrink.js";

const {fround} = Math;
const NAMES = ["left_eye", "right_eye", "nose", "mouth_left", "mouth_right"];
const MAX_SIDE = 1024;
const MIN_AREA = 600_000;
const MOST_SIDE = 16_384;
const MIN_FACE_SIZE = 24;
export const SMALL_FACE = 24;
const WORTH_TILES = 1.25;
const TILE_SIDE = 1600;
const [TILE_FACE, TILE_MOST] = [26, 0.8];
const [QUICK_SIDE, QUICK_FACE] = [480, 24];
const [GLANCE_SIDE, GLANCE_FACE] = [160, 14];
const UPSCALED_FACE = 18;
const [FAINT_SIDE, TILTED_SIDE, SMALLER_SIDE] = [320, 416, 480];
const LOW_THRESHOLD_MIN_FACE = 1 / 6;
const SMALLER_FACE = 1 / 9;
const LEAST_INSIDE = 0.35;

export class Detector {
  /** `cascade` is a Cascade. */
  constructor(cascade) {
    this.cascade = cascade;
  }

  /** The faces of the first pass, largest first. */
  async detectFaces(image) {
    return this.detectOn(image, shrunk(image, firstSide(image)), MIN_FACE_SIZE);
  }

  /** In which of the rotations the photo at 160 pixels shows any candidate. */
  async glance(image, rotations) {
    const upright = shrunk(image, GLANCE_SIDE);
    const seen = new Set();
    for (const rotation of rotations) {
      if (await this.cascade.anyCandidate(turned(upright, rotation), GLANCE_FACE)) seen.add(rotation);
    }
    return seen;
  }

  /** Detect at 480 pixels, for a photo that is tried rotated. */
  async detectQuick(image, mirrored) {
    return this.detectOn(image, shrunk(image, QUICK_SIDE), QUICK_FACE, {mirrored});
  }

  /** The faces that are too small for the first pass, tile by tile while goesOn(), and how many tiles were searched. */
  async detectSmall(image, goesOn) {
    const largest = smallestFace(image);
    if (largest <= WORTH_TILES * SMALL_FACE) return {faces: [], tiles: 0};
    const found = [];
    let tiles = 0;
    for (const tile of tilesOf(image.width, image.height, TILE_SIDE, 2 * Math.ceil(largest))) {
      if (!goesOn()) break;
      tiles += 1;
      const part = cut(image, tile.left, tile.top, tile.right - tile.left, tile.bottom - tile.top);
      const inside = await this.cascade.detect(part, TILE_FACE, {largest: TILE_MOST * largest, mirrored: true});
      found.push(...toFaces(moved(inside, tile.left, tile.top), image).filter((face) => owns(tile, face)));
    }
    return {faces: merged(found), tiles};
  }

  /** The faces from 18 pixels that are too small for the first pass, for a photo without tiles. */
  async detectUpscaled(image) {
    const found = await this.cascade.detect(image, UPSCALED_FACE, {largest: smallestFace(image), mirrored: true});
    return toFaces(found, image);
  }

  /** Detect with low thresholds of the P- and the R-Net, so that the O-Net alone decides: scores above `least`. */
  async detectLowThreshold(image, {least, tilted = false, smaller = false}) {
    const small = shrunk(image, tilted ? TILTED_SIDE : smaller ? SMALLER_SIDE : FAINT_SIDE);
    const part = smaller ? SMALLER_FACE : LOW_THRESHOLD_MIN_FACE;
    const smallest = Math.max(MIN_FACE_SIZE, part * Math.min(small.width, small.height));
    return this.detectOn(image, small, smallest, {lowThreshold: true, least});
  }

  /** Detect in the resized photo; the faces are in pixels of the photo. */
  async detectOn(image, small, smallest, options = {}) {
    const found = await this.cascade.detect(small, smallest, {mirrored: true, ...options});
    return toFaces(scaled(found, image.width / small.width, image.height / small.height), image);
  }
}

/** From which size on the first pass finds faces, in pixels of the photo. */
export const smallestFace = (image) => (MIN_FACE_SIZE * Math.max(image.width, image.height)) / firstSide(image);

const firstSide = ({width, height}) => {
  const longest = Math.max(width, height);
  const byArea = longest * Math.sqrt(MIN_AREA / (height * width));
  return Math.trunc(Math.min(longest, Math.max(MAX_SIDE, roundEven(Math.min(byArea, MOST_SIDE)))));
};

/** Rotated clockwise by a multiple of 45 degrees; between the multiples of 90 it takes no more pixels than before. */
const turned = (image, rotation) => {
  if (rotation % 90 === 0) return rotateQuarter(image, rotation);
  return rotateBy(shrunk(image, roundEven(Math.max(image.width, image.height) / Math.sqrt(2))), rotation).rotated;
};

/** Multiply every coordinate; NumPy does so in 32 bits. */
export const scaled = (found, x, y) => each(found, (value, axis) => value * fround(axis ? y : x));

const moved = (found, x, y) => each(found, (value, axis) => value + (axis ? y : x));

const each = ({boxes, scores, landmarks}, change) => ({
  boxes: boxes.map((value, i) => change(value, i % 2)),
  scores,
  landmarks: landmarks.map((value, i) => change(value, i % 2)),
});

/** Clip boxes to the photo, drop those that lie mostly outside, and sort the faces by area. */
export const toFaces = ({boxes, scores, landmarks}, {width, height}) => {
  const faces = [];
  for (let i = 0; i < scores.length; i++) {
    const whole = boxes.subarray(4 * i, 4 * i + 4);
    const [x1, y1, x2, y2] = whole.map((value, k) => Math.min(Math.max(value, 0), (k % 2 ? height : width) - 1));
    const [across, down] = [fround(x2 - x1), fround(y2 - y1)];
    const area = fround(across * down);
    const full = fround(fround(whole[2] - whole[0]) * fround(whole[3] - whole[1]));
    if (area <= 0 || area < fround(fround(LEAST_INSIDE) * full)) continue;
    const points = NAMES.map((name, k) => [name, [landmarks[10 * i + 2 * k], landmarks[10 * i + 2 * k + 1]]]);
    faces.push({area, face: {box: [x1, y1, across, down], landmarks: Object.fromEntries(points), score: scores[i]}});
  }
  return faces.sort((one, other) => other.area - one.area).map(({face}) => face);
};

/** Tiles of at most about `side` pixels a side that share `overlap` pixels, and the core that each has alone. */
const tilesOf = (width, height, side, overlap) => {
  const columns = spans(width, side, overlap);
  return spans(height, side, overlap).flatMap(([top, bottom, low, high]) =>
    columns.map(([left, right, start, end]) => ({left, top, right, bottom, core: [start, low, end, high]})),
  );
};

const spans = (length, side, overlap) => {
  const count = Math.max(1, Math.ceil((length - overlap) / Math.max(side - overlap, 1)));
  const edges = Array.from({length: count + 1}, (_, i) => roundEven((i * length) / count));
  return Array.from({length: count}, (_, i) => [
    Math.max(0, edges[i] - Math.floor(overlap / 2)),
    Math.min(length, edges[i + 1] + Math.floor(overlap / 2)),
    i === 0 ? -Infinity : edges[i],
    i === count - 1 ? Infinity : edges[i + 1],
  ]);
};

/** Whether the face's middle is in the tile's core: each face has one such tile. */
const owns = ({core: [left, top, right, bottom]}, {box: [x, y, width, height]}) =>
  left <= x + width / 2 && x + width / 2 < right && top <= y + height / 2 && y + height / 2 < bottom;
