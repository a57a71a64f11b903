// The networks: sessions of ONNX Runtime's WebAssembly build, on one thread. Runs in the worker, and in Node.

import * as ort from "../../vendor/onnxruntime-web/ort.wasm.min.mjs";

const RUNTIME = new URL("../../vendor/onnxruntime-web/ort-wasm-simd-threaded.mjs", import.meta.url).href;
export const NAMES = ["pnet", "rnet", "onet", "classifier"];

/** Open the networks of `files`, ArrayBuffers of ONNX by NAMES, and `wasm`; nothing is fetched but ONNX Runtime's module.
 *
 * Rejects with ONNX Runtime's error for a file that is no network, and where WebAssembly is missing or out of memory.
 */
export const openNetworks = async (files) => {
  // One thread needs no cross-origin isolation, and several gained nothing on two cores.
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmBinary = files.wasm;
  ort.env.wasm.wasmPaths = {mjs: RUNTIME};
  ort.env.logLevel = "error";
  const opened = {};
  for (const name of NAMES) opened[name] = await openNetwork(files[name]);
  return opened;
};

/** Open one more network, an ArrayBuffer of ONNX; after `openNetworks`. */
export const openNetwork = async (file) => new Network(await ort.InferenceSession.create(new Uint8Array(file), OPTIONS));

// No memory pattern: it plans for one input shape, and a pyramid has another on every level.
const OPTIONS = {executionProviders: ["wasm"], graphOptimizationLevel: "all", enableMemPattern: false, logSeverityLevel: 3};

/** One network; all take `pixels`, float (count, height, width, channels). */
class Network {
  constructor(session) {
    this.session = session;
    this.outputs = session.outputNames;
    this.runMs = 0; // Spent in the network itself, for the benchmarks.
  }

  /** Run on a Float32Array of that shape; returns the outputs `names` as Float32Arrays, by name. */
  async run(names, pixels, shape) {
    const outputs = await this.shaped(names, pixels, shape);
    return Object.fromEntries(names.map((name) => [name, outputs[name].data]));
  }

  /** The same with their shapes: {dims, data}. */
  async shaped(names, pixels, shape) {
    const started = performance.now();
    const tensor = new ort.Tensor("float32", pixels, shape);
    const outputs = await this.session.run({pixels: tensor}, names);
    this.runMs += performance.now() - started;
    return outputs;
  }
}
