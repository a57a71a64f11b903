// The image operations of the pages against OpenCV's results, number by number (test_pixels.py writes the cases).

import assert from "node:assert/strict";
import test from "node:test";

import {pyramidScales} from "../../static/js/reading/boxes.js";
import {cut, roundEven, toGray, withMargin} from "../../static/js/reading/pixels.js";
import {resizeArea, resizeLinear} from "../../static/js/reading/resize.js";
import {cropAndResize, warpAffine} from "../../static/js/reading/warp.js";
import {readNumbers} from "../../bench/node/numbers.mjs";

const {described, array, image} = readNumbers(process.env.CASES);

const OPERATIONS = {
  area: (given, {size}) => resizeArea(given, ...size).data,
  linear: (given, {size}) => resizeLinear(given, ...size).data,
  gray: (given) => toGray(given).data,
  margin: (given, {margin}) => withMargin(given, margin).data,
  cut: (given, {square}) => cut(given, ...square).data,
  warp: (given, {matrix, size, outside}) => warpAffine(given, matrix, ...size, outside).data,
  crops: (given, {boxes, side, mirrored}) => cropAndResize(given, array(boxes), 0, boxes.shape[0], side, mirrored),
};

for (const [operation, run] of Object.entries(OPERATIONS)) {
  const cases = described.cases.filter((each) => each.operation === operation);
  test(`${operation}: ${cases.length} cases`, () => {
    assert.ok(cases.length > 0);
    const different = cases
      .map(({input, expected, ...how}) => {
        const [made, wanted] = [run(image(input), how), array(expected)];
        assert.equal(made.length, wanted.length, JSON.stringify(how));
        let [count, most] = [0, 0];
        made.forEach((value, i) => {
          if (value === wanted[i]) return;
          count += 1;
          most = Math.max(most, Math.abs(value - wanted[i]));
        });
        return count && {count, of: made.length, most, input: input.shape, kind: input.kind, ...how};
      })
      .filter(Boolean);
    assert.deepEqual(different, []);
  });
}

test("pyramids have the server's scales", () => {
  for (const {given, scales} of described.pyramids) {
    assert.deepEqual(pyramidScales(...given.map((value) => value ?? Infinity)), scales, JSON.stringify(given));
  }
});

test("halves are rounded to the even number", () => {
  assert.deepEqual([0.5, 1.5, 2.5, -0.5, -1.5, 1.4999].map(roundEven).map(Math.abs), [0, 2, 2, 0, 2, 1]);
});
