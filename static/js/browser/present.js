// What the worker read, as the results page's macros take it: webapp/presenters/{faces,photo,confidence}.py in the
// browser. The sentences are the server's own, from the kit (webapp/presenters/in_browser/kit.py).
import {marksOf} from "./marks.js";
import {Templates} from "./templates.js";
import {fixed, how_many, short_percent, size} from "./words.js";

/** Fill {name} in a pattern. */
export const fill = (pattern, values) => pattern.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

export const adjective = (kit, label) => kit.words.adjectives[label] ?? label;

/** The kit's templates, with the names that they know everywhere; those of a file that is saved are not in_browser. */
export function templatesOf(kit, inBrowser = true) {
  const {limits, nearly_level, explainable, inside} = kit.constants;
  const known = {limits, nearly_level, explainable, inside, in_browser: inBrowser};
  return new Templates(kit.templates, known, {adjective: (label) => adjective(kit, label)});
}

/** Labels with their shares, most probable first; of equal ones in the order of the labels. */
export const ranked = (labels, shares) =>
  labels.map((label, place) => [label, shares[place]]).sort((a, b) => b[1] - a[1]);

/** How many of ten people are expected to choose each label: model/output/votes.py, by the largest remainder. */
export function outOfTen(order) {
  const exact = order.map(([, share]) => 10 * share);
  const counts = exact.map((number) => Math.trunc(number + 1e-6));
  const sum = (values) => values.reduce((total, each) => total + each, 0);
  const left = Math.max(0, Math.min(Number(fixed(sum(exact), 0)), 10) - sum(counts));
  const byRemainder = counts.map((_, place) => place).sort((a, b) => (counts[a] - exact[a]) - (counts[b] - exact[b]));
  for (const place of byRemainder.slice(0, left)) if (exact[place] - counts[place] >= 0.5 - 1e-6) counts[place] += 1;
  return order.map(([label], place) => [label, counts[place]]).filter(([, count]) => count);
}

/** Ten people in groups, as they are drawn: the largest first, and last those who are split among the rest. */
function tenPeople(people, {model: {tones, nobody}, ...kit}) {
  const groups = people.map(([label, count]) =>
    ({count, label: adjective(kit, label), tone: tones[label].name, letter: tones[label].letter}));
  const left = 10 - groups.reduce((sum, {count}) => sum + count, 0);
  return left ? [...groups, {count: left, label: "", tone: nobody, letter: ""}] : groups;
}

/** Whether the two highest are too close to call, in whole percent as they are shown. */
export function tooClose(order, kit) {
  const [first, second] = [...order.map(([, share]) => share), 0, 0];
  return Number(fixed(first - second, 2)) <= kit.constants.too_close;
}

/** What the model answered for one face, with what is said of it but the pictures. */
export function answerOf(shares, kit, covered = null) {
  const {labels, threshold, target, covered_threshold: coveredFrom, order: bars, tones, nobody} = kit.model;
  const order = ranked(labels, shares);
  const [emotion, confidence] = order[0];
  const looksCovered = covered !== null && coveredFrom !== null && covered >= coveredFrom;
  const prediction = {
    emotion, confidence, threshold, target, covered, labels, covered_threshold: coveredFrom, looks_covered: looksCovered,
    confident: confidence >= threshold,
    probabilities: Array.from(shares),
    ranked: () => order,
  };
  let cover = "unknown";
  if (looksCovered) cover = "covered";
  else if (covered !== null && coveredFrom !== null && covered < kit.constants.clearly_free * coveredFrom) cover = "free";
  const votes = target === "people_votes";
  const people = votes ? outOfTen(order) : [];
  const [, second] = order;
  const close = second && confidence - second[1] <= kit.constants.close;
  return {
    prediction, cover, people, threshold,
    confident: prediction.confident,
    too_close: tooClose(order, kit),
    ten: votes ? tenPeople(people, kit) : [],
    tone: prediction.confident ? tones[emotion].name : nobody,
    letter: tones[emotion].letter,
    rivals: order.slice(0, 2).map(([label]) => adjective(kit, label)),
    runner_up: !votes && close ? second : null,
    brief: prediction.confident ? adjective(kit, emotion) : "not sure",
    probabilities: bars.map((label) => {
      const share = shares[labels.indexOf(label)];
      const {name: tone, letter} = tones[label];
      return {label: adjective(kit, label), name: label, value: Number(fixed(share, 4)), percent: short_percent(share), top: label === emotion, tone, letter};
    }),
  };
}

