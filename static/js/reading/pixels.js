// Operations on images, bit by bit those of OpenCV as the server uses them (docs/browser.md).
//
// An image is {width, height, channels, data}: rows from top to bottom, channels interleaved (RGB, or one of gray), as
// Uint8Array (0…255) or Float32Array. resize.js and warp.js hold the operations that interpolate. OpenCV computes in
// 32-bit floats, so every product and sum is rounded to one.

const HALF_EVEN = 6755399441055744; // 1.5 · 2^52: adding and subtracting it rounds to whole numbers, ties to even.

/** Round to the nearest whole number, ties to the even one, as Python and OpenCV do. */
export const roundEven = (value) => value + HALF_EVEN - HALF_EVEN;

export const clip = (value, low, high) => (value < low ? low : value > high ? high : value);

/** An image of another size, of zeros, with the same kind of numbers. */
export const emptyLike = (image, width, height) => ({
  width,
  height,
  channels: image.channels,
  data: new image.data.constructor(width * height * image.channels),
});

/** The image's numbers as a Float32Array, or the image itself if it has one. */
export const toFloat = (image) => {
  if (image.data instanceof Float32Array) return image;
  const data = new Float32Array(image.data.length);
  data.set(image.data);
  return {...image, data};
};

/** RGB or RGBA bytes to gray: the luma of ITU-R BT.601 in 15 bits (cv2.COLOR_RGB2GRAY). */
export const toGray = ({width, height, channels, data}) => {
  const gray = new Uint8Array(width * height);
  for (let i = 0, k = 0; i < gray.length; i++, k += channels) {
    gray[i] = (data[k] * 9798 + data[k + 1] * 19235 + data[k + 2] * 3735 + 16384) >> 15;
  }
  return {width, height, channels: 1, data: gray};
};

/** Rotate clockwise by 0, 90, 180 or 270 degrees. */
export const rotateQuarter = (image, degrees) => {
  if (degrees % 360 === 0) return image;
  const {width, height, channels, data} = image;
  const result = degrees % 180 ? emptyLike(image, height, width) : emptyLike(image, width, height);
  const out = result.data;
  let place = 0;
  for (let y = 0; y < result.height; y++) {
    for (let x = 0; x < result.width; x++) {
      const [fromX, fromY] =
        degrees === 90 ? [y, height - 1 - x] : degrees === 180 ? [width - 1 - x, height - 1 - y] : [width - 1 - y, x];
      const from = (fromY * width + fromX) * channels;
      for (let c = 0; c < channels; c++) out[place++] = data[from + c];
    }
  }
  return result;
};

/** Rotate and mirror according to an EXIF orientation, 1…8. */
export const upright = (image, orientation) => {
  if (orientation === 1) return image;
  const {width, height, channels, data} = image;
  const result = orientation >= 5 ? emptyLike(image, height, width) : emptyLike(image, width, height);
  const flipX = [2, 3, 6, 7].includes(orientation);
  const flipY = [3, 4, 7, 8].includes(orientation);
  let place = 0;
  for (let y = 0; y < result.height; y++) {
    for (let x = 0; x < result.width; x++) {
      const across = flipX ? result.width - 1 - x : x;
      const down = flipY ? result.height - 1 - y : y;
      const from = (orientation >= 5 ? across * width + down : down * width + across) * channels;
      for (let c = 0; c < channels; c++) result.data[place++] = data[from + c];
    }
  }
  return result;
};

/** Cut a rectangle of whole pixels; outside the image its border pixels are repeated. */
export const cut = (image, left, top, width, height) => {
  const {channels, data} = image;
  const result = emptyLike(image, width, height);
  const out = result.data;
  // Columns that lie in the image, of the result's; those before and behind repeat the border.
  const from = clip(-left, 0, width);
  const to = clip(image.width - left, 0, width);
  for (let y = 0; y < height; y++) {
    const row = clip(top + y, 0, image.height - 1) * image.width;
    const start = y * width;
    if (to > from) out.set(data.subarray((row + left + from) * channels, (row + left + to) * channels), (start + from) * channels);
    const repeat = (x, source) => {
      for (let c = 0; c < channels; c++) out[(start + x) * channels + c] = data[(row + source) * channels + c];
    };
    for (let x = 0; x < from; x++) repeat(x, 0);
    for (let x = Math.max(to, 0); x < width; x++) repeat(x, image.width - 1);
  }
  return result;
};

/** Where a position beyond the border lies in the image's mirror image (cv2.BORDER_REFLECT_101). */
export const reflected = (place, length) => {
  if (length === 1) return 0;
  while (place < 0 || place >= length) place = place < 0 ? -place : 2 * length - 2 - place;
  return place;
};

/** Add `margin` mirrored pixels on each side. */
export const withMargin = (image, margin) => {
  const {channels, data} = image;
  const result = emptyLike(image, image.width + 2 * margin, image.height + 2 * margin);
  const size = image.width * channels;
  const wide = result.width * channels;
  for (let y = 0; y < result.height; y++) {
    const row = reflected(y - margin, image.height) * size;
    const start = y * wide;
    result.data.set(data.subarray(row, row + size), start + margin * channels);
    for (let x = 0; x < margin; x++) {
      const before = row + reflected(x - margin, image.width) * channels;
      const behind = row + reflected(image.width + x, image.width) * channels;
      const [left, right] = [start + x * channels, start + (margin + image.width + x) * channels];
      for (let c = 0; c < channels; c++) {
        result.data[left + c] = data[before + c];
        result.data[right + c] = data[behind + c];
      }
    }
  }
  return result;
};
