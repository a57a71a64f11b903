// A photo that the server would refuse for its size, or for a format that only the browser can draw, is written anew
// here; every other is sent as it is. The estimates are those of model/photo, and a test holds the two together.
globalThis.faceValueShrink = (() => {
  "use strict";

  // Faces are looked for in at most this much anyway: never below it, and a panorama keeps its height.
  const LONG_SIDE = 4096;
  const SHORT_SIDE = 1500;
  const MOST_AREA = 4096 * 4096; // Pixels: the largest canvas of phones.
  const MOST_SIDE = 16384;
  const AIM = 3e6; // Bytes: on its way in a few seconds.
  const HEAD = 1 << 20; // Bytes of a file that are looked at.

  const word = (bytes, at) => bytes[at] * 256 + bytes[at + 1];
  const long = (bytes, at) => word(bytes, at) * 65536 + word(bytes, at + 2);
  const little = (bytes, at, count) => Array.from({length: count}, (_, place) => bytes[at + place] * 256 ** place)
    .reduce((sum, value) => sum + value, 0);
  const text = (bytes, at) => String.fromCharCode(...bytes.slice(at, at + 4));

  // Each reader gives what decoding takes: bytes a pixel at the peak and afterwards, fixed bytes, whether it scales.
  const jpeg = (bytes) => {
    let frame = null;
    for (let at = 2; at + 10 < bytes.length;) {
      const marker = bytes[at + 1];
      if (bytes[at] !== 0xff || marker === 0xff) { at += 1; continue; }
      if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) frame = {marker, at};
      if (marker === 0xda) return frame && jpegFrame(bytes, frame, bytes[at + 4]);
      at += 2 + word(bytes, at + 2);
    }
    return null;
  };
  const jpegFrame = (bytes, {marker, at}, scanned) => {
    const [height, width, count] = [word(bytes, at + 5), word(bytes, at + 7), bytes[at + 9]];
    const sampling = Array.from({length: count}, (_, place) => bytes[at + 11 + 3 * place])
      .map((factors) => [factors >> 4, factors & 15]);
    const [across, down] = [0, 1].map((axis) => Math.max(...sampling.map((factors) => factors[axis])));
    const blocks = ([h, v]) => Math.ceil((width * h) / (8 * across)) * Math.ceil((height * v) / (8 * down));
    // One scan of all components is decoded as it comes; otherwise all coefficients are held until the last.
    const held = [0xc2, 0xc6, 0xca, 0xce].includes(marker) || scanned < count;
    const fixed = held ? sampling.reduce((sum, factors) => sum + 128 * blocks(factors), 0) : 0;
    const pixel = count === 1 ? 1 : 4;
    return {width, height, decoding: pixel, image: pixel, fixed, scales: true, copied: true};
  };
  const png = (bytes) => {
    const [depth, colours] = [bytes[24], bytes[25]];
    const pixel = depth === 16 && colours === 0 ? 2 : [0, 3].includes(colours) ? 1 : 4;
    return {width: long(bytes, 16), height: long(bytes, 20), decoding: pixel, image: pixel, copied: true};
  };
  const webp = (bytes) => {
    const kind = text(bytes, 12);
    if (kind === "VP8 ") {
      return {width: little(bytes, 26, 2) & 0x3fff, height: little(bytes, 28, 2) & 0x3fff, decoding: 6.2, image: 3};
    }
    if (kind === "VP8L") {
      const bits = little(bytes, 21, 4);
      const alpha = Math.floor(bits / 2 ** 28) & 1;
      const [width, height] = [(bits & 0x3fff) + 1, (Math.floor(bits / 2 ** 14) & 0x3fff) + 1];
      return {width, height, decoding: 7.2 + 2.5 * alpha, image: 3 + alpha};
    }
    const [moving, alpha] = [bytes[20] & 2, bytes[20] & 16 ? 1 : 0];
    const decoding = moving ? 16.2 : 7.2 + 2.5 * alpha;
    return {width: little(bytes, 24, 3) + 1, height: little(bytes, 27, 3) + 1, decoding, image: moving ? 4 : 3 + alpha};
  };
  const gif = (bytes) =>
    ({width: little(bytes, 6, 2), height: little(bytes, 8, 2), decoding: 2, image: 1, copied: true});
  const bmp = (bytes) => {
    const height = little(bytes, 22, 4);
    const pixel = little(bytes, 28, 2) > 8 ? 4 : 1;
    const upright = height > 2 ** 31 ? 2 ** 32 - height : height;
    return {width: little(bytes, 18, 4), height: upright, decoding: pixel, image: pixel};
  };
  // The largest size that a box states; sampling and depth are taken to be the dearest that phones write.
  const boxes = (planes, rgb, image) => (bytes) => {
    const head = Array.from(bytes.subarray(0, 1 << 16), (byte) => String.fromCharCode(byte)).join("");
    const sizes = [...head.matchAll(/ispe/g)].map(({index}) => [long(bytes, index + 8), long(bytes, index + 12)]);
    if (!sizes.length) return null;
    const [width, height] = sizes.reduce((most, size) => (size[0] * size[1] > most[0] * most[1] ? size : most));
    return {width, height, decoding: rgb + planes * 1.5, image, copied: true};
  };
  const READERS = {
    JPEG: jpeg, PNG: png, WEBP: webp, GIF: gif, BMP: bmp, HEIC: boxes(1, 3, 3), AVIF: boxes(1.6, 7, 4),
  };

  // Bytes that decoding takes on the server at its least; 0 where the header says nothing.
  const decodeBytes = (bytes, kind, size) => {
    const header = READERS[kind]?.(bytes);
    if (!header?.width || !header.height) return 0;
    const {width, height, decoding, image, fixed = 0, scales = false, copied = false} = header;
    const reduced = Math.ceil(width / 8) * Math.ceil(height / 8);
    const decoded = scales ? reduced : width * height;
    const rows = Math.max(8, Math.min(256, Math.floor(400000 / width / 8) * 8));
    const converting = image * decoded + 3 * reduced + 11 * width * Math.min(height, rows);
    return (copied ? size : 0) + Math.max(fixed + decoding * decoded, converting);
  };

  // Whether the server takes the file as it is: by bytes, and by what its decoding takes.
  const fits = async (file, kind, limits) => {
    if (file.size > limits.bytes) return false;
    const bytes = new Uint8Array(await file.slice(0, HEAD).arrayBuffer());
    return decodeBytes(bytes, kind, file.size) <= limits.decode;
  };

  const floorOf = (width, height) =>
    Math.min(1, Math.max(LONG_SIDE / Math.max(width, height), SHORT_SIDE / Math.min(width, height)));

  const encode = (bitmap, scale, quality) => {
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(bitmap.width * scale));
    canvas.height = Math.max(1, Math.round(bitmap.height * scale));
    const context = canvas.getContext("2d", {alpha: false});
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.imageSmoothingQuality = "high";
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    return new Promise((done) => { canvas.toBlob(done, "image/jpeg", quality); });
  };

  // The largest that is small enough; null where the canvas gives nothing.
  const search = async (bitmap, aim) => {
    const {width, height} = bitmap;
    const floor = floorOf(width, height);
    let scale = Math.max(floor, Math.min(1, Math.sqrt(MOST_AREA / (width * height))));
    scale = Math.min(scale, MOST_SIDE / Math.max(width, height));
    const least = () => floor;
    const closer = (size) => Math.max(floor, scale * Math.sqrt(aim / size) * 0.97);
    const steps = [[0.88, closer], [0.88, least], ...[0.88, 0.8, 0.7, 0.6, 0.5].map((quality) => [quality, least])];
    let [blob, tried] = [null, ""];
    for (const [quality, next] of steps) {
      if (tried === `${scale} ${quality}`) continue;
      tried = `${scale} ${quality}`;
      blob = await encode(bitmap, scale, quality);
      if (!blob || blob.size <= aim) return blob;
      scale = Math.min(scale, next(blob.size));
    }
    return blob;
  };

  // The photo as a new JPEG file, upright and without its metadata; null if the browser cannot draw it.
  const shrink = async (file, limits, aim = AIM) => {
    let bitmap;
    try {
      bitmap = await createImageBitmap(file);
      const blob = await search(bitmap, Math.min(aim, limits.bytes));
      if (!blob || blob.size > limits.bytes) return null;
      const name = `${file.name.replace(/\.[^.]*$/, "")}.jpg`;
      return new File([blob], name, {type: "image/jpeg", lastModified: file.lastModified});
    } catch {
      return null;
    } finally {
      bitmap?.close();
    }
  };

  return {decodeBytes, fits, floorOf, shrink};
})();
