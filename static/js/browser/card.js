// A card to post, on a canvas as webapp/presenters/share_card.py draws it; its words, sizes and colours are the kit's.
import {canvasOf, fitted} from "./pictures.js";

// Where the mouths are drawn: x, y, width, height.
const MOUTHS = {happy: [6.8, 8.5, 10.4, 10.4], surprise: [9.6, 13.2, 4.8, 6], sad: [8, 15, 8, 6], angry: [8, 15.4, 8, 4]};
const BENT = {neutral: [0, 0, 0, 0], fear: [0, -1.6, 0, -1.6], disgust: [0, -2, 0.6, -1.4]};
const LINE = 1.7;

/**
 * The card as PNG, a Blob. `pictures` are [canvas, caption], the large one first; one alone is a group's photo. `ten`
 * are ten people in groups, and `detail` what the model expects; both may be empty.
 */
export function cardToPost({title, detail, ten, pictures}, shape, {post, model: {nobody}}) {
  const canvas = canvasOf(...post.sizes[shape]);
  const pen = canvas.getContext("2d");
  pen.fillStyle = post.paper;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  const [left, start, room] = (pictures.length > 1 ? pasteFace : pasteGroup)(pen, pictures, shape, post);
  let top = wrapped(pen, [left, start], title, {size: 60, color: post.text, bold: true}, room);
  if (detail) top = wrapped(pen, [left, top + 6], detail, {size: 27, color: post.muted}, room);
  if (ten.length) {
    const step = Math.min(66, Math.floor(room / 10));
    const people = ten.flatMap(({count, tone}) => Array(count).fill(tone));
    people.forEach((tone, place) => figure(pen, [left + place * step, top + 16], step, tone, post, nobody));
    const words = ten.map(({count, label}) => `${count} ${label || post.rest}`).join(", ");
    wrapped(pen, [left, top + 30 + Math.round(1.35 * step)], words, {size: 24, color: post.text}, room);
  }
  const small = {size: 18, color: post.muted};
  const noteTop = canvas.height - post.margin - (lengthOf(pen, post.note, small) > room ? 44 : 22);
  write(pen, left, noteTop - 22, post.site, {size: 30, color: post.text, bold: true});
  wrapped(pen, [left, noteTop], post.note, small, room);
  return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/png"));
}

/** The pictures of a face; returns left edge, top and width of the room for the words. */
function pasteFace(pen, pictures, shape, {margin, muted}) {
  const wide = shape === "wide";
  const [large, small] = wide ? [330, 156] : [474, 218];
  paste(pen, pictures[0][0], [margin, margin], large);
  pictures.slice(1, 3).forEach(([picture, caption], place) => {
    const left = wide ? margin + place * (large - small) : margin + large + 22;
    const top = wide ? margin + large + 18 : margin + place * (large - small);
    paste(pen, picture, [left, top], small);
    if (wide) write(pen, left + small / 2, top + small + 14, caption, {size: 16, color: muted, align: "center"});
    else write(pen, left + small + 14, top + small / 2, caption, {size: 20, color: muted});
  });
  if (!wide) return [margin, margin + large + 36, pen.canvas.width - 2 * margin];
  const left = margin + large + 56;
  return [left, margin, pen.canvas.width - left - margin];
}

/** The photo of a group, as pasteFace. */
function pasteGroup(pen, [[picture]], shape, {margin}) {
  const {width, height} = pen.canvas;
  const box = shape === "wide" ? [620, height - 2 * margin] : [width - 2 * margin, 640];
  const scale = Math.min(box[0] / picture.width, box[1] / picture.height);
  const size = [picture.width, picture.height].map((each) => Math.max(1, Math.round(each * scale)));
  pen.imageSmoothingQuality = "high";
  pen.drawImage(picture, margin, margin, ...size);
  if (shape !== "wide") return [margin, margin + size[1] + 36, width - 2 * margin];
  const left = margin + size[0] + 44;
  return [left, margin, width - left - margin];
}

