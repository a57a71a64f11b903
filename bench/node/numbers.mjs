// Read what bench/parity/node.py writes.

import fs from "node:fs";
import path from "node:path";
import {gunzipSync} from "node:zlib";

const KINDS = {Uint8Array, Float32Array};

/** A file as an ArrayBuffer, opened where its name says that it is gzipped. */
export const bufferOf = (file) => {
  const bytes = file.endsWith(".gz") ? gunzipSync(fs.readFileSync(file)) : fs.readFileSync(file);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
};

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
