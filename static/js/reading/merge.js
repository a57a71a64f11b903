// Merge the faces of several passes, and keep the surest, as model/detection/merge.py does.

const MAX_FACES = 100;
const SAME_IOU = 0.4;
const SAME_IOS = 0.7;

/** Sort faces by the area of their boxes. */
const largestFirst = (faces) => [...faces].sort((one, other) => other.box[2] * other.box[3] - one.box[2] * one.box[3]);

/** The faces of all passes, each once, largest first: of those that overlap, the surest stays. */
export const merged = (...passes) => {
  const kept = [];
  for (const face of passes.flat().sort((one, other) => other.score - one.score)) {
    if (!kept.some((other) => same(face.box, other.box))) kept.push(face);
  }
  return largestFirst(kept);
};

/** The faces of the highest scores, largest first. */
export const surest = (faces, most = MAX_FACES) =>
  largestFirst([...faces].sort((one, other) => other.score - one.score).slice(0, most));

const same = (one, other) => {
  const across = Math.min(one[0] + one[2], other[0] + other[2]) - Math.max(one[0], other[0]);
  const down = Math.min(one[1] + one[3], other[1] + other[3]) - Math.max(one[1], other[1]);
  if (across <= 0 || down <= 0) return false;
  const common = across * down;
  const areas = [one[2] * one[3], other[2] * other[3]];
  return common > SAME_IOU * (areas[0] + areas[1] - common) || common > SAME_IOS * Math.min(...areas);
};
