// Numbers in sentences: webapp/presenters/formatters.py, name by name. tests/node holds both to the same answers.

const NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
const NARROW = "\u00a0";
const MEBIBYTE = 1024 * 1024;

/** A number with so many decimals, ties to the even digit as Python writes them. */
export function fixed(value, digits) {
  const scaled = value * 10 ** digits;
  const down = Math.floor(scaled);
  // toFixed is exact, and only takes the larger one of two that are equally near.
  const tie = scaled - down === 0.5 && /^50*$/.test(value.toFixed(digits + 40).slice(-40));
  return tie ? ((down % 2 === 0 ? down : down + 1) / 10 ** digits).toFixed(digits) : value.toFixed(digits);
}

/** A number as Python writes it in a table: 2.6e-05 where it is small. */
export const plain = (value) =>
  value !== 0 && Math.abs(value) < 1e-4 ? value.toExponential().replace(/e-(\d)$/, "e-0$1") : String(value);

/** Python's "%…" formatting of the numbers and strings that templates use. */
export function format(pattern, given) {
  const left = [...given];
  return pattern.replace(/%(?:%|(?:\.(\d+))?([fdsg]))/g, (whole, digits, kind) => {
    if (whole === "%%") return "%";
    const value = left.shift();
    if (kind === "f") return fixed(value, Number(digits ?? 6));
    if (kind === "g") return String(Number(value.toPrecision(Number(digits ?? 6))));
    return kind === "d" ? String(Math.trunc(value)) : String(value);
  });
}

export const capitalized = (words) => words.charAt(0).toUpperCase() + words.slice(1).toLowerCase();

/** Three significant digits without zeros at the end. */
const short = (value) => String(Number(value.toPrecision(3)));

export const how_many = (number, noun) => {
  const word = NUMBERS[number] ?? String(number);
  return number === 1 ? `${word} ${noun}` : `${word} ${noun}s`;
};

export const percent = (share) => {
  if (share > 0 && share < 0.005) return "under 1 %";
  if (share >= 0.995 && share < 1) return "over 99 %";
  return `${fixed(share * 100, 0)}${NARROW}%`;
};

export const short_percent = (share) => percent(share).replace("under ", "<").replace("over ", ">");

export const tilt = (roll) => {
  const degrees = Number(fixed(Math.abs(roll), 0));
  return degrees === 0 ? "0°" : `${degrees}° to the ${roll > 0 ? "right" : "left"}`;
};

export const size = (width, height) => `${width}\u00a0×\u00a0${height}`;

export const FILTERS = {
  how_many,
  percent,
  short_percent,
  tilt,
  size,
  file_size: (bytes) => `${fixed(bytes / 1e6, 1)}\u00a0MB`,
  megabytes: (bytes) => `${short(bytes / MEBIBYTE)} MB`,
  in_ten: (share) => {
    if (share > 0.94) return "more than 9 in 10";
    return share >= 0.06 ? `about ${fixed(share * 10, 0)} in 10` : "hardly any";
  },
  thousands: (value) => value === null || value === undefined ? "–" : String(value).replace(/\B(?=(\d{3})+$)/g, ","),
};