/** A square picture; the network's few pixels stay pixels. */
function paste(pen, picture, [left, top], side) {
  const few = picture.height < Math.floor(side / 2);
  pen.imageSmoothingEnabled = !few;
  pen.imageSmoothingQuality = "high";
  pen.drawImage(few ? picture : fitted(picture, side), left, top, side, side);
  pen.imageSmoothingEnabled = true;
}

/** An oval in a box, or a part of it between two angles in degrees; its line is drawn inside. */
function oval(pen, [x, y, width, height], {fill, line, from = 0, to = 360}) {
  const inset = line ? LINE / 2 : 0;
  pen.beginPath();
  pen.ellipse(x + width / 2, y + height / 2, width / 2 - inset, height / 2 - inset, 0, from * Math.PI / 180, to * Math.PI / 180);
  if (fill) {
    pen.fillStyle = fill;
    pen.fill();
  } else {
    pen.strokeStyle = line;
    pen.stroke();
  }
}

/** One of ten people: shoulders, a head, and the face of the expression. */
function figure(pen, [left, top], step, tone, {tones, other}, nobody) {
  pen.save();
  pen.translate(left, top);
  pen.scale(step / 27, step / 27);
  pen.lineWidth = LINE;
  pen.lineJoin = "round";
  if (tone === nobody) {
    oval(pen, [2.4, 2.4, 19.2, 19.2], {line: other});
    oval(pen, [3.4, 25.4, 17.2, 17.2], {line: other, from: 180});
  } else {
    const fill = tones[tone] ?? other;
    oval(pen, [2.5, 24.4, 19, 21], {fill, from: 180});
    oval(pen, [1.5, 1.5, 21, 21], {fill});
    if (tone in tones) face(pen, tone);
  }
  pen.restore();
}

function face(pen, tone) {
  for (const x of [8.4, 15.6]) oval(pen, [x - 1.2, 8.8, 2.4, 2.4], {fill: "white"});
  const white = {line: "white"};
  if (tone === "happy") oval(pen, MOUTHS.happy, {fill: "white", to: 180});
  else if (tone === "surprise") oval(pen, MOUTHS.surprise, white);
  else if (tone in MOUTHS) oval(pen, MOUTHS[tone], {...white, from: 180});
  else stroke(pen, [7.4, 10, 13, 16.6].map((x, place) => [x, 16.4 + BENT[tone][place]]));
  if (tone !== "angry") return;
  stroke(pen, [[5.8, 6.6], [10, 8.9]]);
  stroke(pen, [[14, 8.9], [18.2, 6.6]]);
}

function stroke(pen, points) {
  pen.strokeStyle = "white";
  pen.beginPath();
  for (const point of points) pen.lineTo(...point);
  pen.stroke();
}

/** Set the page's own font, which has come with it. */
function dress(pen, {size, bold = false}) {
  pen.font = `${bold ? 700 : 400} ${size}px ${getComputedStyle(document.body).fontFamily}`;
}

function lengthOf(pen, text, style) {
  dress(pen, style);
  return pen.measureText(text).width;
}

function write(pen, x, y, text, {size, color, bold, align = "left"}) {
  dress(pen, {size, bold});
  Object.assign(pen, {fillStyle: color, textAlign: align, textBaseline: "middle"});
  pen.fillText(text, x, y);
}

/** A text in lines of at most `room` pixels below a place; returns the y below the last line. */
function wrapped(pen, [left, top], text, style, room) {
  const lines = [""];
  for (const word of text.split(/\s+/)) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (lines.at(-1) && lengthOf(pen, longer, style) > room) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  const high = Math.round(1.2 * style.size);
  lines.forEach((line, place) => write(pen, left, top + place * high + Math.round(0.6 * style.size), line, style));
  return top + lines.length * high;
}
