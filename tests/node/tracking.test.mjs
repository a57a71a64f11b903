// The cases of tests/film/tracking_cases.json, which model/film/tracking.py is held to as well.
import assert from "node:assert/strict";
import {readFileSync} from "node:fs";
import {test} from "node:test";

import * as tracking from "../../static/js/reading/tracking.js";

const DOCUMENT = JSON.parse(readFileSync(new URL("../film/tracking_cases.json", import.meta.url)));
const near = (got, expected) => {
  assert.equal(got.length, expected.length);
  got.forEach((value, place) => assert.ok(Math.abs(value - expected[place]) <= 1e-9, `${value} is not ${expected[place]}`));
};

test("the constants are those of the cases", () => {
  const {LEAST_OVERLAP, GAP, TAU, HOLD} = tracking;
  assert.deepEqual({least_overlap: LEAST_OVERLAP, gap: GAP, tau: TAU, hold: HOLD}, DOCUMENT.constants);
});

for (const one of DOCUMENT.cases) {
  test(one.name, () => {
    const tracker = new tracking.FaceTracker(one.step);
    for (const look of one.looks) {
      const faces = tracker.update(look.time, look.boxes, look.shares);
      assert.deepEqual(faces.map((face) => face.number), look.numbers);
      assert.deepEqual(faces.map((face) => face.steady), look.steady);
      faces.forEach((face, place) => near(face.smoothed, look.smoothed[place]));
    }
  });
}

test("time does not go back", () => {
  const tracker = new tracking.FaceTracker();
  tracker.update(1, [[0, 0, 10, 10]], [[0.8, 0.2]]);
  assert.throws(() => tracker.update(0.5, [], []), /back from 1 to 0.5 s/);
});

test("empty boxes do not overlap", () => {
  assert.equal(tracking.overlap([0, 0, 0, 0], [0, 0, 0, 0]), 0);
  assert.equal(tracking.overlap([0, 0, 10, 10], [10, 0, 10, 10]), 0);
  assert.ok(Math.abs(tracking.overlap([0, 0, 10, 10], [5, 0, 10, 10]) - 1 / 3) < 1e-12);
});
