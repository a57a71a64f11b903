// What the page lets one keep: the API's JSON, the same CSV, a picture, and an HTML file. All of it is made here.
import {adjective, answerOf, ranked, templatesOf} from "./present.js";
import {canvasOf} from "./pictures.js";
import {Markup} from "./templates.js";
import {capitalized, fixed, how_many, percent, plain} from "./words.js";

const FORMULA = /^['=+\-@\t\r]/;

const rounded = (value, digits) => Number(fixed(value, digits)) + 0;

/** One face as the API gives it: model/output/serialize.py; `scale` is pixels of the file for one of those read. */
export function faceResult(face, kit, scale = 1) {
  const {labels} = kit.model;
  const {prediction} = answerOf(face.shares, kit, face.covered ?? null);
  const {quality} = face;
  return {
    number: face.number,
    box: face.box.map((each) => rounded(scale * each, 1)),
    score: rounded(face.score, 6),
    landmarks: Object.fromEntries(Object.entries(face.landmarks).map(([name, place]) => [name, Array.from(place, (each) => rounded(scale * each, 1))])),
    emotion: prediction.emotion,
    confidence: rounded(prediction.confidence, 6),
    confident: prediction.confident,
    probabilities: Object.fromEntries(labels.map((label, place) => [label, rounded(face.shares[place], 6)])),
    source: face.source,
    faint: face.faint,
    quality: {
      face_size: rounded(scale * quality.face_size, 1),
      sharpness: rounded(quality.sharpness, 3),
      brightness: rounded(quality.brightness, 1),
      contrast: rounded(quality.contrast, 1),
      roll: rounded(quality.roll, 1),
      evenness: rounded(quality.evenness, 3),
      warnings: quality.warnings,
    },
    covered: prediction.covered === null ? null : rounded(prediction.covered, 6),
    looks_covered: prediction.covered === null ? null : prediction.looks_covered,
  };
}

/** A photo as the API gives it; largest face first. */
export function photoResult(read, name, kit) {
  const {name: model, version, target} = kit.model;
  const {smallest_face: smallest, left_out: leftOut, undone} = read.limits;
  const [across, down] = read.rotation % 180 ? [...read.full_size].reverse() : read.full_size;
  const scale = Math.max(across, down) / Math.max(read.width, read.height);
  return {
    photo: name,
    width: across,
    height: down,
    faces: read.faces.map((face) => faceResult(face, kit, scale)),
    timings_ms: read.timings,
    model: {name: model, version, target},
    turn: read.rotation,
    warnings: read.truncated ? ["truncated"] : [],
    smallest_face: smallest ? rounded(scale * smallest, 1) : null,
    left_out: leftOut,
    undone,
  };
}

export const asJson = (value) => `${JSON.stringify(value, null, 2)}\n`;

/** Rows as CSV (RFC 4180); no text of it is a formula to a spreadsheet. With a byte order mark, for spreadsheets. */
export function asCsv(rows) {
  const cell = (value) => {
    if (value === null || value === undefined) return "";
    if (typeof value === "number") return plain(value);
    const text = typeof value === "string" && FORMULA.test(value) ? `'${value}` : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return `\ufeff${rows.map((row) => row.map(cell).join(",")).join("\n")}\n`;
}

/** The rows of one photo with their header: model/output/tables.py. */
export function photoRows(result, kit) {
  const {labels} = kit.model;
  const header = ["photo", "face", "x", "y", "width", "height", "score", "emotion", "confidence", "confident", ...labels, "model", "error", "target", "covered", "truncated"];
  const truncated = result.warnings.includes("truncated");
  const {name, target} = result.model;
  if (!result.faces.length) {
    return [header, [result.photo, ...Array(9 + labels.length).fill(null), name, null, target, null, truncated]];
  }
  const faces = [...result.faces].sort((a, b) => a.number - b.number);
  return [header, ...faces.map((face) => [
    result.photo, face.number, ...face.box, face.score, face.emotion, face.confidence, face.confident,
    ...labels.map((label) => face.probabilities[label]), name, null, target, face.covered, truncated,
  ])];
}

/**
 * A result with its cards as one HTML file that needs nothing else: webapp/blueprints/downloads.py. `results` is as
 * presentResults makes it; links lead to the site, `origin`, from wherever the file lies.
 */
export function asPage(results, kit, origin) {
  const {template, styles, site} = kit.saved;
  const told = {...results, model: kit.model.name, version: kit.model.version};
  const page = templatesOf(kit, false).page(template, {results: told, styles: new Markup(styles), site_name: site});
  return page.replaceAll('href="/', `href="${origin}/`);
}

const WIDTH = 1200;
const MARGIN = 36;
const PANEL = 240;
const COLUMNS = 3;
const MOST = 24;

/** The photo with its boxes, and each face's bars below: a PNG as a Blob. */
export function picture(photo, result, kit) {
  const faces = [...result.faces].sort((a, b) => a.number - b.number);
  const panels = faces.slice(0, MOST);
  const scale = Math.min(1, (WIDTH - 2 * MARGIN) / photo.width);
  const [width, height] = [photo.width * scale, photo.height * scale];
  const canvas = canvasOf(WIDTH, Math.round(84 + height + MARGIN + Math.ceil(panels.length / COLUMNS) * PANEL + 48));
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(photo, (WIDTH - width) / 2, 84, width, height);
  const pointed = faces.length > 0 && faces.every(({source}) => source !== "detected");
  const heading = pointed ? kit.words.picture.pointed : `${capitalized(how_many(faces.length, "face"))} found`;
  write(context, MARGIN, 42, heading, {size: 30, bold: true});
  panels.forEach((face, place) => panel(context, MARGIN + (place % COLUMNS) * (WIDTH - MARGIN) / COLUMNS,
    84 + height + MARGIN + Math.trunc(place / COLUMNS) * PANEL, face, kit));
  const {foot, foot_of_many: footOfMany} = kit.words.picture;
  const note = faces.length > MOST ? footOfMany.replace("{left}", faces.length - MOST) : foot;
  write(context, MARGIN, canvas.height - 24, note, {size: 15, color: "#55666e"});
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

function write(context, x, y, text, {size, color = "#14232a", bold = false, align = "left"}) {
  context.font = `${bold ? 600 : 400} ${size}px sans-serif`;
  context.fillStyle = color;
  context.textAlign = align;
  context.textBaseline = "middle";
  context.fillText(text, x, y);
}

function panel(context, left, top, face, kit) {
  const order = ranked(kit.model.labels, kit.model.labels.map((label) => face.probabilities[label]));
  const {confident, too_close: close} = answerOf(kit.model.labels.map((label) => face.probabilities[label]), kit);
  const word = adjective(kit, face.emotion);
  const answer = confident ? `looks ${word}` : close ? "too close to call" : `not sure, perhaps ${word}`;
  write(context, left, top + 16, `${face.number}  ${answer}`, {size: 20, bold: true});
  order.forEach(([label, share], place) => {
    const row = top + 52 + 24 * place;
    const start = left + 94;
    context.fillStyle = "#e7f0f1";
    context.fillRect(start, row - 7, 200, 15);
    context.fillStyle = place ? "#8fb3ba" : "#0f6573";
    context.fillRect(start, row - 7, Math.round(200 * share), 15);
    write(context, start - 10, row, adjective(kit, label), {size: 16, align: "right"});
    write(context, start + 210, row, percent(share), {size: 16});
  });
}

/** A name without folders and without its ending, as a download may have it. */
export function plainName(name) {
  const stem = name.split(/[\\/]/).pop().replace(/\.[^.]*$/, "").replace(/[^\p{L}\p{N} ._-]+/gu, "-").replace(/^[.\-\s]+/, "").slice(0, 80);
  return stem || "photo";
}

/** Hand a file to the visitor. It never leaves the browser: a data: or blob: address with a name. */
export function handOver(content, name, type) {
  const blob = content instanceof Blob ? content : new Blob([content], {type});
  const address = URL.createObjectURL(blob);
  const link = Object.assign(document.createElement("a"), {href: address, download: name});
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
