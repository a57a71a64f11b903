// What the pages say pointed to an expression, and how they draw it, against the server's (test_explain.py writes them).

import assert from "node:assert/strict";
import test from "node:test";

import {bufferOf, readNumbers} from "../../bench/node/numbers.mjs";
import {explanationOnFace, grayFace} from "../../static/js/reading/draw.js";
import {blurred, occlusionMaps} from "../../static/js/reading/explain.js";
import {openNetworks} from "../../static/js/reading/networks.js";
import {Reader, toRgba} from "../../static/js/reading/reader.js";

const MOST = 1e-3; // Of a map's −1…1.
const {described, array, image} = readNumbers(process.env.CASES);
const {files, metadata, faces, drawn, blurs, side} = described;

const largest = (made, wanted) => {
  assert.equal(made.length, wanted.length);
  return made.reduce((most, value, place) => Math.max(most, Math.abs(value - wanted[place])), 0);
};

test("maps of all labels are the server's", async () => {
  const opened = Object.fromEntries(Object.entries(files).map(([name, file]) => [name, bufferOf(file)]));
  const reader = new Reader(await openNetworks(opened), metadata);
  assert.ok(faces.length > 1);
  for (const {name, input, answer, maps} of faces) {
    const heard = [];
    const found = await occlusionMaps(reader, array(input), {onStep: (done, total) => void heard.push([done, total])});
    assert.equal(found.answer, answer, name);
    assert.ok(largest(found.maps.flatMap((map) => [...map]), array(maps)) <= MOST, name);
    assert.equal(heard.length, 26);
    assert.deepEqual(heard.at(-1), [200, 200]);
  }
  const stopped = occlusionMaps(reader, array(faces[0].input), {onStep: (done) => {
    if (done > 8) throw new Error(`stopped after ${done}`);
  }});
  await assert.rejects(stopped, /stopped after 16/);
});

test("the blurred face is OpenCV's, level by level", () => {
  assert.ok(blurs.length > 20);
  for (const {input, sigma, expected} of blurs) {
    assert.equal(largest(blurred(array(input), input.shape[0], sigma), array(expected)), 0, JSON.stringify(input.shape));
  }
});

test("the picture is the server's to two levels", () => {
  assert.ok(drawn.length > 2);
  for (const {crop, spoke, expected} of drawn) {
    const made = explanationOnFace(grayFace(toRgba(image(crop)), side), array(spoke), side);
    const wanted = toRgba(image(expected));
    assert.deepEqual([made.width, made.height], [wanted.width, wanted.height]);
    assert.ok(largest(made.data, wanted.data) <= 2, `${crop.shape}: ${largest(made.data, wanted.data)}`);
  }
});
