// Fill in the site's macros as a page does: reads {kit, photos: [{read, name, size}]} from stdin, and writes each
// photo's parts as JSON: the cards' HTML by number, and what presentPhoto says of the whole.
import {readFileSync} from "node:fs";

import {openedAtFirst, presentResults, rowsOf} from "../../static/js/browser/group.js";
import {presentExplanation, presentFace, presentMovements, presentPhoto, templatesOf} from "../../static/js/browser/present.js";
import {asCsv, asPage, photoResult, photoRows} from "../../static/js/browser/save.js";
import {presentCover, presentSteps} from "../../static/js/browser/steps.js";
import {STRONGEST} from "../../static/js/browser/tiles.js";

const {kit, photos, measured, looked, covers} = JSON.parse(readFileSync(0));
const {nearly_level} = kit.constants;
const templates = templatesOf(kit);
const picture = (width = 1, height = width) => ({source: "data:,", width, height});

const told = photos.map(({read, name, size}) => {
  const faces = [...read.faces].sort((a, b) => a.number - b.number);
  const cards = faces.map((face) => {
    const aligned = Math.abs(face.roll) > nearly_level ? picture() : null;
    const pictures = {crop: picture(), aligned, input: picture(48), attention: picture(), thumbnail: picture()};
    return presentFace(face, pictures, kit);
  });
  const result = photoResult(read, name, kit);
  const rows = rowsOf(result, new Map(), kit);
  const opened = openedAtFirst(rows, kit);
  const shown = cards.filter(({number}) => opened.includes(`1-${number}`));
  const photo = presentPhoto(read, rows, shown, picture(...size), result, kit);
  const {title, summary, limits: said, tried, rotated, wide, marks, truncated} = photo;
  const results = presentResults(photo, kit);
  const explained = cards.map((face) => {
    const label = kit.model.labels.at(face.number % kit.model.labels.length);
    return {...face, explanation: presentExplanation(face, label, picture(240), kit)};
  });
  return {
    cards: cards.map((face) => templates.render("_card.html", "face_card", face, 3, "")),
    explained: explained.map((face) => templates.render("_card.html", "explain", face, "")),
    photo: {title, summary, limits: said, tried, rotated, wide, marks, truncated},
    found: templates.render("_found.html", "faces", results, photo, 3, ""),
    heading: {title: results.title, summary: results.summary, alone: photo.alone?.number ?? null},
    page: asPage(presentResults(presentPhoto(read, rows, cards, picture(...size), result, kit), kit), kit, "https://faces.example"),
    whole: templates.render(kit.card, "result", results),
    result,
    csv: asCsv(photoRows(result, kit)),
  };
});
/** The steps of one face, as its page has them. */
const steps = looked.map(({face, inner, size, name}) => {
  const card = presentFace(face, {crop: picture(), aligned: null, input: picture(48), attention: picture(), thumbnail: picture()}, kit);
  const pair = [picture(), picture()];
  const pictures = {
    open: pair, find: pair, cut: pair, align: pair, weigh: pair, before: picture(), input: picture(48), filters: picture(),
    blocks: inner.blocks.map(({count}) => ({few: picture(), every: picture(), mean: picture(), strongest: Math.min(STRONGEST, count)})),
    expressions: Object.fromEntries(kit.model.labels.map((label) => [label, picture()])),
  };
  return templates.render(kit.card, "look", presentSteps(face, card, inner, {size}, pictures, kit), name);
});
const covered = covers.map(({part, share, before, after}) =>
  templates.render("_inside.html", "comparison", presentCover(part, share, before, after, kit)));
process.stdout.write(JSON.stringify({covered, steps, photos: told, movements: measured.map((each) => presentMovements(each, kit))}));
