// Tiles of a block's maps and of the first layer's filters, as levels: webapp/presenters/inside.py.
import {roundEven} from "../reading/pixels.js";

export const STRONGEST = 12; // Maps that are shown at first.
const COLUMNS = 6;
const FILTER_COLUMNS = 12;
const GAP = 255; // The level between two tiles: transparent.
const BRIGHTEST = 254;

const {max, min} = Math;

const eachMap = ({count, rows, columns, data}) =>
  Array.from({length: count}, (_, i) => data.subarray(i * rows * columns, (i + 1) * rows * columns));

const largest = (values) => values.reduce((most, value) => max(most, value), -Infinity);

const levelsOf = (values, most) =>
  Uint8Array.from(values, (value) => roundEven(BRIGHTEST * min(max(value / max(most, 1e-9), 0), 1)));

/** How much a map differs from place to place. */
const spread = (values) => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
};

/** A quantile as numpy has it: linear between two. */
const quantile = (values, part) => {
  const sorted = Float32Array.from(values).sort();
  const place = part * (sorted.length - 1);
  const before = Math.floor(place);
  return sorted[before] + (place - before) * (sorted[min(before + 1, sorted.length - 1)] - sorted[before]);
};

/** Tiles of one size by rows, with a gap of one pixel: {width, height, data}. */
const tiles = (levels, columns, {rows, columns: wide}) => {
  const width = columns * (wide + 1) - 1;
  const height = Math.ceil(levels.length / columns) * (rows + 1) - 1;
  const data = new Uint8Array(width * height).fill(GAP);
  levels.forEach((each, place) => {
    const [top, left] = [Math.floor(place / columns) * (rows + 1), (place % columns) * (wide + 1)];
    for (let y = 0; y < rows; y++) data.set(each.subarray(y * wide, (y + 1) * wide), (top + y) * width + left);
  });
  return {width, height, data};
};

/** Columns of a sheet that is a little wider than high. */
const sheetColumns = (count) => {
  let columns = Math.ceil((1.3 * count) ** 0.5);
  while (count % columns) columns += 1;
  return columns;
};

/** The most varied maps, each in its own scale, and all maps in one; levels of viridis. */
export function blockTiles(block) {
  const maps = eachMap(block);
  const spreads = maps.map(spread);
  const order = maps.map((_, i) => i).sort((a, b) => spreads[b] - spreads[a]).slice(0, STRONGEST);
  // One that is far brighter than all others would leave them dark.
  const most = quantile(block.data, 0.995);
  return {
    few: tiles(order.map((i) => levelsOf(maps[i], largest(maps[i]))), COLUMNS, block),
    every: tiles(maps.map((each) => levelsOf(each, most)), sheetColumns(block.count), block),
  };
}

/** The first layer's filters; middle gray is a weight of 0. */
export function filterTiles(filters) {
  const most = max(filters.data.reduce((all, value) => max(all, Math.abs(value)), 0), 1e-9);
  return tiles(eachMap(filters).map((each) => Uint8Array.from(each, (value) => roundEven(127 + (127 * value) / most))), FILTER_COLUMNS, filters);
}

/** The mean of a block's maps, for the overview. */
export function meanTile(block) {
  const maps = eachMap(block);
  const mean = Float32Array.from({length: block.rows * block.columns}, (_, i) => maps.reduce((sum, each) => sum + each[i], 0) / maps.length);
  return {width: block.columns, height: block.rows, data: levelsOf(mean, largest(mean))};
}
