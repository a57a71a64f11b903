// What a face does, measured on the points of its mesh and compared with calm faces, as model/faces/movements.py.

// Indices of MediaPipe's mesh; see there for what they are.
const STEADY = [33, 133, 362, 263, 168, 6, 197, 195, 5, 127, 356, 234, 454, 10];
const MOUTH_CORNERS = [61, 291];
const [UPPER_LIP, LOWER_LIP] = [13, 14];
const LIDS = [[159, 145], [386, 374]];
const INNER_LIDS = [157, 384];
const INNER_BROWS = [55, 285];
const MIDDLE_BROWS = [52, 282, 65, 295];
const BROWS = [70, 63, 105, 66, 107, 336, 296, 334, 293, 300];
const EYE_LINE = [33, 133, 362, 263];
const [OUTER_LIDS, INNER_HALVES] = [[33, 161, 160, 263, 388, 387], [133, 157, 158, 362, 384, 385]];
const TURNED_TOO_FAR = 30; // Degrees; beyond, nothing else is said.

/** Every measure of one mesh: {name, value, share}, the share of `calm` faces that measure less.
 *
 * Of a head that is turned by more than 30° only "turned" is given.
 */
export const movements = (points, {steady, percentiles}) => {
  const values = measure(points, steady);
  const names = Math.abs(values.turned) <= TURNED_TOO_FAR ? Object.keys(values) : ["turned"];
  return names.map((name) => ({name, value: values[name], share: shareBelow(percentiles[name], values[name])}));
};

/** The share of calm faces, 0…1, below a value: between the percentiles 0, 1, … 100. */
const shareBelow = (row, value) => {
  if (value < row[0]) return 0;
  if (value >= row.at(-1)) return 1;
  const next = row.findIndex((each) => each > value);
  return (next - 1 + (value - row[next - 1]) / (row[next] - row[next - 1])) / (row.length - 1);
};

const measure = (points, steady) => {
  const {rotation, scale, middle} = pose(points, steady);
  const laid = (i) => rotation.map((row) => row.reduce((sum, part, k) => sum + part * scale * (points[i][k] - middle[k]), 0));
  const height = (indices) => mean(indices.map((i) => laid(i)[1]));
  const apart = (a, b) => Math.hypot(...laid(a).map((value, k) => value - laid(b)[k]));
  const upperLids = LIDS.map(([high]) => high);
  const inner = height(INNER_LIDS) - height(INNER_BROWS);
  return {
    mouth_open: apart(UPPER_LIP, LOWER_LIP),
    mouth_wide: apart(...MOUTH_CORNERS),
    corners_up: height([UPPER_LIP, LOWER_LIP]) - height(MOUTH_CORNERS),
    brows_raised: height(EYE_LINE) - height(BROWS),
    brows_lowered: 2 * (height(upperLids) - height(MIDDLE_BROWS)) - 3 * inner,
    brows_together: -apart(...INNER_BROWS),
    eyes_wide: mean(LIDS.map(([high, low]) => apart(high, low))),
    lids_slanting: height(OUTER_LIDS) - height(INNER_HALVES),
    turned: Math.atan2(rotation[2][0], Math.hypot(rotation[0][0], rotation[1][0])) * (180 / Math.PI),
  };
};

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

const centred = (points) => {
  const middle = [0, 1, 2].map((k) => mean(points.map((point) => point[k])));
  return {middle, around: points.map((point) => point.map((value, k) => value - middle[k]))};
};

/** The rotation and the factor that lay the mesh's steady points over `steady`, by least squares.
 *
 * The rotation is that of Horn's quaternion (1987), which is never a reflection; the server's is by singular values.
 */
const pose = (points, steady) => {
  const {middle, around: mine} = centred(STEADY.map((i) => points[i]));
  const {around: theirs} = centred(steady);
  const [[xx, xy, xz], [yx, yy, yz], [zx, zy, zz]] = [0, 1, 2].map((a) =>
    [0, 1, 2].map((b) => mine.reduce((sum, point, i) => sum + point[a] * theirs[i][b], 0)));
  const {value, vector: [w, x, y, z]} = largestEigen([
    [xx + yy + zz, yz - zy, zx - xz, xy - yx],
    [yz - zy, xx - yy - zz, xy + yx, zx + xz],
    [zx - xz, xy + yx, yy - xx - zz, yz + zy],
    [xy - yx, zx + xz, yz + zy, zz - xx - yy],
  ]);
  const rotation = [
    [w * w + x * x - y * y - z * z, 2 * (x * y - w * z), 2 * (x * z + w * y)],
    [2 * (x * y + w * z), w * w - x * x + y * y - z * z, 2 * (y * z - w * x)],
    [2 * (x * z - w * y), 2 * (y * z + w * x), w * w - x * x - y * y + z * z],
  ];
  const size = mine.flat().reduce((sum, each) => sum + each * each, 0);
  return {rotation, scale: value / Math.max(size, 1e-12), middle};
};

/** The largest eigenvalue of a symmetric matrix and its vector of length 1, by Jacobi's rotations. */
const largestEigen = (matrix) => {
  const count = matrix.length;
  const vectors = matrix.map((_, i) => matrix.map((_, k) => (i === k ? 1 : 0))); // By columns.
  for (let sweep = 0; sweep < 12; sweep++) {
    for (let p = 0; p < count; p++) for (let q = p + 1; q < count; q++) annihilate(matrix, vectors, p, q);
  }
  const values = matrix.map((row, i) => row[i]);
  const best = values.indexOf(Math.max(...values));
  return {value: values[best], vector: vectors.map((row) => row[best])};
};

/** Turn in the plane of two axes, so that the matrix's element between them is 0. */
const annihilate = (matrix, vectors, p, q) => {
  if (matrix[p][q] === 0) return;
  const angle = 0.5 * Math.atan2(2 * matrix[p][q], matrix[q][q] - matrix[p][p]);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const turn = (pair) => [cos * pair[0] - sin * pair[1], sin * pair[0] + cos * pair[1]];
  for (const rows of [matrix, vectors]) for (const row of rows) [row[p], row[q]] = turn([row[p], row[q]]);
  for (let k = 0; k < matrix.length; k++) [matrix[p][k], matrix[q][k]] = turn([matrix[p][k], matrix[q][k]]);
};
