// The steps of one face, as the macros of _inside.html take them: webapp/presenters/{pipeline,inside}.py in the browser.
import {adjective, answerOf, fill} from "./present.js";
import {FILTERS, fixed, how_many, percent, short_percent, size, tilt} from "./words.js";

/** A step's facts, filled in; those that need something that is not given are left out. */
const factsOf = (kit, kind, given) =>
  kit.words.steps[kind].facts.map(([name, pattern]) => [name, fill(pattern, given)]).filter(([, value]) => !value.includes("{"));

/**
 * The steps of a face: `card` is what presentFace made of it, `inner` what the network computed (feature_maps.js),
 * `photo` {size, faces} the photo's size and how many faces the picture of the boxes marks. `pictures` are {source, width,
 * height}: open, find, cut, align and weigh as [large, small], before, input, filters, blocks [{few, every, mean}], and
 * expressions by label.
 */
export function presentSteps(face, card, inner, photo, pictures, kit) {
  const words = kit.words.steps;
  const image = (picture, alt, given = {}) => ({...picture, alt: fill(alt, given)});
  const shown = (kind, given, facts) => ({
    anchor: kind,
    facts: factsOf(kit, kind, facts),
    image: image(pictures[kind][0], words[kind].alt, given),
    thumbnail: image(pictures[kind][1], ""),
  });
  const count = how_many(1, "face");
  const box = {score: percent(face.score), width: fixed(face.box[2], 0), height: fixed(face.box[3], 0)};
  const side = fixed(face.square[2], 0);
  const steps = [
    shown("open", {}, {size: size(...photo.size)}),
    shown("find", {count}, {count, ...box}),
    shown("cut", {}, {size: size(side, side)}),
    shown("align", {}, {tilt: tilt(face.roll)}),
    shrink(pictures, image, kit),
    ...blocks(face, inner, pictures, shown, image, kit),
    {anchor: "decide", facts: factsOf(kit, "decide", {most: fixed(Math.max(...face.logits), 2), least: fixed(Math.min(...face.logits), 2)})},
    {anchor: "why", facts: [], expressions: expressions(card, pictures, image, kit)},
  ];
  return {steps, face: card, metadata: kit.model.metadata, views: 1};
}

/**
 * A face before and after a part of it was covered: webapp/presenters/covered.py. `before` and `after` are answers of
 * the worker, `part` the part's name (null: the brush alone), `share` how much of the picture is covered.
 */
export function presentCover(part, share, before, after, kit) {
  const {parts, unsure, alt} = kit.words.cover;
  const [first, second] = [before, after].map(({shares, covered}) => answerOf(shares, kit, covered).prediction);
  const brief = ({emotion, confident}) => confident ? adjective(kit, emotion) : fill(unsure, {word: adjective(kit, emotion)});
  return {
    parts: part ? [parts[part]] : [],
    share: percent(share),
    alt,
    before: brief(first),
    after: brief(second),
    turned: first.emotion !== second.emotion,
    noticed: second.covered === null ? "" : percent(second.covered),
    rows: kit.model.order.map((label) => {
      const [{name: tone, letter}, place] = [kit.model.tones[label], kit.model.labels.indexOf(label)];
      const [was, is] = [before.shares[place], after.shares[place]];
      const told = {before_percent: short_percent(was), after_percent: short_percent(is), change: change(is - was, kit)};
      return {label: adjective(kit, label), tone, letter, ...told};
    }),
  };
}

/** Percentage points with a sign; "" for less than one. */
function change(difference, kit) {
  if (Math.abs(difference) < kit.constants.least_change) return "";
  return `${difference > 0 ? "+" : "\u2212"}${fixed(Math.abs(100 * difference), 0)}`;
}

function shrink(pictures, image, kit) {
  const words = kit.words.steps.shrink;
  const {width, height} = pictures.input;
  const given = image(pictures.input, words.alt, {columns: width, rows: height});
  return {
    anchor: "shrink",
    facts: factsOf(kit, "shrink", {count: FILTERS.thousands(width * height)}),
    slider: {before: image(pictures.before, words.more), after: given},
    thumbnail: given,
  };
}

/** The steps inside the network: its first filters, each block's maps, and the attention where it is. */
function blocks(face, {filters, blocks: all}, pictures, shown, image, kit) {
  const {filters: words, block: told} = kit.words.steps;
  const steps = [{
    anchor: "filters",
    facts: factsOf(kit, "filters", {count: filters.count, size: size(filters.columns, filters.rows)}),
    maps: {count: filters.count, few: image(pictures.filters, words.alt, filters), every: null},
  }];
  all.forEach(({count, rows, columns}, i) => {
    const {few, every, mean, strongest} = pictures.blocks[i];
    const given = {few: strongest, count, number: i + 1, face: face.number};
    steps.push({
      anchor: `block-${i + 1}`,
      facts: factsOf(kit, "block", {count, size: size(columns, rows)}),
      maps: {count, few: image(few, told.alt, given), every: image(every, told.more, given)},
      thumbnail: image(mean, ""),
    });
    if (i + 1 === kit.constants.weighed_after && face.attention) {
      const side = Math.round(Math.sqrt(face.attention.length));
      steps.push(shown("weigh", {}, {size: size(side, side)}));
    }
  });
  return steps;
}

function expressions({prediction}, pictures, image, kit) {
  const shares = Object.fromEntries(prediction.ranked());
  return kit.model.order.map((label) => {
    const word = adjective(kit, label);
    return {
      label: word,
      percent: short_percent(shares[label]),
      top: label === prediction.emotion,
      image: image(pictures.expressions[label], kit.words.steps.why.alt, {word}),
    };
  });
}
