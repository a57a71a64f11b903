// Crop a rotated rectangle: de-rotate and resize in one affine warp, as model/geometry.py.
//
// A region is {centre: [x, y], width, height, roll}: pixels, of which whole numbers are centres, and degrees clockwise.

import {clip, cut, roundEven} from "./pixels.js";
import {resizeArea} from "./resize.js";
import {warpInverse} from "./warp.js";

const ofRoll = (roll) => [Math.cos(roll * (Math.PI / 180)), Math.sin(roll * (Math.PI / 180))];

/** From what is normalized, 0…1 from the upper left corner to the lower right, to pixels. */
export const toImage = ({centre, width, height, roll}, [x, y]) => {
  const [cos, sin] = ofRoll(roll);
  const [across, down] = [(x - 0.5) * width, (y - 0.5) * height];
  return [across * cos + down * -sin + centre[0], across * sin + down * cos + centre[1]];
};

/** A point turned back by a roll, about the origin; `turned` is the inverse. */
export const levelled = ([x, y], roll) => {
  const [cos, sin] = ofRoll(roll);
  return [x * cos + y * sin, x * -sin + y * cos];
};

export const turned = (point, roll) => levelled(point, -roll);

/** The angle of the line from the left to the right eye, degrees clockwise as the viewer sees it. */
export const eyeAngle = (left, right) => Math.atan2(right[1] - left[1], right[0] - left[0]) * (180 / Math.PI);

/** The square region, de-rotated, as side × side pixels: averaged where it shrinks, bilinear where it grows. */
export const warpCrop = (image, region, side) => {
  const wanted = side / region.width;
  const [left, top, right, bottom] = boundsOf(image, region, 2 + 2 / Math.min(1, wanted));
  const whole = [right - left, bottom - top];
  const small = whole.map((length) => (wanted < 1 ? Math.max(1, roundEven(length * wanted)) : length));
  const part = resizeArea(cut(image, left, top, ...whole), ...small);
  const [scaleX, scaleY] = [small[0] / whole[0], small[1] / whole[1]];
  const [cos, sin] = ofRoll(region.roll);
  const [across, down] = [region.width / side, region.height / side];
  const start = toImage(region, [0.5 / side, 0.5 / side]);
  const inverse = [
    cos * across * scaleX, -sin * down * scaleX, (start[0] - left + 0.5) * scaleX - 0.5,
    sin * across * scaleY, cos * down * scaleY, (start[1] - top + 0.5) * scaleY - 0.5,
  ];
  return warpInverse(part, inverse, side, side);
};

/** The pixels that can reach into the region, [left, top, right, bottom]; at least one of the image. */
const boundsOf = (image, region, margin) => {
  const corners = [[0, 0], [1, 0], [0, 1], [1, 1]].map((corner) => toImage(region, corner));
  const bounds = [0, 1].map((axis) => {
    const last = axis ? image.height : image.width;
    const places = corners.map((corner) => corner[axis]);
    const low = clip(Math.floor(Math.min(...places) - margin), 0, last - 1);
    return [low, clip(Math.ceil(Math.max(...places) + margin) + 1, low + 1, last)];
  });
  return [bounds[0][0], bounds[1][0], bounds[0][1], bounds[1][1]];
};
