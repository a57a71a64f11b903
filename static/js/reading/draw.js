// Pictures of what was found, as model/output/draw.py draws them.

import {clip, roundEven, toGray} from "./pixels.js";
import {resizeArea} from "./resize.js";

const SPOKE = [255, 128, 0];
const STRONGEST = 0.8; // Opacity of the place that spoke most.
const SHARPNESS = -0.75; // Of OpenCV's cubic interpolation.

/** The gray levels of a square face, from RGBA, shrunk to a side of at most `side`. */
export const grayFace = ({width, height, data}, side) => {
  const gray = toGray({width, height, channels: 4, data});
  return width > side ? resizeArea(gray, side, side) : gray;
};

/** The gray face with what pointed to an expression in orange, RGBA of side × side.
 *
 * `gray` is no larger (grayFace), and `spoke` a square map of −1…1 for all of it.
 */
export const explanationOnFace = (gray, spoke, side) => {
  const face = gray.width === side ? gray.data : stretched(gray.data, gray.width, side, cubic).map(toLevel);
  const strength = stretched(spoke.map((value) => clip(value, 0, 1)), Math.round(Math.sqrt(spoke.length)), side, linear);
  const data = new Uint8ClampedArray(4 * face.length);
  face.forEach((level, place) => {
    const share = STRONGEST * strength[place];
    data.set([...SPOKE.map((colour) => level * (1 - share) + colour * share), 255], 4 * place);
  });
  return {width: side, height: side, data};
};

const toLevel = (value) => clip(roundEven(value), 0, 255);

const linear = (part) => [0, 1 - part, part, 0];

const cubic = (part) => {
  const near = (x) => ((SHARPNESS + 2) * x - (SHARPNESS + 3)) * x * x + 1;
  const far = (x) => ((SHARPNESS * x - 5 * SHARPNESS) * x + 8 * SHARPNESS) * x - 4 * SHARPNESS;
  return [far(part + 1), near(part), near(1 - part), far(2 - part)];
};

/** A square of numbers enlarged to another side; `weigh` gives the weights of four neighbours. */
const stretched = (data, from, to, weigh) => {
  const steps = Array.from({length: to}, (_, i) => {
    const middle = ((i + 0.5) * from) / to - 0.5;
    const first = Math.floor(middle);
    return weigh(middle - first).map((weight, k) => [clip(first - 1 + k, 0, from - 1), weight]);
  });
  const rows = new Float32Array(from * to);
  for (let y = 0; y < from; y++) {
    steps.forEach((step, x) => (rows[y * to + x] = step.reduce((sum, [place, weight]) => sum + weight * data[y * from + place], 0)));
  }
  return Float32Array.from({length: to * to}, (_, i) =>
    steps[Math.floor(i / to)].reduce((sum, [place, weight]) => sum + weight * rows[place * to + (i % to)], 0));
};
