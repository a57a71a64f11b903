// The feature maps of the network's blocks for one face, as model/inside/feature_maps.py.

import {openNetwork} from "./networks.js";

const [FILTERS, BLOCK] = ["filters", "block"];

/** Open the classifier with its further outputs: protocol buffers that are appended to one another merge.
 *
 * `classifier` and `maps` are ArrayBuffers of model.onnx and model.maps.onnx.
 */
export const openMaps = async (classifier, maps) => {
  const both = new Uint8Array(classifier.byteLength + maps.byteLength);
  both.set(new Uint8Array(classifier));
  both.set(new Uint8Array(maps), classifier.byteLength);
  return new FeatureMaps(await openNetwork(both));
};

class FeatureMaps {
  constructor(network) {
    this.network = network;
    this.blocks = network.outputs.filter((name) => name.startsWith(BLOCK)).sort();
  }

  /** What it computes for an input, gray levels of side × side: {filters, blocks}, each {count, rows, columns, data}.
   *
   * filters are the first layer's weights, blocks each block's maps, one behind the other by rows.
   */
  async read(input) {
    const side = Math.round(Math.sqrt(input.length));
    const names = [FILTERS, ...this.blocks];
    const found = await this.network.shaped(names, Float32Array.from(input), [1, side, side, 1]);
    // Of the filters the second dimension is the picture's one channel.
    const [{dims: [count, , rows, columns], data}, ...blocks] = names.map((name) => found[name]);
    const filters = {count, rows, columns, data: data.slice()};
    return {filters, blocks: blocks.map(({dims: [, maps, high, wide], data: values}) => ({count: maps, rows: high, columns: wide, data: values.slice()}))};
  }
}
