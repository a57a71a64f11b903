// Rotate photos, and place in a photo the faces that were found in a rotated one, as model/detection/rotation.py does.

import {roundEven} from "./pixels.js";
import {shrunk} from "./shrink.js";
import {invertAffine, rotationMatrix, warpAffine} from "./warp.js";

const BETWEEN_SIDE = 480;
const GRAY = 127;

/** The photo shrunk to a long side of `side` and rotated clockwise about its centre, with its corners, and the matrix
 * back to its pixels.
 */
export const rotateBy = (image, degrees, side = BETWEEN_SIDE) => {
  const small = shrunk(image, side);
  const {width, height} = small;
  const matrix = rotationMatrix((width - 1) / 2, (height - 1) / 2, -degrees);
  const [across, along] = [Math.abs(matrix[0]), Math.abs(matrix[1])];
  const size = [roundEven(width * across + height * along), roundEven(width * along + height * across)];
  matrix[2] += (size[0] - width) / 2;
  matrix[5] += (size[1] - height) / 2;
  const rotated = warpAffine(small, matrix, ...size, GRAY);
  const back = invertAffine(matrix).map((value, i) => value * (i < 3 ? image.width / width : image.height / height));
  return {rotated, back};
};

/** A face of the rotated photo in pixels of the photo: its box upright around the same centre, clipped. */
export const fromRotated = (face, back, image) => {
  const place = (x, y) => [back[0] * x + back[1] * y + back[2], back[3] * x + back[4] * y + back[5]];
  const [x, y, width, height] = face.box;
  const [centreX, centreY] = place(x + width / 2, y + height / 2);
  // A face leans to a square rather than to its own box.
  const side = Math.sqrt(Math.abs(back[0] * back[4] - back[1] * back[3])) * Math.max(width, height);
  const [left, top] = [Math.max(0, centreX - side / 2), Math.max(0, centreY - side / 2)];
  const right = Math.min(image.width - 1, centreX + side / 2);
  const bottom = Math.min(image.height - 1, centreY + side / 2);
  const landmarks = Object.fromEntries(Object.entries(face.landmarks).map(([name, point]) => [name, place(...point)]));
  return {box: [left, top, right - left, bottom - top], landmarks, score: face.score};
};

/** Degrees, 0…180, between straight down and the line from the eyes' midpoint to the mouth's. */
export const lean = ({landmarks: {left_eye, right_eye, mouth_left, mouth_right}}) => {
  const [across, down] = [0, 1].map((i) => mouth_left[i] + mouth_right[i] - left_eye[i] - right_eye[i]);
  return (Math.atan2(Math.abs(across), down) * 180) / Math.PI;
};
