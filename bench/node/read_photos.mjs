// Read photos with the pages' scripts, outside a browser: `node bench/node/read_photos.mjs FOLDER`, where FOLDER holds
// what bench/parity/node.py writes. One line of JSON for each photo, in their order.

import path from "node:path";

import {openNetworks} from "../../static/js/reading/networks.js";
import {Reader} from "../../static/js/reading/reader.js";
import {bufferOf, readNumbers} from "./numbers.mjs";

const {described, image} = readNumbers(process.argv[2]);

const files = Object.fromEntries(Object.entries(described.files).map(([name, file]) => [name, bufferOf(path.resolve(file))]));
const networks = await openNetworks(files);
const reader = new Reader(networks, described.metadata);
const networkMs = () => Object.values(networks).reduce((sum, {runMs}) => sum + runMs, 0);

for (const photo of described.photos) {
  const [started, before] = [performance.now(), networkMs()];
  const {faces, ...found} = await reader.read(image(photo.pixels), {oriented: photo.oriented});
  const ms = performance.now() - started;
  const told = faces.map(({crop, aligned, attention, ...face}) => ({
    ...face,
    logits: Array.from(face.logits),
    shares: Array.from(face.shares),
    input: Array.from(face.input),
  }));
  process.stdout.write(`${JSON.stringify({...found, faces: told, ms, network_ms: networkMs() - before})}\n`);
}
