// Marks on a photo, as the macros draw them: webapp/presenters/marks.py. tests/node holds both to the same figures.
import {fixed} from "./words.js";

const [TEXT, SMALLEST_TEXT, BY_BOX, LETTER, PAD, FEW] = [0.036, 0.024, 0.26, 0.56, 0.4, 3];

const tenth = (value) => Number(fixed(value, 1));

/** The marks on a picture of `size`, [width, height]: of rows (group.js), whose places are in the photo's result (save.js). */
export function marksOf(faces, result, size, nobody) {
  const scale = [size[0] / result.width, size[1] / result.height];
  const told = new Map(result.faces.map((face) => [face.number, face]));
  return faces.map((row) => {
    const {box: [x, y, width, height], landmarks} = told.get(row.number);
    const box = [tenth(x * scale[0]), tenth(y * scale[1]), tenth(width * scale[0]), tenth(height * scale[1])];
    return {
      anchor: `${row.anchor}-mark`,
      card: row.anchor,
      words: `Face ${row.number}: ${row.brief}`,
      tone: row.confident ? row.tone : nobody,
      letter: row.confident ? row.letter : "",
      box,
      points: Object.values(landmarks).map(([a, b]) => [tenth(a * scale[0]), tenth(b * scale[1])]),
      plate: plateOf(row, box, size, faces.length),
    };
  });
}

/** The plate above the box, or inside where the photo ends; small boxes of many get the number only. */
function plateOf({number, brief, confident: sign}, box, size, faces) {
  const longest = Math.max(...size);
  const text = Math.min(TEXT * longest, Math.max(SMALLEST_TEXT * longest, BY_BOX * box[2]));
  const called = faces === 1 ? "" : String(number);
  const room = (words) => (words.length * LETTER + 2 * PAD + (sign ? 1.6 : 0)) * text;
  const both = `${called} ${brief}`.trim();
  const words = faces <= FEW || room(both) <= 1.25 * box[2] ? both : called;
  const width = room(words);
  const height = (1 + 1.4 * PAD) * text;
  const left = Math.min(Math.max(0, box[0]), Math.max(0, size[0] - width));
  const top = Math.min(Math.max(0, box[1] - height), Math.max(0, size[1] - height));
  return {text: words, sign, x: tenth(left), y: tenth(top), width: tenth(width), height: tenth(height), size: tenth(text)};
}
