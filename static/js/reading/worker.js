// The worker that reads faces. Its own response's policy allows WebAssembly and no connection (webapp, browser_files), so
// the code that sees a photo has nowhere to send it; the page fetches the files and hands them over as bytes.
//
// From the page:
//   {type: "load", id, files: {wasm, pnet, rnet, onet, classifier}, metadata}     ArrayBuffers, unpacked; first of all. With
//                                                                                 `maps`, too, the network can be looked into
//   {type: "read", id, bytes, asItCame}                                           an encoded photo, ArrayBuffer; asItCame:
//                                                                                 not turned, if no face is upright in it
//   {type: "region", id, bytes, box, rotation}                                    read a part of it as a face: [x, y, width,
//                                                                                 height] in pixels of the file, upright
//                                                                                 and turned clockwise by 0, 90, 180, 270
//   {type: "frame", id, bitmap, time, full}                                       ImageBitmap, transferred; full: look at
//                                                                                 all of it, not only at known faces
//   {type: "forget", id}                                                          the faces of the frames so far
//   {type: "explain", id, input}                                                  a face's input: what pointed to each label
//   {type: "inside", id, input}                                                   a face's input: what the network makes of it
//   {type: "predict", id, inputs}                                                 Uint8Arrays, 48 × 48: what faces show
//   {type: "add-mesh", id, file, metadata}                                        the face mesh, for what faces do
//   {type: "movements", id, bytes, faces, rotation}                               what detected faces of a photo do: faces
//                                                                                 and rotation as "result" has them
//   {type: "stop", id}                                                            give up what "explain" with that id is at
// To the page, with the id of what is answered:
//   {type: "loaded", id}
//   {type: "progress", id, step}          "decode", "upright", "rotated", "leaning", "small", "upscaled", "faint", "classify",
//                                         or "explain", with `done` of `total` runs
//   {type: "result", id, width, height, full_size, orientation, truncated, rotation, faces, tried, limits, network_ms}
//   {type: "region-result", id, faces}    the one
//   {type: "frame-result", id, time, width, height, faces, network_ms}
//   {type: "forgotten", id}
//   {type: "explanation", id, answer, maps}                 index of the label, and a map of −1…1 for each, as in explain.js
//   {type: "inside-result", id, filters, blocks}            {count, rows, columns, data} of each, as in feature_maps.js
//   {type: "answers", id, answers}                          shares and covered of each input
//   {type: "mesh-added", id}
//   {type: "movements-result", id, found}                   a Map: [{name, value, share}] by the number of the face, of those
//                                                           whose mesh was found, as in movements.js
//   {type: "error", id, name, message}    name: "no_webassembly", "bad_file", "no_canvas", "altered_canvas", "undecodable", "incomplete",
//                                         "too_large", "out_of_memory", "not_loaded", "stopped", "failed" (as a region that
//                                         is too small)
// Messages are worked through one after the other, but for "stop", which is heard between two runs of the network. To stop
// a reading, terminate the worker and open another.
//
// width and height are those of the photo in which the faces lie: upright, reduced by a whole factor from 7.7 megapixels
// on (full_size is the file's own, upright and not rotated), and rotated clockwise by `rotation` degrees. `orientation` is
// the EXIF orientation that this browser's own decoder leaves out and the worker has applied, 1 if none: whoever draws the
// file must apply it too, before the rotation. A face has
//   number        in reading order, from 1
//   source        "detected", or "region" where somebody pointed at it: score 0, no landmarks
//   faint         of the background, far smaller and less clear than others
//   box           [x, y, width, height] in pixels
//   score         the detector's, 0…1
//   landmarks     {left_eye, right_eye, nose, mouth_left, mouth_right}: [x, y]
//   roll          degrees, clockwise as the viewer sees it
//   square        [x, y, side, side]: the crop's place
//   logits, shares   Float32Arrays in the order of metadata.labels; shares are probabilities, their sum is 1
//   label, confident the most probable label, and whether it reaches the model's threshold
//   covered, looks_covered   probability that the lower face is covered, and whether it counts as that; null without one
//   attention     Float32Array, 12 × 12, or null
//   quality       {face_size, sharpness, brightness, contrast, roll, score, warnings, evenness}, as the API has it
//   crop, aligned    {width, height, data}: RGBA, at most 480 pixels a side; new ImageData(data, width, height)
//   input         Float32Array, 48 × 48 gray levels, 0…255: what the network got
// Of a frame, crop and aligned are left out. tried lists the passes, limits what the search left out, as in the API.

import {ReadingError, checkCanvas, decodeFrame, decodePhoto} from "./decode.js";
import {occlusionMaps} from "./explain.js";
import {FaceMesh} from "./face_mesh.js";
import {openMaps} from "./feature_maps.js";
import {Frames} from "./frames.js";
import {movements as movementsOf} from "./movements.js";
import {openNetwork, openNetworks} from "./networks.js";
import {rotateQuarter} from "./pixels.js";
import {Reader} from "./reader.js";

