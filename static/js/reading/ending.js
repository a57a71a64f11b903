// JPEGs and PNGs whose last bytes are missing, which no browser decodes: their end is put back, and what is gone is gray or
// black, as model/photo/jpeg.py and png.py do it.

const MOST_MISSING = 0.1; // The share of the rows, or of a PNG's bytes, that may be gone.
const [PARTS, BYTES_A_PART] = [4096, 1024];
const [GRAY, NEAR] = [128, 2]; // What a JPEG's decoder fills in, and how far rounding takes it from there.
const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/**
 * The file as a browser can decode it: {bytes, truncated, incomplete}, the bytes as they are where their end is there.
 * `incomplete` where more is missing than can be done without.
 */
export const mended = async (bytes) => {
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return mendedJpeg(bytes);
  return PNG.every((value, i) => bytes[i] === value) ? mendedPng(bytes) : whole(bytes);
};

const whole = (bytes) => ({bytes, truncated: false, incomplete: false});
const lacking = (bytes, incomplete = false) => ({bytes, truncated: true, incomplete});

/** Whether too many of a truncated JPEG's last rows are the gray that stands for missing data. */
export const lacksRows = ({width, height, data}) => {
  let last = data.length - 1;
  while (last >= 0 && Math.abs(data[last] - GRAY) <= NEAR) last -= 1;
  return height - (last < 0 ? 0 : Math.floor(last / (3 * width)) + 1) > MOST_MISSING * height;
};

const joined = (parts) => {
  const all = new Uint8Array(parts.reduce((sum, {length}) => sum + length, 0));
  let place = 0;
  for (const part of parts) {
    all.set(part, place);
    place += part.length;
  }
  return all;
};

const number = (bytes, start, count) => {
  let value = 0;
  for (let i = 0; i < count; i++) value = value * 256 + (bytes[start + i] ?? 0);
  return value;
};

const [END, SCAN] = [0xd9, 0xda];
const BARE = (marker) => marker === 0x01 || marker === 0xc8 || (marker >= 0xd0 && marker <= 0xd9) || (marker >= 0xf0 && marker <= 0xfd);
const FRAME = (marker) => marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
const PROGRESSIVE = [0xc2, 0xc6, 0xca, 0xce];

const mendedJpeg = (bytes) => {
  const found = {frame: null, progressive: false, scans: [], end: false};
  for (const {marker, body} of segments(bytes)) {
    if (marker === END) found.end = true;
    if (FRAME(marker) && !found.scans.length) Object.assign(found, {frame: body, progressive: PROGRESSIVE.includes(marker)});
    if (marker === SCAN) found.scans.push(scanOf(body));
  }
  // What is no picture is for the decoder to refuse.
  if (found.end || !found.frame || !found.scans.length) return whole(bytes);
  return lacking(joined([bytes, Uint8Array.of(0xff, END)]), !covers(found));
};

/** A JPEG's segments, {marker, body}, up to the end marker behind the first scan, or the file's end. */
function* segments(bytes) {
  let place = 2;
  let scanned = false;
  for (let part = 0; part < PARTS + bytes.length / BYTES_A_PART && place + 2 <= bytes.length; part++) {
    const [start, marker] = [place, bytes[place] === 0xff ? bytes[place + 1] : 0];
    if (marker === END && scanned) return yield {marker, body: bytes.subarray(0, 0)};
    if (marker === 0x00 || marker === 0xff) place += 1;
    else if (BARE(marker)) place += 2;
    else {
      place += 2 + Math.max(2, number(bytes, place + 2, 2));
      yield {marker, body: bytes.subarray(start + 4, Math.min(place, bytes.length))};
    }
    if (marker !== SCAN) continue;
    scanned = true;
    place = afterScan(bytes, place);
    if (place < 0) return;
  }
}

/** Where the next segment begins: inside a scan FF is followed by 00 or by a restart marker. -1 where there is none. */
const afterScan = (bytes, from) => {
  for (let place = bytes.indexOf(0xff, from); place >= 0 && place + 1 < bytes.length; place = bytes.indexOf(0xff, place + 1)) {
    const next = bytes[place + 1];
    if (next !== 0x00 && next !== 0xff && !(next >= 0xd0 && next <= 0xd7)) return place;
  }
  return -1;
};

