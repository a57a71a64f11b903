// Read what bench/parity/node.py writes.

import fs from "node:fs";
import path from "node:path";

const KINDS = {Uint8Array, Float32Array};

/** The description in a folder, and a function from an array's description to the typed array. */
export const readNumbers = (folder) => {
  const bytes = fs.readFileSync(path.join(folder, "numbers.bin"));
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const described = JSON.parse(fs.readFileSync(path.join(folder, "description.json"), "utf8"));
  const array = ({kind, shape, start}) => new KINDS[kind](buffer, start, shape.reduce((all, side) => all * side, 1));
  const image = (description) => {
    const [height, width, channels = 1] = description.shape;
    return {width, height, channels, data: array(description)};
  };
  return {described, array, image};
};
