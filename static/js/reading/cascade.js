// MTCNN: boxes, scores and five landmarks of the faces in an image, as model/detection/mtcnn.py finds them.
//
// The P-Net proposes boxes at every position of an image pyramid; the R-Net and the O-Net reject proposals and refine
// the boxes of the others; the O-Net also gives the landmarks.

import {
  CELL,
  MARGIN,
  SMALLEST_MIRRORED,
  SMALLEST_OF_SOURCE,
  STRIDE,
  applyRegression,
  descending,
  placeLandmarks,
  proposals,
  pyramidScales,
  pyramidSources,
  suppress,
  take,
  toSquare,
} from "./boxes.js";
import {toFloat, withMargin} from "./pixels.js";
import {resizeArea} from "./resize.js";
import {cropAndResize} from "./warp.js";

const PNET_THRESHOLD = 0.6;
const RNET = {name: "rnet", side: 24, threshold: 0.7, batch: 16, outputs: ["regression", "score"]};
const GLANCE_RNET = {...RNET, threshold: 0.85};
const GLANCE_CANDIDATES = 16;
const LOW_THRESHOLD_PNET = 0.2;
const LOW_THRESHOLD_RNET = {...RNET, threshold: 0.1};
const ONET = {name: "onet", side: 48, threshold: 0.8, batch: 8, outputs: ["regression", "score", "landmarks"]};
const MAX_REFINED = 1500;
const MAX_CANDIDATES = 300;
const TILE_CELLS = 6000;

const isHalf = (small, image) => small.width === image.width >> 1 && small.height === image.height >> 1;
const first = (boxes, count) => boxes.subarray(0, 4 * count);

export class Cascade {
  /** `networks` has pnet, rnet and onet (networks.js). */
  constructor(networks) {
    this.networks = networks;
  }

  /** The faces from `smallest` pixels in an RGB image: {boxes, scores, landmarks}, best first.
   *
   * Options as in model/detection/mtcnn.py: `largest` pixels, `lowThreshold`, `least`, `mirrored`.
   */
  async detect(
    image,
    smallest,
    {largest = Infinity, lowThreshold = false, least = ONET.threshold, mirrored = false} = {},
  ) {
    const margin = mirrored ? MARGIN : 0;
    const scales = pyramidScales(image.height, image.width, smallest, largest, margin);
    const real = toFloat(image);
    const threshold = lowThreshold ? LOW_THRESHOLD_PNET : PNET_THRESHOLD;
    const proposed = await this.propose(real, scales, threshold, margin);
    const rnet = lowThreshold ? LOW_THRESHOLD_RNET : RNET;
    const refined = await this.runStage(rnet, real, toSquare(first(proposed, MAX_REFINED)), mirrored);
    const kept = suppress(refined.boxes, 0.7).slice(0, MAX_CANDIDATES);
    return this.judge(real, toSquare(take(refined.boxes, kept, 4)), {least, mirrored});
  }

  /** What the O-Net says of square boxes: {boxes, scores, landmarks}, best first, each face once. */
  async judge(real, squares, {least = ONET.threshold, mirrored = false} = {}) {
    const found = await this.runStage({...ONET, threshold: least}, real, squares, mirrored);
    const keep = suppress(found.boxes, 0.7, true);
    return {
      boxes: take(found.boxes, keep, 4),
      scores: take(found.scores, keep, 1),
      landmarks: take(found.landmarks, keep, 10),
    };
  }

  /** Whether the P- and the R-Net see a face of at least `smallest` pixels in an image. */
  async anyCandidate(image, smallest) {
    const real = toFloat(image);
    const scales = pyramidScales(image.height, image.width, smallest, Math.min(image.height, image.width), MARGIN);
    const proposed = await this.propose(real, scales, PNET_THRESHOLD, MARGIN);
    const found = await this.runStage(GLANCE_RNET, real, toSquare(first(proposed, GLANCE_CANDIDATES)), true);
    return found.scores.length > 0;
  }

  /** Run the P-Net on the pyramid; returns boxes, best first. */
  async propose(real, scales, threshold, margin) {
    const sources = pyramidSources(real, scales, margin ? SMALLEST_MIRRORED : SMALLEST_OF_SOURCE);
    const found = [];
    for (let i = 0; i < scales.length; i++) {
      const size = [real.width, real.height].map((side) => Math.max(1, Math.floor(side * scales[i])));
      const next = sources[sources.lastIndexOf(sources[i]) + 1];
      // Where the level is its source's half, that is there already: it is the source of later levels.
      const made = next && isHalf(next, sources[i]) && next.width === size[0] && next.height === size[1];
      const level = made ? next : resizeArea(sources[i], ...size);
      const {regression, score, columns} = await this.runLevel(margin ? withMargin(level, margin) : level);
      const {boxes, scores} = proposals(regression, score, columns, scales[i], Math.fround(threshold), margin);
      const kept = suppress(boxes, 0.5);
      found.push({boxes: take(boxes, kept, 4), scores: take(scores, kept, 1)});
    }
    const boxes = joined(found.map((each) => each.boxes));
    const sorted = take(boxes, descending(joined(found.map((each) => each.scores))), 4);
    return take(sorted, suppress(sorted, 0.7), 4);
  }

  /** Run the P-Net on one level, in overlapping strips of rows that bound its memory. */
  async runLevel({width, height, data}) {
    const rows = Math.max(8, Math.floor(TILE_CELLS / Math.max(width >> 1, 1)));
    const last = ((height - CELL) >> 1) + 1;
    // The network pads its pooling, so an odd width gives a cell more.
    const columns = Math.ceil((width - CELL) / STRIDE) + 1;
    const parts = [];
    for (let top = 0; top < last; top += rows) {
      const end = top + rows < last ? STRIDE * (top + rows) + CELL - STRIDE : height;
      const strip = data.subarray(STRIDE * top * width * 3, end * width * 3);
      parts.push(await this.networks.pnet.run(["regression", "score"], strip, [1, end - STRIDE * top, width, 3]));
    }
    return {
      regression: joined(parts.map((part) => part.regression)),
      score: joined(parts.map((part) => part.score)),
      columns,
    };
  }

  /** Score and refine square boxes with the R-Net or the O-Net; returns those above the threshold, best first. */
  async runStage(stage, real, boxes, mirrored) {
    const answers = [];
    const count = boxes.length / 4;
    for (let start = 0; start < count; start += stage.batch) {
      const end = Math.min(start + stage.batch, count);
      const crops = cropAndResize(real, boxes, start, end, stage.side, mirrored);
      answers.push(await this.networks[stage.name].run(stage.outputs, crops, [end - start, stage.side, stage.side, 3]));
    }
    const all = (name) => joined(answers.map((answer) => answer[name]));
    const scores = all("score");
    const limit = Math.fround(stage.threshold);
    const passing = descending(scores).filter((i) => scores[i] > limit);
    const given = take(boxes, passing, 4);
    const landmarks = stage.outputs.includes("landmarks") ? take(all("landmarks"), passing, 10) : null;
    return {
      boxes: applyRegression(given, take(all("regression"), passing, 4)),
      scores: take(scores, passing, 1),
      landmarks: landmarks && placeLandmarks(given, landmarks),
    };
  }
}

/** Float32Arrays one behind the other. */
const joined = (arrays) => {
  if (arrays.length === 1) return arrays[0];
  const whole = new Float32Array(arrays.reduce((sum, each) => sum + each.length, 0));
  let place = 0;
  for (const each of arrays) {
    whole.set(each, place);
    place += each.length;
  }
  return whole;
};
