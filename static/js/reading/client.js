// Runs on the page: the worker's messages as promises.
//
//   const manifest = await fetchManifest("/browser/manifest.json");
//   const reading = await Reading.open(manifest, {onProgress});          or {classifier: "classifier_live"}: in 8 bits
//   const result = await reading.read(await file.arrayBuffer(), {onStep});
//   const {faces} = await reading.frame(await createImageBitmap(video), video.currentTime);
//   reading.close();

import {fetchFiles} from "./files.js";

/** The names of the files that a reading with this classifier needs. */
export const namesOf = (manifest, classifier) => {
  const names = ["wasm", "pnet", "rnet", "onet", classifier];
  return classifier === "classifier" && manifest.files.maps ? [...names, "maps"] : names;
};

const errorOf = (name, message) => Object.assign(new Error(message), {name});
const stopped = () => errorOf("stopped", "The reading was stopped.");

export class Reading {
  /** Fetch the files, start the worker, open the networks. Rejects with FileError or the worker's error. */
  static async open(manifest, {classifier = "classifier", onProgress} = {}) {
    // A model may have no network in 8 bits.
    const chosen = manifest.files[classifier] ? classifier : "classifier";
    const {[chosen]: network, ...files} = await fetchFiles(manifest, namesOf(manifest, chosen), onProgress);
    const reading = new Reading(manifest.worker);
    const message = {type: "load", files: {...files, classifier: network}, metadata: manifest.classifier_metadata};
    try {
      await reading.ask(message, Object.values(message.files));
    } catch (error) {
      reading.close();
      throw error;
    }
    return reading;
  }

  constructor(address) {
    this.waiting = new Map();
    this.count = 0;
    this.closed = false;
    this.worker = new Worker(address, {type: "module"});
    this.worker.onmessage = ({data}) => this.answered(data);
    this.worker.onerror = () => this.failed(() => errorOf("no_worker", "The worker could not be started."));
  }

  /** Read an encoded photo, an ArrayBuffer; `asItCame`: not turned. onStep(step) hears what is being looked for. */
  read(bytes, {asItCame = false, onStep = () => {}} = {}) {
    return this.ask({type: "read", bytes, asItCame}, [], onStep);
  }

  /** Read a part of an encoded photo: a box of its pixels, once it is turned clockwise by `rotation` degrees. */
  async region(bytes, box, rotation = 0) {
    return (await this.ask({type: "region", bytes, box, rotation}, [])).faces[0];
  }

  /** Read a frame, an ImageBitmap, which is handed over. */
  frame(bitmap, time, full = false) {
    return this.ask({type: "frame", bitmap, time, full}, [bitmap]);
  }

  /** What pointed to each label of a face, from its `input`; onStep(step, {done, total}) hears of the runs.
   *
   * Where `signal` is aborted it rejects with the name "stopped", and the worker goes on with what is next.
   */
  explain(input, {onStep, signal} = {}) {
    return this.ask({type: "explain", input}, [], onStep, signal);
  }

  /** What the network computes on its way to the answer for a face's `input`: {filters, blocks}. */
  inside(input) {
    return this.ask({type: "inside", input}, []);
  }

  /** The shares of inputs, Uint8Arrays of gray levels, and whether each looks covered: {shares, covered}. */
  async predict(inputs) {
    return (await this.ask({type: "predict", inputs}, [])).answers;
  }

  /** Add the face mesh, an ArrayBuffer that is handed over, with the manifest's mesh_metadata. */
  addMesh(file, metadata) {
    return this.ask({type: "add-mesh", file, metadata}, [file]);
  }

  /** What detected faces of an encoded photo do, by their numbers; `rotation` is the result's. */
  async movements(bytes, faces, rotation) {
    const asked = faces.map(({number, landmarks}) => ({number, landmarks}));
    return (await this.ask({type: "movements", bytes, faces: asked, rotation}, [])).found;
  }

  /** Stop at once, also in the midst of a reading, which rejects with the name "stopped", as does what is asked later. */
  close() {
    this.closed = true;
    this.worker.terminate();
    this.failed(stopped);
  }

  ask(message, transfer, onStep = () => {}, signal = null) {
    // A worker that has ended would never answer.
    if (this.closed) return Promise.reject(stopped());
    const id = ++this.count;
    signal?.addEventListener("abort", () => this.worker.postMessage({type: "stop", id}), {once: true});
    return new Promise((resolve, reject) => {
      this.waiting.set(id, {resolve, reject, onStep});
      this.worker.postMessage({...message, id}, transfer);
    });
  }

  answered(data) {
    const waiting = this.waiting.get(data.id);
    if (data.type === "progress") return waiting?.onStep(data.step, data);
    this.waiting.delete(data.id);
    if (data.type !== "error") return waiting?.resolve(data);
    return waiting?.reject(errorOf(data.name, data.message));
  }

  failed(why) {
    const waiting = [...this.waiting.values()];
    this.waiting.clear();
    for (const {reject} of waiting) reject(why());
  }
}
