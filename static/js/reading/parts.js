// Parts of a face that are covered, as the network sees them: model/inside/parts.py.

import {filled} from "./explain.js";
import {levelled} from "./geometry.js";

export const GRID = 48; // Of the brush: places along a side.
// In distances of the eyes: from their line up and down, from the mouth's middle up and down, and to its sides.
const [EYES_ABOVE, EYES_BELOW, MOUTH_ABOVE, MOUTH_BELOW, MOUTH_BESIDE] = [0.6, 0.35, 0.38, 0.42, 0.8];
const NAMES = ["left_eye", "right_eye", "nose", "mouth_left", "mouth_right"];

/** The five landmarks in the aligned crop, 0…1; where there are none, `mean` stands in. */
export const landmarksIn = ({landmarks, square: [left, top, side], roll}, mean) => {
  if (!NAMES.every((name) => landmarks?.[name])) return mean;
  const middle = [left + (side - 1) / 2, top + (side - 1) / 2];
  return NAMES.map((name) => levelled(landmarks[name].map((value, k) => value - middle[k]), roll).map((value) => value / side + 0.5));
};

/** What a part covers, a Uint8Array of side × side; "left" is the viewer's. `landmarks` as landmarksIn gives them. */
export const maskOf = (part, landmarks, side) => {
  const [leftEye, rightEye, nose, leftMouth, rightMouth] = landmarks.map((point) => point.map((value) => value * side));
  const apart = Math.max(Math.hypot(rightEye[0] - leftEye[0], rightEye[1] - leftEye[1]), 0.1 * side);
  const eyes = (leftEye[1] + rightEye[1]) / 2;
  const mouth = [(leftMouth[0] + rightMouth[0]) / 2, (leftMouth[1] + rightMouth[1]) / 2];
  const inside = {
    mouth: (x, y) => y > mouth[1] - MOUTH_ABOVE * apart && y < mouth[1] + MOUTH_BELOW * apart && Math.abs(x - mouth[0]) < MOUTH_BESIDE * apart,
    eyes: (x, y) => y > eyes - EYES_ABOVE * apart && y < eyes + EYES_BELOW * apart,
    left: (x) => x < nose[0],
    right: (x) => x >= nose[0],
  }[part];
  return Uint8Array.from({length: side * side}, (_, i) => (inside((i % side) + 0.5, Math.floor(i / side) + 0.5) ? 1 : 0));
};

/** What a brush covered, of its bits by rows in base64, the first of each byte highest. */
export const brushed = (text, side) => {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const place = (value) => Math.floor((value * GRID) / side);
  return Uint8Array.from({length: side * side}, (_, i) => {
    const bit = place(Math.floor(i / side)) * GRID + place(i % side);
    return (bytes[bit >> 3] >> (7 - (bit & 7))) & 1;
  });
};

/** The input with the face's mean gray in place of what the mask covers. */
export const cover = (input, mask) => {
  const gray = filled(input, Math.round(Math.sqrt(input.length)), "gray");
  return Uint8Array.from(input, (level, i) => (mask[i] ? gray[i] : level));
};
