// The contact sheet of a group, as the macros take it: webapp/presenters/sheet.py and results.py in the browser.
import {adjective, answerOf, fill} from "./present.js";
import {capitalized, how_many} from "./words.js";

const [UNSURE, FAINT, ALL] = ["unsure", "faint", "all"];

/** The rows of a photo's faces by number, of its result (save.js); `thumbnails` has {source, width, height} by number. */
export function rowsOf(result, thumbnails, kit) {
  return [...result.faces].sort((a, b) => a.number - b.number).map((face) => {
    const {ten} = answerOf(kit.model.labels.map((label) => face.probabilities[label]), kit);
    const {name: tone, letter} = kit.model.tones[face.emotion];
    return {
      photo: 1,
      number: face.number,
      key: `1-${face.number}`,
      anchor: `photo-1-face-${face.number}`,
      name: result.photo,
      label: face.emotion,
      confident: face.confident,
      confidence: face.confidence,
      ten, tone, letter,
      faint: face.faint,
      pointed: face.source !== "detected",
      warnings: [...face.quality.warnings, ...(face.looks_covered ? ["covered"] : [])],
      thumbnail: {...thumbnails.get(face.number), alt: ""},
      kind: face.faint ? FAINT : face.confident ? face.emotion : UNSURE,
      brief: face.confident ? adjective(kit, face.emotion) : "not sure",
    };
  });
}

/** The rows of faces that are not of the background. */
export const clearOf = (rows) => rows.filter(({faint}) => !faint);

/** The keys of the faces whose cards are open when nobody has asked: at most two clear ones. */
export function openedAtFirst(rows, kit) {
  const clear = clearOf(rows);
  if (clear.length > kit.constants.cards_at_once) return [];
  return (clear.length ? clear : rows.slice(0, 1)).map(({key}) => key);
}

/** The results page of one photo: `photo` as presentPhoto makes it, with its rows as `faces` and its open `cards`. */
export function presentResults(photo, kit) {
  const clear = clearOf(photo.faces);
  const needed = clear.length > kit.constants.cards_at_once || clear.length < photo.faces.length;
  const sheet = needed ? presentSheet(photo.faces, kit) : null;
  const cardOf = (key) => photo.cards.find(({number}) => `1-${number}` === key) ?? null;
  return {
    title: titleOf(photo, clear, sheet, kit),
    summary: [sheet && !sheet.folded ? "" : photo.summary, sheet?.summary].filter(Boolean).join(" "),
    photos: [photo],
    single: true,
    sheet,
    model: kit.model,
    open_key: sheet?.rows.find(({key}) => cardOf(key))?.key ?? "",
    card: cardOf,
  };
}

function titleOf(photo, clear, sheet, kit) {
  if (sheet && !sheet.folded) return sheet.title;
  if (clear.length !== 2) return photo.title;
  const {pair} = kit.words;
  const [one, other] = [...clear].sort((a, b) => b.confident - a.confident);
  if (!one.confident) return pair.unsure;
  if (!other.confident) return fill(pair.one_unsure, {one: one.brief});
  return fill(one.brief === other.brief ? pair.alike : pair.differ, {one: clear[0].brief, other: clear[1].brief});
}

/** The sheet of some rows, in the order of their numbers; where all clear faces have cards, only of the background. */
export function presentSheet(rows, kit) {
  const {sheet: words} = kit.words;
  const clear = clearOf(rows).length;
  const folded = clear > 0 && clear <= kit.constants.cards_at_once;
  const everyone = countsOf(rows);
  const listed = folded ? rows.filter(({faint}) => faint) : rows;
  const entry = (kind, count) =>
    ({kind, count, words: fill(kind === ALL ? words.all : words.tally[kind], {count}), chosen: kind === ALL});
  return {
    title: tallied(everyone, kit),
    summary: folded ? background(everyone.get(FAINT), words) : summaryOf(everyone, words),
    rows: listed,
    tally: [entry(ALL, listed.length), ...kindsOf(countsOf(listed)).map(([kind, count]) => entry(kind, count))],
    sort: "face",
    show: ALL,
    total: listed.length,
    several: false,
    folded,
    sorted_by: (column) => (column === "face" ? "ascending" : "none"),
    next_sort: (column) => ({face: "-face", sure: "-sure"})[column] ?? column,
  };
}

function countsOf(rows) {
  const counts = new Map();
  for (const {kind} of rows) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

/** What there is, the most frequent answer first, then what is unsure and what is faint: [kind, count]. */
function kindsOf(counts) {
  const answers = [...counts].filter(([kind]) => kind !== UNSURE && kind !== FAINT).sort((a, b) => b[1] - a[1]);
  return [...answers, ...[UNSURE, FAINT].filter((kind) => counts.has(kind)).map((kind) => [kind, counts.get(kind)])];
}

const sum = (counts) => counts.reduce((total, [, count]) => total + count, 0);

function tallied(counts, kit) {
  const {sheet: words} = kit.words;
  const kinds = kindsOf(counts);
  const clear = sum(kinds.filter(([kind]) => kind !== FAINT));
  const named = kinds.filter(([kind]) => kind !== FAINT || !clear);
  const faces = capitalized(how_many(clear || sum(kinds), "face"));
  if (named.length === 1 && clear > 1) {
    const [[kind]] = named;
    if (kind === UNSURE) return fill(words.none_clear, {faces});
    return fill(clear === 2 ? words.both : words.alike, {count: how_many(clear, "face").split(" ")[0], word: adjective(kit, kind)});
  }
  return fill(words.title, {faces, said: named.map(([kind, count]) => fill(words.tally[kind], {count})).join(", ")});
}

function summaryOf(counts, words) {
  const [unsure, faint] = [counts.get(UNSURE) ?? 0, counts.get(FAINT) ?? 0];
  const clear = sum([...counts]) - faint;
  const {none, some, all} = words.summary;
  const count = how_many(unsure, "face").split(" ")[0];
  const said = unsure && unsure === clear ? all : unsure ? fill(some, {count}) : none;
  return faint ? `${said} ${background(faint, words)}` : said;
}

function background(faint, {background: {one, many}}) {
  return faint === 1 ? one : fill(many, {count: capitalized(how_many(faint, "face").split(" ")[0])});
}
