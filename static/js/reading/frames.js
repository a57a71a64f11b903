// The frames of a camera or a video: a full look now and then, and in between the O-Net follows the known faces.
//
// A full look takes ten times as long as following, and a face that moves stays in the O-Net's view from one frame to
// the next. A face that is lost, and every tenth frame, brings a full look, which also finds faces that came.

import {scaled, toFaces} from "./detector.js";
import {toSquare} from "./boxes.js";
import {shrunk} from "./shrink.js";

const SIDE = 640; // Pixels; the long side to which a larger frame is shrunk.
const SMALLEST = 60; // Pixels of 640; smaller faces than this are not read in motion.
const EVERY = 10; // Frames from one full look to the next.

export class Frames {
  /** `reader` is a Reader. */
  constructor(reader) {
    this.reader = reader;
    this.known = [];
    this.since = Infinity;
  }

  /** The faces of the next frame, an RGB image, largest first, as Reader.classify gives them; `full`: look at all. */
  async read(image, {full = false} = {}) {
    const small = shrunk(image, SIDE);
    const {cascade} = this.reader.detector;
    let found = null;
    if (!full && this.known.length && this.since < EVERY) {
      found = await cascade.judge(small, toSquare(this.known));
      if (found.scores.length < this.known.length / 4) found = null;
    }
    this.since = found ? this.since + 1 : 1;
    if (!found) found = await cascade.detect(small, (SMALLEST * Math.max(small.width, small.height)) / SIDE);
    this.known = found.boxes;
    const faces = toFaces(scaled(found, image.width / small.width, image.height / small.height), image);
    return this.reader.classify(image, faces, {pictures: false});
  }
}
