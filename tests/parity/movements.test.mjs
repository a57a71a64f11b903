// What the pages say a face does, against the server's (test_movements.py writes the cases).

import assert from "node:assert/strict";
import test from "node:test";

import {bufferOf, readNumbers} from "../../bench/node/numbers.mjs";
import {FaceMesh} from "../../static/js/reading/face_mesh.js";
import {movements} from "../../static/js/reading/movements.js";
import {openNetwork, openNetworks} from "../../static/js/reading/networks.js";
import {warpCrop} from "../../static/js/reading/geometry.js";

const {described, array, image} = readNumbers(process.env.CASES);
const {files, mesh: file, metadata, photos, meshes, crops} = described;
const [MOST_PIXELS, MOST_LENGTH, MOST_DEGREES, MOST_SHARE] = [0.02, 5e-4, 0.02, 5e-3];
const near = (made, wanted, most, what) => assert.ok(Math.abs(made - wanted) <= most, `${what}: ${made} and ${wanted}`);

const same = (made, wanted, what, [length, degrees, share]) => {
  assert.deepEqual(made.map(({name}) => name), wanted.map(({name}) => name), what);
  made.forEach(({name, value, share: below}, i) => {
    near(value, wanted[i].value, name === "turned" ? degrees : length, `${what}, ${name}`);
    near(below, wanted[i].share, share, `${what}, share of ${name}`);
  });
};

test("crops of rotated regions are the server's", () => {
  assert.ok(crops.length > 40);
  let [equal, all] = [0, 0];
  for (const {photo, region, side, expected} of crops) {
    const made = warpCrop(image(photo), region, side).data;
    array(expected).forEach((level, i) => {
      all += 1;
      equal += level === made[i] ? 1 : 0;
    });
  }
  // The last digits of a sine round some positions to the next 1/32 pixel.
  assert.ok(equal / all > 0.999, `${equal / all}`);
});

test("measures of a mesh are the server's", () => {
  assert.ok(meshes.length > 10);
  for (const {name, points, told} of meshes) {
    const flat = array(points);
    const each = Array.from({length: flat.length / 3}, (_, i) => [...flat.subarray(3 * i, 3 * i + 3)]);
    same(movements(each, metadata.calm), told, name, [1e-6, 1e-4, 1e-4]);
  }
});

test("faces are found to do what the server finds", async () => {
  await openNetworks(Object.fromEntries(Object.entries(files).map(([name, path]) => [name, bufferOf(path)])));
  const mesh = new FaceMesh(await openNetwork(bufferOf(file)), metadata);
  assert.ok(photos.length > 3);
  for (const {name, pixels, faces} of photos) {
    const found = await mesh.locate(image(pixels), faces);
    found.forEach((each, i) => {
      const {points, presence, told} = faces[i];
      const wanted = array(points);
      const what = `${name}, face ${i + 1}`;
      assert.equal(each.found, told !== null, what);
      near(each.presence, presence, 1e-3, `${what}, presence`);
      if (!told) return;
      near(each.points.flat().reduce((most, value, k) => Math.max(most, Math.abs(value - wanted[k])), 0), 0, MOST_PIXELS, what);
      same(movements(each.points, metadata.calm), told, what, [MOST_LENGTH, MOST_DEGREES, MOST_SHARE]);
    });
  }
});