/** How often answers like this one were right, as webapp/presenters/confidence.py chooses it. */
function recordOf(confidence, kit) {
  const {photos, by_confidence: alike, confident} = kit.model.record;
  const {bins, min_answers: least, min_answers_in_bin: leastAlike} = kit.constants;
  if (photos && photos.answers >= least) return photos;
  const same = alike[Math.min(Math.trunc(confidence * bins), bins - 1)];
  if (same && same.answers >= leastAlike) return same;
  return confident && confident.answers >= least ? confident : null;
}

/** A stage with its words; `image` is {source, width, height}. */
function stage(kind, image, values, kit, pixelated = false) {
  const {name, note, alt} = kit.words.stages[kind];
  return {name, note: fill(note, values), image: {...image, alt: fill(alt, values)}, pixelated};
}

/**
 * The card of one face. `pictures` holds the images of its stages, {source, width, height}: crop, aligned (where it was
 * turned), input, attention (where the model has it), thumbnail.
 */
export function presentFace(face, pictures, kit, prefix = "photo-1-") {
  const answer = answerOf(face.shares, kit, face.covered ?? null);
  const values = {number: face.number};
  const side = fixed(face.square[2], 0);
  const strip = [stage("crop", pictures.crop, {...values, size: size(side, side)}, kit)];
  if (pictures.aligned) {
    const turn = {degrees: fixed(Math.abs(face.roll), 0), side: face.roll > 0 ? "left" : "right"};
    strip.push(stage("aligned", pictures.aligned, {...values, ...turn}, kit));
  }
  const grays = {size: size(pictures.input.width, pictures.input.height), columns: pictures.input.width, rows: pictures.input.height};
  strip.push(stage("input", pictures.input, {...values, ...grays}, kit, true));
  if (pictures.attention) strip.push(stage("attention", pictures.attention, values, kit));
  const pointed = face.source !== "detected";
  const known = answer.confident && !answer.prediction.looks_covered && !pointed;
  return {
    ...answer,
    number: face.number,
    anchor: `${prefix}face-${face.number}`,
    source: face.source,
    pointed,
    faint: face.faint,
    eyes_only: false,
    record: known ? recordOf(answer.prediction.confidence, kit) : null,
    quality: face.quality,
    box: face.box,
    landmarks: face.landmarks,
    stages: strip,
    thumbnail: {...pictures.thumbnail, alt: ""},
    explanation: null,
    movements: [],
  };
}

/** What pointed to a label of a face; `picture` is the face under the map, {source, width, height}. */
export function presentExplanation({number}, label, picture, kit) {
  return {label, image: {...picture, alt: fill(kit.words.explanation, {number, word: adjective(kit, label)})}};
}

/** The facts worth a word of what a face does: webapp/presenters/movements.py. */
export function presentMovements(movements, kit) {
  const {clearly} = kit.constants;
  return movements.filter(({share}) => share >= clearly || share <= 1 - clearly).map(({name, value, share}) => {
    const above = name === "turned" ? value > 0 : share > 0.5;
    const said = kit.words.movements[name][above ? "above" : "below"];
    const count = Math.min(Math.trunc(100 * (share > 0.5 ? share : 1 - share) + 1e-6), 99);
    return said && {words: said.words, size: fill(said.size, {count, degrees: fixed(Math.abs(value), 0)})};
  }).filter(Boolean);
}