const scanOf = (body) => {
  const count = body[0] ?? 0;
  const components = Array.from({length: count}, (_, i) => body[1 + 2 * i]);
  return {components, first: Math.min(body[1 + 2 * count], 63), last: Math.min(body[2 + 2 * count], 63)};
};

/** Whether the scans have every coefficient of every component, or the rows of one scan come whole, one after the other. */
const covers = ({frame, progressive, scans}) => {
  const components = Array.from({length: frame[5]}, (_, i) => frame[6 + 3 * i]);
  if (!progressive && components.every((each) => scans[0].components.includes(each))) return true;
  return components.every((component) => {
    const seen = new Set();
    for (const scan of scans) {
      if (!scan.components.includes(component)) continue;
      for (let i = progressive ? scan.first : 0; i <= (progressive ? scan.last : 63); i++) seen.add(i);
    }
    return seen.size === 64;
  });
};

const KEPT = ["IHDR", "PLTE", "tRNS", "eXIf"];
const CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4};

const mendedPng = async (bytes) => {
  const [kept, packed] = [[], []];
  for (let place = 8; place + 8 <= bytes.length; ) {
    const length = number(bytes, place, 4);
    const kind = String.fromCharCode(...bytes.subarray(place + 4, place + 8));
    const stop = place + 12 + length;
    if (kind === "IEND" && stop <= bytes.length) return whole(bytes);
    if (KEPT.includes(kind) && stop <= bytes.length) kept.push(bytes.subarray(place, stop));
    if (kind === "IDAT") packed.push(bytes.subarray(place + 8, Math.min(place + 8 + length, bytes.length)));
    place = stop;
  }
  const head = kept[0]?.subarray(8, 21);
  // What is no picture is for the decoder to refuse.
  if (kept[0]?.[4] !== 0x49 || head.length < 13 || !packed.length) return whole(bytes);
  const row = 1 + Math.ceil((number(head, 0, 4) * head[8] * (CHANNELS[head[9]] ?? 4)) / 8);
  const expected = row * number(head, 4, 4);
  const {parts, ended} = await inflated(packed);
  const there = parts.reduce((sum, {length}) => sum + length, 0);
  const missing = Math.max(0, expected - there);
  if (!ended && (head[12] || missing > MOST_MISSING * expected)) return lacking(bytes, true);
  const content = ended ? joined(packed) : await deflated([...parts, new Uint8Array(missing)]);
  return lacking(joined([Uint8Array.from(PNG), ...kept, chunk("IDAT", content), chunk("IEND")]));
};

/** What a zlib stream has that may end too early: {parts, ended}. */
const inflated = async (packed) => {
  const stream = new DecompressionStream("deflate");
  const [parts, reader, writer] = [[], stream.readable.getReader(), stream.writable.getWriter()];
  const reading = (async () => {
    for (let part = await reader.read(); !part.done; part = await reader.read()) parts.push(part.value);
  })();
  reading.catch(() => {});
  try {
    for (const part of packed) await writer.write(part);
    // A stream that fails on closing drops what was not read of it yet.
    await new Promise((resolve) => setTimeout(resolve));
    await writer.close();
    await reading;
    return {parts, ended: true};
  } catch {
    return {parts, ended: false};
  }
};

const deflated = async (parts) =>
  new Uint8Array(await new Response(new Blob(parts).stream().pipeThrough(new CompressionStream("deflate"))).arrayBuffer());

const chunk = (kind, body = new Uint8Array(0)) => {
  const named = joined([Uint8Array.from(kind, (letter) => letter.charCodeAt(0)), body]);
  const four = (value) => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
  return joined([four(body.length), named, four(checksum(named))]);
};

const TABLE = Uint32Array.from({length: 256}, (_, i) => {
  for (let bit = 0; bit < 8; bit++) i = i & 1 ? (i >>> 1) ^ 0xedb88320 : i >>> 1;
  return i;
});

/** The CRC-32 of bytes. */
const checksum = (bytes) => {
  let value = 0xffffffff;
  for (const byte of bytes) value = (value >>> 8) ^ TABLE[(value ^ byte) & 255];
  return ~value;
};
