// Crop faces, align them, and make the network input of a crop, as model/faces/crop.py does.

import {cut, roundEven, toGray} from "./pixels.js";
import {resizeArea, resizeLinear} from "./resize.js";
import {rotationMatrix, warpAffine} from "./warp.js";

/** Degrees by which the head is tilted, clockwise as the viewer sees it, to an eighth. */
export const rollOf = ({landmarks: {left_eye, right_eye}}) => {
  const degrees = Math.atan2(right_eye[1] - left_eye[1], right_eye[0] - left_eye[0]) * (180 / Math.PI);
  return roundEven(degrees * 8) / 8;
};

/** The face's square as it is and aligned: {pixels, square, aligned, roll}; the side is `scale` × the box's height. */
export const cropFace = (image, face, scale) => {
  const [x, y, width, height] = face.box;
  const side = Math.max(1, roundEven(scale * height));
  const left = roundEven(x + width / 2 - side / 2);
  const top = roundEven(y + height / 2 - side / 2);
  const roll = rollOf(face);
  const pixels = cut(image, left, top, side, side);
  const aligned = roll === 0 ? pixels : alignedCrop(image, left, top, side, roll);
  return {pixels, square: [left, top, side, side], aligned, roll};
};

/** The central square of a region that somebody points at, which is not aligned. */
export const cropRegion = (image, [x, y, width, height]) => {
  const side = Math.max(1, roundEven(Math.min(width, height)));
  const left = roundEven(x + width / 2 - side / 2);
  const top = roundEven(y + height / 2 - side / 2);
  const pixels = cut(image, left, top, side, side);
  return {pixels, square: [left, top, side, side], aligned: pixels, roll: 0};
};

/** The same square from the photo rotated by −roll about the square's centre. */
const alignedCrop = (image, left, top, side, roll) => {
  const margin = Math.ceil((side * (Math.sqrt(2) - 1)) / 2) + 1;
  const [x, y] = [Math.max(left - margin, 0), Math.max(top - margin, 0)];
  const right = Math.min(left + side + margin, image.width);
  const bottom = Math.min(top + side + margin, image.height);
  const around = cut(image, x, y, right - x, bottom - y);
  const matrix = rotationMatrix(left - x + (side - 1) / 2, top - y + (side - 1) / 2, roll);
  matrix[2] -= left - x;
  matrix[5] -= top - y;
  return warpAffine(around, matrix, side, side);
};

/** RGB or gray to gray of size × size: shrinking averages over the covered area, enlarging is bilinear. */
export const preprocess = (crop, size) => {
  const gray = crop.channels === 3 ? toGray(crop) : crop;
  if (gray.width === size && gray.height === size) return gray;
  return (Math.max(gray.width, gray.height) > size ? resizeArea : resizeLinear)(gray, size, size);
};

/** The image with a side of at most `side` pixels, for showing it. */
export const shrunk = (image, side) => (image.width <= side ? image : resizeArea(image, side, side));