/** What was not looked for or not kept, as model/output/limits.py says it. */
export function limitsOf(read, kit) {
  const said = [];
  const {left_out: leftOut, smallest_face: smallest, undone} = read.limits;
  if (leftOut) said.push(fill(kit.words.left_out, {kept: read.faces.length}));
  if (undone.length) {
    const looks = undone.map((name) => kit.words.undone[name] ?? name);
    said.push(fill(kit.words.too_long, {looks: [looks.slice(0, -1).join(", "), looks.at(-1)].filter(Boolean).join(" and ")}));
  }
  if (smallest !== null && smallest > kit.constants.without_mention) {
    said.push(fill(kit.words.smallest, {smallest: fixed(smallest, 0)}));
  }
  return said;
}

function summaryOf(faces, kit) {
  const unsure = faces.filter((face) => !face.confident).length;
  const asked = kit.words.summaries[faces.length];
  if (asked) return asked[unsure];
  const {none, some, all} = kit.words.summary;
  const pattern = unsure === 0 ? none : unsure === faces.length ? all : some;
  return fill(pattern, {count: faces.length, unsure});
}

/** The kind of a look, as the kit has its phrases. */
function kindOf({rotation, upscaled, low_threshold: faint, tiles}) {
  if (faint) return "faint";
  if (upscaled) return "upscaled";
  if (tiles) return "tiles";
  return rotation % 90 ? "leaning" : String(rotation);
}

/** What was tried where no face was found: a phrase for each kind of look, in their order. */
function triedOf(read, kit) {
  const found = new Map();
  for (const look of read.tried) found.set(kindOf(look), (found.get(kindOf(look)) ?? 0) + look.faces);
  return [...found].map(([kind, faces]) => kit.words.tried[kind][faces ? 1 : 0]);
}

/** Where a box can be drawn for what was missed, in the pixels of the photo's `result`; it begins where `face` is. */
function regionOf(read, result, face, kit) {
  const {width, height} = result;
  const side = Math.max(1, Math.round(0.6 * Math.min(width, height)));
  const center = [Math.floor((width - side) / 2), Math.floor((height - side) / 2), side, side];
  const least = Math.ceil(kit.constants.least_region * Math.max(width, height) / Math.max(read.width, read.height));
  return {width, height, least: Math.min(least, width, height), box: face ? face.box.map(Math.round) : center, error: ""};
}

/**
 * The view of one photo: `rows` are all its faces (group.js), `cards` those that are in the page, `image` the plain photo,
 * `result` what save.js makes of it.
 */
export function presentPhoto(read, rows, cards, image, result, kit) {
  const clear = rows.filter((row) => !row.faint);
  const told = clear.length ? clear : rows;
  const count = told.length;
  const pointed = count > 0 && rows.every((row) => row.pointed);
  const {title, summary} = kit.words.pointed;
  const alone = clear.length === 1 && !clear[0].pointed ? clear[0].number : 0;
  const clearCards = cards.filter((card) => clear.some(({number}) => number === card.number));
  return {
    anchor: "photo-1",
    number: 1,
    name: result.photo,
    title: pointed ? title : kit.words.titles[count] ?? fill(kit.words.title, {count}),
    summary: pointed ? summary : summaryOf(told, kit),
    rotated: kit.words.rotated[read.rotation],
    truncated: result.warnings.includes("truncated"),
    image: {...image, alt: altOf(rows.length, pointed)},
    marks: marksOf(rows, result, [image.width, image.height], kit.model.nobody),
    wide: count > 0 && read.width > kit.constants.wide * read.height,
    alone: cards.find(({number}) => number === alone) ?? null,
    faces: rows,
    cards,
    clear_cards: clearCards.length ? clearCards : cards,
    limits: limitsOf(read, kit),
    tried: rows.length ? [] : triedOf(read, kit),
    region: regionOf(read, result, pointed ? result.faces[0] : null, kit),
    timings: `Read in this browser in ${fixed(read.ms / 1000, 1)} s`,
    error: "",
  };
}

function altOf(count, pointed) {
  if (pointed) return "The photo, with the part that was read marked";
  return count ? `The photo, with ${how_many(count, "face")} marked` : "The photo";
}
