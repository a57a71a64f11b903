// The pipeline, top to bottom: photo → faces → crop → network input → shares of ten people, as model/recognizer.py.

import {Cascade} from "./cascade.js";
import {cropFace, cropRegion, preprocess, shrunk} from "./crop.js";
import {Detector} from "./detector.js";
import {Budget, search} from "./passes.js";
import {assess, readingOrder, whichAreFaint} from "./quality.js";

const QUALITY_SIDE = 48;
const MAX_BATCH = 8;
const LEAST_REGION = 8; // Pixels a side, as model/detection/search.py's MIN_REGION.
const SHOWN_SIDE = 480; // Pixels; the crops that are handed out are no larger.
// WebAssembly takes six to nine times as long as the server's own instructions.
const SECONDS = 180;

export class Reader {
  /** `networks` are those of networks.js, `metadata` what /browser/manifest.json says of the classifier. */
  constructor(networks, metadata) {
    this.networks = networks;
    this.metadata = metadata;
    this.cascade = new Cascade(networks);
    this.detector = new Detector(this.cascade);
  }

  /** Read an RGB image with every pass that the server takes; see worker.js for the result. */
  async read(image, {oriented = false, asItCame = false, onStep = () => {}, seconds = SECONDS} = {}) {
    const budget = new Budget(seconds);
    const found = await search(this.detector, image, {oriented, asItCame, budget, onStep});
    if (found.faces.length) onStep("classify");
    return {
      width: found.image.width,
      height: found.image.height,
      rotation: found.rotation,
      faces: await this.classify(found.image, found.faces),
      tried: found.tried,
      limits: found.limits,
    };
  }

  /** Read a part of an image, [x, y, width, height], as a face; throws an Error where that is too small. */
  async region(image, [x, y, width, height]) {
    const [left, top] = [Math.max(x, 0), Math.max(y, 0)];
    const [across, down] = [Math.min(x + width, image.width) - left, Math.min(y + height, image.height) - top];
    if (!(across >= LEAST_REGION && down >= LEAST_REGION)) {
      throw new Error(`the part is smaller than ${LEAST_REGION} × ${LEAST_REGION} pixels`);
    }
    return this.classify(image, [{box: [left, top, across, down], landmarks: {}, score: 0}], {source: "region"});
  }

  /** Crop and classify faces of an image, in their order; `pictures`: with the crops, to be shown. */
  async classify(image, faces, {pictures = true, source = "detected"} = {}) {
    const {labels, crop_scale: scale, threshold, covered_threshold: coveredThreshold, size} = this.metadata;
    const given = faces.map((face) => {
      const crop = source === "detected" ? cropFace(image, face, scale) : cropRegion(image, face.box);
      const gray = preprocess(crop.aligned, size);
      const square = size === QUALITY_SIDE ? gray : preprocess(crop.aligned, QUALITY_SIDE);
      return {crop, gray, quality: assess(face, crop.roll, square)};
    });
    const answers = await this.predict(given.map(({gray}) => gray.data));
    const numbers = readingOrder(faces.map(({box}) => box));
    const faint = whichAreFaint(given.map(({quality}) => quality));
    return faces.map((face, i) => {
      const {crop, gray, quality} = given[i];
      const {logits, shares, attention, covered} = answers[i];
      const most = shares.indexOf(Math.max(...shares));
      return {
        number: numbers[i],
        source,
        faint: faint[i],
        ...face,
        roll: crop.roll,
        square: crop.square,
        logits,
        shares,
        label: labels[most],
        confident: shares[most] >= threshold,
        covered,
        looks_covered: covered !== null && covered >= coveredThreshold,
        attention,
        quality,
        input: Float32Array.from(gray.data),
        ...(pictures && {
          crop: toRgba(shrunk(crop.pixels, SHOWN_SIDE)),
          aligned: toRgba(shrunk(crop.aligned, SHOWN_SIDE)),
        }),
      };
    });
  }

  /** Classify network inputs, Uint8Arrays of gray levels: logits, shares, attention and covered of each. */
  async predict(inputs) {
    const {size, labels, temperature} = this.metadata;
    const {outputs} = this.networks.classifier;
    const answers = [];
    for (let start = 0; start < inputs.length; start += MAX_BATCH) {
      const batch = inputs.slice(start, start + MAX_BATCH);
      const pixels = new Float32Array(batch.length * size * size);
      batch.forEach((input, i) => pixels.set(input, i * size * size));
      const found = await this.networks.classifier.run(outputs, pixels, [batch.length, size, size, 1]);
      for (let i = 0; i < batch.length; i++) {
        const part = (name) => slicePart(found[name], i, batch.length);
        const logits = part("logits");
        const attention = outputs.find((name) => name.startsWith("attention"));
        answers.push({
          logits,
          shares: softmax(logits.map((value) => value / Math.fround(temperature))).slice(0, labels.length),
          attention: attention ? part(attention) : null,
          covered: outputs.includes("covered") ? part("covered")[0] : null,
        });
      }
    }
    return answers;
  }
}

const slicePart = (values, i, count) => values.slice((i * values.length) / count, ((i + 1) * values.length) / count);

/** Softmax in 32-bit floats, shifted by the maximum. */
const softmax = (logits) => {
  const most = Math.max(...logits);
  const powers = logits.map((value) => Math.exp(Math.fround(value - most)));
  const sum = powers.reduce((total, value) => Math.fround(total + value), 0);
  return powers.map((value) => value / sum);
};

/** RGB as {width, height, data}, with data as ImageData takes it. */
export const toRgba = ({width, height, channels, data}) => {
  const rgba = new Uint8ClampedArray(width * height * 4);
  for (let i = 0, k = 0; i < rgba.length; i += 4, k += channels) {
    rgba[i] = data[k];
    rgba[i + 1] = data[k + (channels === 3 ? 1 : 0)];
    rgba[i + 2] = data[k + (channels === 3 ? 2 : 0)];
    rgba[i + 3] = 255;
  }
  return {width, height, data: rgba};
};
