// Which passes are run over a photo, and which of them says where its faces are, as model/detection/passes.py does.

import {SMALL_FACE, smallestFace} from "./detector.js";
import {merged, surest} from "./merge.js";
import {rotateQuarter} from "./pixels.js";
import {fromRotated, lean, rotateBy} from "./rotation.js";

const ROTATIONS = [90, 180, 270];
const BETWEEN = [45, 315, 135, 225];
const [TILT, TILTED_SIDE] = [20, 320];
const [FAINT_SCORE, TILTED_SCORE, HOPE] = [0.8, 0.5, 0.1];
const ACCEPT_SCORE = 0.985;
const MIN_ROTATED_SCORE = 0.97;
const MIN_ROTATED_GAIN = 0.01;
const MIN_ROTATED_SCORE_ALONE = 0.9;
const MAX_LEAN = 30;
const MAX_LEAN_ALONE = 45;

/** The time of one search, and what was left undone for lack of it. */
export class Budget {
  constructor(seconds) {
    this.end = performance.now() + 1000 * seconds;
    this.undone = new Set();
  }

  allows(what) {
    if (performance.now() < this.end) return true;
    this.undone.add(what);
    return false;
  }
}

/** Search a photo; returns {image, rotation, faces, tried, limits}, the faces in pixels of `image`, largest first.
 *
 * `oriented`: the file says which way is up; `asItCame`: it is not turned in any case. `onStep(step)` is called before each kind of pass, with one of "upright",
 * "rotated", "leaning", "small", "upscaled", "faint".
 */
export const search = async (detector, image, {oriented, asItCame = false, budget, onStep}) => {
  const state = {detector, budget, onStep, image, rotation: 0, faces: [], tried: []};
  onStep("upright");
  state.faces = await detector.detectFaces(image);
  note(state, state.faces);
  if (best(state.faces) < ACCEPT_SCORE) {
    const lying = asItCame || (state.faces.length && oriented) ? null : await rotate(state);
    if (state.rotation === 0) await lookBetween(state, lying);
  }
  const smallest = await lookForSmall(state);
  if (!state.faces.length) await lookForFaint(state);
  const kept = surest(state.faces);
  const limits = {smallest_face: smallest, left_out: state.faces.length - kept.length, undone: [...budget.undone]};
  return {image: state.image, rotation: state.rotation, faces: kept, tried: state.tried, limits};
};

/** Take the rotation in which the best face is upright and surest; returns the next best, if its face leans. */
const rotate = async (state) => {
  const [upright, leaning] = [[], []];
  const least = state.faces.length
    ? Math.max(MIN_ROTATED_SCORE, best(state.faces) + MIN_ROTATED_GAIN)
    : MIN_ROTATED_SCORE_ALONE;
  state.onStep("rotated");
  const worth = await state.detector.glance(state.image, ROTATIONS);
  for (const rotation of ROTATIONS) {
    if (!state.budget.allows("rotated")) break;
    let faces = [];
    if (worth.has(rotation)) {
      // Where there is a face, one that the border cuts does not tell that another way is up.
      faces = await state.detector.detectQuick(rotateQuarter(state.image, rotation), !state.faces.length);
    }
    note(state, faces, {rotation});
    if (best(faces) < least) continue;
    const off = lean(surestOf(faces));
    if (off <= MAX_LEAN) upright.push({rotation, faces});
    else if (off <= MAX_LEAN_ALONE && !state.faces.length) leaning.push({rotation, faces});
  }
  if (upright.length) {
    await turn(state, bestOf(upright));
    return null;
  }
  return leaning.length ? bestOf(leaning) : null;
};

/** Take the rotated photo, and search it as thoroughly as one that came upright. */
const turn = async (state, {rotation, faces}) => {
  state.image = rotateQuarter(state.image, rotation);
  state.rotation = rotation;
  const thorough = await state.detector.detectFaces(state.image);
  note(state, thorough, {rotation});
  state.faces = merged(thorough, faces);
};

/** Look for heads that lean by 45° or more, where no face is sure and upright. */
const lookBetween = async (state, lying) => {
  let least = MIN_ROTATED_SCORE;
  if (state.faces.length && lean(surestOf(state.faces)) <= MAX_LEAN) {
    least = Math.max(least, best(state.faces) + MIN_ROTATED_GAIN);
  }
  const found = [state.faces];
  state.onStep("leaning");
  const worth = await state.detector.glance(state.image, BETWEEN);
  for (const rotation of BETWEEN) {
    if (!state.budget.allows("leaning")) break;
    if (!worth.has(rotation)) {
      note(state, [], {rotation});
      continue;
    }
    const {rotated, back} = rotateBy(state.image, rotation);
    const faces = await state.detector.detectQuick(rotated, false);
    const sure = faces.filter((face) => face.score >= least && lean(face) <= MAX_LEAN);
    note(state, sure, {rotation});
    found.push(sure.map((face) => fromRotated(face, back, state.image)));
  }
  const together = merged(...found);
  if (together.length || !lying) state.faces = together;
  else await turn(state, lying);
};

/** Look for faces too small for the first pass; returns the size from which on all were sought. */
const lookForSmall = async (state) => {
  const {detector, budget, image} = state;
  state.onStep("small");
  const {faces, tiles} = await detector.detectSmall(image, () => budget.allows("small"));
  if (tiles) {
    note(state, faces, {rotation: state.rotation, tiles});
    state.faces = merged(state.faces, faces);
  }
  if (!tiles && !state.faces.length && budget.allows("upscaled")) {
    state.onStep("upscaled");
    state.faces = await detector.detectUpscaled(image);
    note(state, state.faces, {rotation: state.rotation, upscaled: true});
  }
  return tiles && !budget.undone.has("small") ? SMALL_FACE : smallestFace(image);
};

/** Look for blurred, half-covered and other faint faces: upright, tilted a little to either side, at last smaller. */
const lookForFaint = async (state) => {
  const {detector, budget, image} = state;
  if (!budget.allows("faint")) return;
  state.onStep("faint");
  const hopes = await detector.detectLowThreshold(image, {least: HOPE});
  state.faces = hopes.filter((face) => face.score > FAINT_SCORE);
  note(state, state.faces, {low_threshold: true});
  if (state.faces.length || !hopes.length || !budget.allows("faint")) return;
  const found = [];
  for (const rotation of [TILT, 360 - TILT]) {
    const {rotated, back} = rotateBy(image, rotation, TILTED_SIDE);
    const faces = await detector.detectLowThreshold(rotated, {least: TILTED_SCORE, tilted: true});
    note(state, faces, {rotation, low_threshold: true});
    found.push(faces.map((face) => fromRotated(face, back, image)));
  }
  state.faces = merged(...found);
  if (!state.faces.length && budget.allows("faint")) {
    state.faces = await detector.detectLowThreshold(image, {least: FAINT_SCORE, smaller: true});
    note(state, state.faces, {low_threshold: true});
  }
};

const note = (state, faces, {rotation = 0, upscaled = false, low_threshold = false, tiles = 0} = {}) =>
  state.tried.push({rotation, upscaled, faces: faces.length, low_threshold, tiles});

const surestOf = (faces) => faces.reduce((one, other) => (other.score > one.score ? other : one));
const best = (faces) => Math.max(0, ...faces.map((face) => face.score));
const bestOf = (found) => found.reduce((one, other) => (best(other.faces) > best(one.faces) ? other : one));
