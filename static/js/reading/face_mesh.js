// MediaPipe's Face Mesh, 468 points, as model/faces/face_mesh.py.

import {eyeAngle, levelled, toImage, turned, warpCrop} from "./geometry.js";

const ROI_SCALE = 3.74;
const EYE_MOUTH_RATIO = 0.9;
const ROI_SHIFT = 0.42;
const MESH_ROI_SCALE = 1.5;
const OUTER_EYE_CORNERS = [33, 263];
const MAX_BATCH = 8; // Faces of one call of the network.
const {fround, max, min} = Math;

export class FaceMesh {
  /** `network` as networks.js opens it; `side` is its input's, `threshold` the presence of a face that was found. */
  constructor(network, {side, threshold}) {
    Object.assign(this, {network, side, threshold});
  }

  /** The meshes of detected faces of an RGB image: {points, presence, found}, points [x, y, depth] in pixels of it.
   *
   * The first pass looks where the five landmarks are, the second where the first one's mesh is; a face that this does
   * not find keeps the first one's.
   */
  async locate(image, faces) {
    const meshes = await this.#infer(image, faces.map(initialRegion));
    const again = meshes.map((mesh, i) => i).filter((i) => meshes[i].found);
    const better = await this.#infer(image, again.map((i) => regionOfMesh(meshes[i].points)));
    again.forEach((i, k) => { if (better[k].found) meshes[i] = better[k]; });
    return meshes;
  }

  async #infer(image, regions) {
    const meshes = [];
    for (let start = 0; start < regions.length; start += MAX_BATCH) {
      const batch = regions.slice(start, start + MAX_BATCH);
      const size = this.side * this.side * 3;
      const pixels = new Float32Array(batch.length * size);
      batch.forEach((region, i) => pixels.set(warpCrop(image, region, this.side).data, i * size));
      const shape = [batch.length, this.side, this.side, 3];
      const {points, presence} = await this.network.run(["points", "presence"], pixels, shape);
      const each = points.length / batch.length;
      meshes.push(...batch.map((region, i) => ({
        points: this.#inImage(points.subarray(i * each, (i + 1) * each), region),
        presence: presence[i],
        found: presence[i] >= this.threshold,
      })));
    }
    return meshes;
  }

  /** From pixels of the crop to those of the image; depth by the same scale. */
  #inImage(points, region) {
    return Array.from({length: points.length / 3}, (_, i) => {
      const [x, y, depth] = points.subarray(3 * i, 3 * i + 3);
      const place = toImage(region, [fround(x / this.side), fround(y / this.side)]);
      return [...place, depth * (region.width / this.side)].map(fround);
    });
  }
}

/** Where the first pass looks, from the five landmarks. */
const initialRegion = ({landmarks: {left_eye: left, right_eye: right, mouth_left, mouth_right}}) => {
  const middle = (a, b) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
  const distance = (a, b) => Math.hypot(b[0] - a[0], b[1] - a[1]);
  const eyes = middle(left, right);
  const tall = distance(eyes, middle(mouth_left, mouth_right));
  const side = ROI_SCALE * max(distance(left, right), EYE_MOUTH_RATIO * tall, 1);
  const roll = eyeAngle(left, right);
  // Perpendicular to the line through the eyes: in a profile the mouth is to one side of that.
  const down = turned([0, ROI_SHIFT * tall], roll);
  return {centre: [eyes[0] + down[0], eyes[1] + down[1]], width: side, height: side, roll};
};

/** Where the second pass looks: around the first one's mesh. */
const regionOfMesh = (points) => {
  const roll = eyeAngle(...OUTER_EYE_CORNERS.map((i) => points[i]));
  const flat = points.map((point) => levelled(point, roll));
  const [low, high] = [min, max].map((most) => [0, 1].map((axis) => most(...flat.map((point) => point[axis]))));
  const side = max(MESH_ROI_SCALE * max(high[0] - low[0], high[1] - low[1]), 1);
  const centre = turned([(low[0] + high[0]) / 2, (low[1] + high[1]) / 2], roll);
  return {centre, width: side, height: side, roll};
};
