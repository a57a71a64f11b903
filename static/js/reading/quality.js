// Image quality of a face, as model/faces/quality.py assesses it, and its place among the others, as group.py does.

const SMALL = 48;
const BLURRED = 0.27;
const [DARK, BRIGHT] = [63, 194];
const FLAT = 29;
const TILTED = 25;
const DOUBTFUL = 0.96;
const EVEN = 0.066;
const [EVEN_STEP, EVEN_CONTRAST] = [3, 0.08];
const CLIPPED = [4, 250];
const ROW_STEP = 0.6;
const FAINT_SIDE = 0.4;
const FAINT_MOST = 8;
const FAINT_WARNINGS = ["blurred", "flat", "dark", "doubtful"];

/** Assess a face; `gray` is its network input of 48 × 48. */
export const assess = (face, roll, gray) => {
  const size = Math.min(face.box[2], face.box[3]);
  const {mean, variance} = moments(gray.data);
  const sharpness = moments(laplacian(gray)).variance / Math.max(variance, 1);
  const contrast = Math.sqrt(variance);
  const even = evenness(gray, contrast);
  const holds = {
    small: size < SMALL,
    blurred: sharpness < BLURRED,
    dark: mean < DARK,
    bright: mean > BRIGHT,
    flat: contrast < FLAT,
    tilted: Math.abs(roll) > TILTED,
    doubtful: face.score > 0 && (face.score < DOUBTFUL || even > EVEN),
  };
  const warnings = Object.keys(holds).filter((code) => holds[code]);
  return {face_size: size, sharpness, brightness: mean, contrast, roll, score: face.score, warnings, evenness: even};
};

const moments = (values) => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return {mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length};
};

/** The Laplacian of a gray image, mirrored beyond its border (cv2.Laplacian). */
const laplacian = ({width, height, data}) => {
  const mirror = (place, length) => (place < 0 ? 1 : place >= length ? length - 2 : place);
  const at = (x, y) => data[mirror(y, height) * width + mirror(x, width)];
  return Float32Array.from({length: width * height}, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    return at(x - 1, y) + at(x + 1, y) + at(x, y - 1) + at(x, y + 1) - 4 * at(x, y);
  });
};

/** The share of a gray image that has even tones, without a photo's grain. */
const evenness = ({width, height, data}, contrast) => {
  const step = Math.min(EVEN_STEP, EVEN_CONTRAST * contrast);
  let even = 0;
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      let [low, high] = [255, 0];
      for (let dy = -1; dy <= 1; dy++) {
        for (let dx = -1; dx <= 1; dx++) {
          const value = data[(y + dy) * width + x + dx];
          low = Math.min(low, value);
          high = Math.max(high, value);
        }
      }
      if (high - low <= step && low > CLIPPED[0] && high < CLIPPED[1]) even += 1;
    }
  }
  return even / ((width - 2) * (height - 2));
};

const middle = ([x, y, width, height]) => [x + width / 2, y + height / 2];

/** The number of each face, from 1: by rows from top to bottom, in each from left to right. */
export const readingOrder = (boxes) => {
  const numbers = boxes.map(() => 0);
  let left = boxes.map((_, i) => i).sort((i, j) => middle(boxes[i])[1] - middle(boxes[j])[1]);
  let given = 0;
  while (left.length) {
    const row = rowOf(boxes, left).sort((i, j) => middle(boxes[i])[0] - middle(boxes[j])[0]);
    for (const i of row) numbers[i] = ++given;
    left = left.filter((i) => !row.includes(i));
  }
  return numbers;
};

const rowOf = (boxes, left) => {
  const row = [left[0]];
  for (const direction of [1, -1]) {
    let last = left[0];
    const away = (i, from) => direction * (middle(boxes[i])[0] - middle(boxes[from])[0]);
    const beside = left.slice(1).filter((i) => away(i, last) > 0);
    for (const i of beside.sort((one, other) => direction * (middle(boxes[one])[0] - middle(boxes[other])[0]))) {
      const step = Math.abs(middle(boxes[i])[1] - middle(boxes[last])[1]);
      if (step > ROW_STEP * Math.min(boxes[i][3], boxes[last][3])) continue;
      row.push(i);
      last = i;
    }
  }
  return row;
};

/** Of each face, whether it is small and unclear beside a face that is far larger: one of the background. */
export const whichAreFaint = (qualities) => {
  const largest = Math.max(0, ...qualities.map((quality) => quality.face_size));
  const faint = qualities.map(
    ({face_size: size, warnings}) =>
      warnings.includes("small") && size < FAINT_SIDE * largest && FAINT_WARNINGS.some((code) => warnings.includes(code)),
  );
  return faint.filter(Boolean).length <= FAINT_MOST ? faint : faint.map(() => false);
};
