// Runs on the page: fetch the files that the worker needs, check them by their sha256, and open them.

/** Why a file could not be had; `name` is "unreachable", "altered_file", "insecure" or "no_decompression". */
export class FileError extends Error {
  constructor(name, message) {
    super(message);
    this.name = name;
  }
}

/** Fetch the manifest, what this version of the site is made of; see webapp/blueprints/browser_files.py. */
export const fetchManifest = async (address) => {
  const response = await fetch(address).catch(() => null);
  if (!response?.ok) throw new FileError("unreachable", "The list of files did not arrive.");
  return response.json();
};

/** Fetch the files `names` of a manifest: ArrayBuffers by name.
 *
 * `onProgress(done, total)` counts bytes over all of them. Rejects with FileError.
 */
export const fetchFiles = async (manifest, names, onProgress = () => {}) => {
  if (!globalThis.crypto?.subtle) {
    throw new FileError("insecure", "Files are checked by sha256, which browsers offer to secure pages (https) alone.");
  }
  if (typeof DecompressionStream === "undefined") {
    throw new FileError("no_decompression", "This browser cannot open compressed files (DecompressionStream).");
  }
  const total = names.reduce((sum, name) => sum + manifest.files[name].bytes, 0);
  let done = 0;
  const count = (bytes) => onProgress((done += bytes), total);
  const opened = await Promise.all(names.map((name) => fetchFile(manifest.files[name], count)));
  return Object.fromEntries(names.map((name, i) => [name, opened[i]]));
};

const fetchFile = async ({url, bytes, sha256}, count) => {
  const response = await fetch(url).catch(() => null);
  if (!response?.ok) throw new FileError("unreachable", `${url} did not arrive.`);
  const packed = new Uint8Array(bytes);
  let place = 0;
  const reading = response.body.getReader();
  for (let part = await reading.read(); !part.done; part = await reading.read()) {
    if (place + part.value.length > bytes) break;
    packed.set(part.value, place);
    place += part.value.length;
    count(part.value.length);
  }
  if (place !== bytes || (await sha256Of(packed)) !== sha256) {
    throw new FileError("altered_file", `${url} is not the file that was asked for.`);
  }
  return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
};

const sha256Of = async (bytes) => {
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
};
