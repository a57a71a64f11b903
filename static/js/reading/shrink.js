// Shrink a photo for a pass of the search, as model/detection/shrink.py does.

import {cut, roundEven} from "./pixels.js";
import {resizeArea, resizeLinear} from "./resize.js";

/** Scale width and height so that the longer is `side`; each is at least 1. */
export const fitInside = (width, height, side) => {
  const factor = side / Math.max(width, height);
  return [Math.max(1, roundEven(width * factor)), Math.max(1, roundEven(height * factor))];
};

/** The photo with a long side of `side` pixels; a smaller one stays as it is.
 *
 * Squares of 2 × 2 pixels are averaged while the photo is at least twice as large as wanted, then it is resized
 * bilinearly.
 */
export const shrunk = (image, side) => {
  if (side >= Math.max(image.width, image.height)) return image;
  const size = fitInside(image.width, image.height, side);
  let small = image;
  while (Math.min(small.width, small.height) >= 2 && Math.max(small.width, small.height) >= 2 * side) {
    const [width, height] = [small.width >> 1, small.height >> 1];
    const even = small.width % 2 || small.height % 2 ? cut(small, 0, 0, 2 * width, 2 * height) : small;
    small = resizeArea(even, width, height);
  }
  if (small.width === size[0] && small.height === size[1]) return small;
  return resizeLinear(small, ...size);
};
