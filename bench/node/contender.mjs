// A contender of bench.peers in Node: `node bench/node/contender.mjs PACKAGES NAME`, with the folder of node_modules.
// It speaks as bench/contender.py does: a line of JSON when loaded, then one for each path on its input.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [folder, name] = process.argv.slice(2);
const packages = path.resolve(folder, "node_modules");
const require = createRequire(path.join(packages, "of-the-benchmark.js"));
const WASM = path.join(packages, "@tensorflow/tfjs-backend-wasm/dist/");
// This project's labels; face-api says disgusted and fearful, surprised is surprise.
const LABELS = { angry: "angry", disgust: "disgust", disgusted: "disgust", fear: "fear", fearful: "fear", happy: "happy",
  neutral: "neutral", sad: "sad", surprise: "surprise", surprised: "surprise" };

// Libraries' own words must not get between the lines.
const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);
console.log = console.info = console.warn = () => {};

/** Decode upright, to RGB. */
async function decode(photo) {
  const sharp = require("sharp");
  return sharp(photo).rotate().removeAlpha().toColourspace("srgb").raw().toBuffer({ resolveWithObject: true });
}

/** face-api as its README uses it: SSD MobileNet, 68 landmarks, expressions. */
async function faceApi() {
  const tf = require("@tensorflow/tfjs");
  const wasm = require("@tensorflow/tfjs-backend-wasm");
  const api = require("@vladmandic/face-api/dist/face-api.node-wasm.js");
  return async () => {
    wasm.setWasmPaths(WASM);
    await tf.setBackend("wasm");
    await tf.ready();
    const weights = path.join(packages, "@vladmandic/face-api/model");
    for (const net of [api.nets.ssdMobilenetv1, api.nets.faceLandmark68Net, api.nets.faceExpressionNet]) {
      await net.loadFromDisk(weights);
    }
    const options = new api.SsdMobilenetv1Options({ minConfidence: 0.5, maxResults: 100 });
    return async (photo) => {
      const { data, info } = await decode(photo);
      const pixels = tf.tensor3d(data, [info.height, info.width, 3], "int32");
      const faces = await api.detectAllFaces(pixels, options).withFaceLandmarks().withFaceExpressions();
      tf.dispose(pixels);
      return faces.map((face) => ({
        box: [face.detection.box.x, face.detection.box.y, face.detection.box.width, face.detection.box.height],
        label: LABELS[face.expressions.asSortedArray()[0].expression],
      }));
    };
  };
}

/** human with what reads an expression: BlazeFace, its face mesh, and the emotion network. */
async function human() {
  // Its build for wasm fetches weights by address; those of the package lie on disk.
  const fetched = globalThis.fetch;
  globalThis.fetch = async (address, ...more) =>
    `${address}`.startsWith("file:") ? new Response(await readFile(new URL(`${address}`))) : fetched(address, ...more);
  const { Human } = require(path.join(packages, "@vladmandic/human/dist/human.node-wasm.js"));
  return async () => {
    const off = { enabled: false };
    const reader = new Human({
      backend: "wasm",
      wasmPath: WASM,
      modelBasePath: `${pathToFileURL(path.join(packages, "@vladmandic/human/models"))}/`,
      cacheSensitivity: 0,
      filter: off,
      gesture: off,
      body: off,
      hand: off,
      object: off,
      segmentation: off,
      face: {
        enabled: true,
        detector: { rotation: true, maxDetected: 100, minConfidence: 0.2 },
        mesh: { enabled: true },
        emotion: { enabled: true, minConfidence: 0 },
        attention: off,
        iris: off,
        description: off,
        antispoof: off,
        liveness: off,
      },
    });
    await reader.load();
    await reader.tf.ready();
    return async (photo) => {
      const { data, info } = await decode(photo);
      const pixels = reader.tf.tensor3d(data, [info.height, info.width, 3], "int32");
      const found = await reader.detect(pixels);
      reader.tf.dispose(pixels);
      if (found.error) throw new Error(found.error);
      return found.face.map((face) => ({ box: face.box, label: LABELS[face.emotion?.[0]?.emotion] ?? null }));
    };
  };
}

const began = performance.now();
const load = await { "face-api": faceApi, human }[name]();
const imported = performance.now();
const answer = await load();
say({ import_ms: imported - began, load_ms: performance.now() - imported });
for await (const line of createInterface({ input: process.stdin })) {
  const photo = await readFile(line.trim());
  const started = performance.now();
  const faces = await answer(photo);
  say({
    ms: performance.now() - started,
    boxes: faces.map((face) => face.box),
    labels: faces.map((face) => face.label),
    peak_mb: process.resourceUsage().maxRSS / 1024,
    stages: null,
  });
}
