// What the pages show of the inside of the network, against the server's (test_inside.py writes the cases).

import assert from "node:assert/strict";
import test from "node:test";

import {bufferOf, readNumbers} from "../../bench/node/numbers.mjs";
import {blockTiles, filterTiles, meanTile} from "../../static/js/browser/tiles.js";
import {openMaps} from "../../static/js/reading/feature_maps.js";
import {brushed, cover, landmarksIn, maskOf} from "../../static/js/reading/parts.js";
import {openNetworks} from "../../static/js/reading/networks.js";

const {described, array} = readNumbers(process.env.CASES);
const {files, maps: file, faces} = described;
const MOST = 1e-3; // Of a block's largest value.

const largest = (values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
const mapsOf = ({shape, ...place}) => {
  const [count, rows, columns] = shape;
  return {count, rows, columns, data: array({shape, ...place})};
};
const sameLevels = ({width, height, data}, wanted, what) => {
  assert.deepEqual([height, width], wanted.shape, what);
  const levels = array(wanted);
  assert.ok(data.every((level, i) => Math.abs(level - levels[i]) <= 1), what);
};

test("the blocks' maps and the filters are the server's", async () => {
  await openNetworks(Object.fromEntries(Object.entries(files).map(([name, path]) => [name, bufferOf(path)])));
  const network = await openMaps(bufferOf(files.classifier), bufferOf(file));
  assert.ok(faces.length > 1);
  for (const {name, input, filters, blocks} of faces) {
    const found = await network.read(array(input));
    assert.equal(found.blocks.length, blocks.length);
    [found.filters, ...found.blocks].forEach((made, i) => {
      const wanted = mapsOf([filters, ...blocks][i]);
      assert.deepEqual([made.count, made.rows, made.columns], [wanted.count, wanted.rows, wanted.columns], name);
      const most = largest(wanted.data.map((value, k) => value - made.data[k]));
      assert.ok(most <= MOST * largest(wanted.data), `${name}, ${i}: ${most}`);
    });
  }
});

test("tiles are the server's to a level", () => {
  for (const {name, filters, blocks, tiles} of faces) {
    sameLevels(filterTiles(mapsOf(filters)), tiles.filters, `${name}, filters`);
    blocks.forEach((block, i) => {
      const {few, every} = blockTiles(mapsOf(block));
      sameLevels(few, tiles.blocks[i].few, `${name}, block ${i + 1}, the most varied`);
      sameLevels(every, tiles.blocks[i].every, `${name}, block ${i + 1}, all`);
      sameLevels(meanTile(mapsOf(block)), tiles.blocks[i].mean, `${name}, block ${i + 1}, mean`);
    });
  }
});

test("covered parts are the server's, pixel by pixel", () => {
  for (const {name, input, covered: {brush, brushed: painted, ...parts}, ...face} of faces) {
    const pixels = array(input);
    assert.equal(Object.keys(parts).length, 4);
    for (const [part, wanted] of Object.entries(parts)) {
      assert.deepEqual(cover(pixels, maskOf(part, landmarksIn(face, null), 48)), array(wanted), `${name}, ${part}`);
    }
    assert.deepEqual(cover(pixels, brushed(brush, 48)), array(painted), `${name}, brush`);
  }
});
