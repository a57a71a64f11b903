// Whether a photo's file says which way is up: the EXIF orientation of JPEG, PNG and WebP, the rotation of AVIF, HEIC.

const TAG = 0x0112;
const text = (bytes, start, length) => String.fromCharCode(...bytes.subarray(start, start + length));
const number = (bytes, start, length, little = false) => {
  let value = 0;
  for (let i = 0; i < length; i++) value = value * 256 + bytes[start + (little ? length - 1 - i : i)];
  return value;
};

/** The orientation, 1…8, or null where the file does not say. */
export const orientationOf = (bytes) => {
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return ofJpeg(bytes);
  if (text(bytes, 1, 3) === "PNG") return ofChunks(bytes, 8, "eXIf", false);
  if (text(bytes, 0, 4) === "RIFF") return ofChunks(bytes, 12, "EXIF", true);
  if (text(bytes, 4, 4) === "ftyp") return /irot|imir/.test(text(bytes, 0, Math.min(bytes.length, 16_384))) ? 1 : null;
  return null;
};

/** Whether the browser applies the orientation of a kind of file, of which `probe` is one: 2 × 1 pixels that stand. */
const applies = async (probe, kind) => {
  const bytes = Uint8Array.from(atob(probe), (letter) => letter.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes], {type: kind})).catch(() => null);
  const stands = bitmap !== null && bitmap.width < bitmap.height;
  bitmap?.close();
  return stands;
};

const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAAAGmVYSWZNTQAqAAAACAABARIAAwAAAAEABgAAAAAAANZnS2kAAAAPSURBVHicYzwhJ8" +
  "fAwAAABcwBBkWIWdQAAAAASUVORK5CYII=";
const WEBP =
  "UklGRlIAAABXRUJQVlA4WAoAAAAIAAAAAQAAAAAAVlA4TBEAAAAvAQAAAAdQjyLXo/+BiOh/AABFWElGGgAAAE1NACoAAAAIAAEBEgADAAAAAQAG" +
  "AAAAAAAA";

/** The orientation that is left to apply once the browser has decoded the file: 1 where it has applied it itself.
 *
 * Every browser does for JPEG; Chromium does for PNG, and not for WebP.
 */
export const orientationLeft = async (bytes, orientation) => {
  if (orientation === null || orientation === 1) return 1;
  if (bytes[0] === 0x89) return (await applies(PNG, "image/png")) ? 1 : orientation;
  if (text(bytes, 0, 4) === "RIFF") return (await applies(WEBP, "image/webp")) ? 1 : orientation;
  return 1;
};

const ofJpeg = (bytes) => {
  let place = 2;
  while (place + 4 < bytes.length && bytes[place] === 0xff) {
    const [marker, size] = [bytes[place + 1], number(bytes, place + 2, 2)];
    if (marker === 0xda) return null;
    if (marker === 0xe1 && text(bytes, place + 4, 6) === "Exif\0\0") return ofTiff(bytes.subarray(place + 10, place + 2 + size));
    place += 2 + size;
  }
  return null;
};

const ofChunks = (bytes, start, wanted, riff) => {
  let place = start;
  while (place + 8 < bytes.length) {
    const size = number(bytes, place + (riff ? 4 : 0), 4, riff);
    const name = text(bytes, place + (riff ? 0 : 4), 4);
    if (name === wanted) return ofTiff(bytes.subarray(place + 8, place + 8 + size));
    place += riff ? 8 + size + (size % 2) : 12 + size;
  }
  return null;
};

const BYTES = {1: 1, 3: 2, 4: 4}; // Of TIFF's whole numbers: BYTE, SHORT, LONG.

const ofTiff = (bytes) => {
  const tiff = text(bytes, 0, 6) === "Exif\0\0" ? bytes.subarray(6) : bytes;
  const little = text(tiff, 0, 4) === "II*\0";
  if (!little && text(tiff, 0, 4) !== "MM\0*") return null;
  const start = number(tiff, 4, 4, little);
  const entries = number(tiff, start, 2, little);
  for (let i = 0; i < Math.min(entries, 1000); i++) {
    const entry = start + 2 + 12 * i;
    if (entry + 12 > tiff.length) return null;
    if (number(tiff, entry, 2, little) !== TAG) continue;
    const size = BYTES[number(tiff, entry + 2, 2, little)];
    if (!size || number(tiff, entry + 4, 4, little) !== 1) return null;
    const value = number(tiff, entry + 8, size, little);
    return value >= 1 && value <= 8 ? value : null;
  }
  return null;
};
