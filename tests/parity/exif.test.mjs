// The orientation of files as the server reads it (test_exif.py writes the files).

import assert from "node:assert/strict";
import {readFileSync} from "node:fs";
import path from "node:path";
import test from "node:test";

import {orientationOf} from "../../static/js/reading/exif.js";

const folder = process.env.CASES;
const expected = JSON.parse(readFileSync(path.join(folder, "expected.json"), "utf8"));

for (const [name, orientation] of Object.entries(expected)) {
  test(name, () => assert.equal(orientationOf(new Uint8Array(readFileSync(path.join(folder, name)))), orientation));
}

test("damaged files end, whatever they hold", () => {
  for (const name of Object.keys(expected)) {
    const whole = new Uint8Array(readFileSync(path.join(folder, name)));
    for (let length = 0; length < Math.min(whole.length, 300); length++) orientationOf(whole.subarray(0, length));
    for (let place = 0; place < Math.min(whole.length, 300); place++) {
      const damaged = whole.slice();
      damaged[place] ^= 0xff;
      orientationOf(damaged);
    }
  }
});