let reader = null;
let frames = null;
let mesh = null;
let calm = null; // How calm faces measure.
let given = null; // The files that a look inside opens once more.
let maps = null;

const load = async ({files, metadata}) => {
  if (typeof WebAssembly === "undefined") throw new ReadingError("no_webassembly", "This browser has no WebAssembly.");
  checkCanvas();
  let networks;
  try {
    networks = await openNetworks(files);
  } catch (error) {
    if (isMemory(error)) throw error;
    throw new ReadingError("bad_file", `The networks cannot be opened (${error?.message ?? error}).`);
  }
  reader = new Reader(networks, metadata);
  frames = new Frames(reader);
  given = files.maps && {classifier: files.classifier, maps: files.maps};
  return {type: "loaded"};
};

const read = async ({id, bytes, asItCame}) => {
  const onStep = (step) => postMessage({type: "progress", id, step});
  onStep("decode");
  const {image, oriented, ...file} = await decodePhoto(bytes);
  const before = networkMs();
  const result = await loaded().read(image, {oriented, asItCame, onStep});
  return {type: "result", ...file, ...result, network_ms: networkMs() - before};
};

const region = async ({bytes, box, rotation}) => {
  const {image, full_size: size} = await decodePhoto(bytes);
  const scale = Math.max(...size) / Math.max(image.width, image.height);
  const faces = await loaded().region(rotateQuarter(image, rotation), box.map((value) => value / scale));
  return {type: "region-result", faces};
};

const frame = async ({bitmap, time, full}) => {
  loaded();
  const image = decodeFrame(bitmap);
  const before = networkMs();
  const faces = await frames.read(image, {full});
  return {type: "frame-result", time, width: image.width, height: image.height, faces, network_ms: networkMs() - before};
};

const stopped = new Set(); // The ids of what is to be given up.

const explain = async ({id, input}) => {
  const onStep = async (done, total) => {
    postMessage({type: "progress", id, step: "explain", done, total});
    // A task of its own, so that messages are heard in between.
    await new Promise((go) => setTimeout(go));
    if (stopped.has(id)) throw new ReadingError("stopped", "The explanation was stopped.");
  };
  return {type: "explanation", ...(await occlusionMaps(loaded(), Uint8Array.from(input), {onStep}))};
};

const inside = async ({input}) => {
  if (!given) throw new ReadingError("not_loaded", "What looks inside is not loaded.");
  maps ??= await openMaps(given.classifier, given.maps);
  return {type: "inside-result", ...(await maps.read(input))};
};

const predict = async ({inputs}) => {
  const answers = await loaded().predict(inputs);
  return {type: "answers", answers: answers.map(({shares, covered}) => ({shares, covered}))};
};

const addMesh = async ({file, metadata}) => {
  loaded();
  mesh = new FaceMesh(await openNetwork(file), metadata);
  calm = metadata.calm;
  return {type: "mesh-added"};
};

const movements = async ({bytes, faces, rotation}) => {
  if (!mesh) throw new ReadingError("not_loaded", "The face mesh is not loaded yet.");
  const {image} = await decodePhoto(bytes);
  const meshes = await mesh.locate(rotateQuarter(image, rotation), faces);
  const found = faces.map(({number}, i) => [number, meshes[i]]).filter(([, each]) => each.found);
  return {type: "movements-result", found: new Map(found.map(([number, {points}]) => [number, movementsOf(points, calm)]))};
};

const forget = () => {
  frames = new Frames(loaded());
  return {type: "forgotten"};
};

const loaded = () => {
  if (!reader) throw new ReadingError("not_loaded", "The networks are not loaded yet.");
  return reader;
};

/** What the networks alone have taken so far, in milliseconds. */
const networkMs = () => (reader ? Object.values(reader.networks).reduce((sum, {runMs}) => sum + runMs, 0) : 0);

/** Whether memory was short: browsers throw RangeErrors, ONNX Runtime says std::bad_alloc or OOM. */
const isMemory = (error) => error instanceof RangeError || /memory|alloc|\bOOM\b/i.test(String(error?.message ?? error));

const nameOf = (error) => {
  if (error instanceof ReadingError) return error.name;
  return isMemory(error) ? "out_of_memory" : "failed";
};

const WORK = {load, read, region, frame, forget, explain, inside, predict, "add-mesh": addMesh, movements};

/** The buffers of an answer that are handed over instead of copied. */
const buffersOf = ({faces = []}) => faces.flatMap(({crop, aligned}) => (crop ? [crop.data.buffer, aligned.data.buffer] : []));

let queue = Promise.resolve();
onmessage = ({data}) => {
  if (data.type === "stop") return void stopped.add(data.id);
  queue = queue.then(async () => {
    try {
      const answer = await WORK[data.type](data);
      postMessage({id: data.id, ...answer}, {transfer: [...new Set(buffersOf(answer))]});
    } catch (error) {
      postMessage({type: "error", id: data.id, name: nameOf(error), message: String(error?.message ?? error)});
    }
    stopped.delete(data.id);
  });
};
