// What was read of one photo, shown with the server's macros, and what can be kept of it.
import {Explaining} from "./explaining.js";
import {openedAtFirst, presentResults, rowsOf} from "./group.js";
import {Looking} from "./looking.js";
import {Moving} from "./moving.js";
import {asJpeg, boxesOnPhoto, canvasOf, fitted, picturesOf, turned} from "./pictures.js";
import {Posting} from "./posting.js";
import {presentFace, presentPhoto} from "./present.js";
import {mended} from "../reading/ending.js";
import {orientationLeft, orientationOf} from "../reading/exif.js";
import {asCsv, asJson, asPage, handOver, photoResult, photoRows, picture, plainName} from "./save.js";

// Pixels of the photo's long side in the page, by how many faces it has; smaller ones are shown enlarged.
const SIDES = [[2, 640], [Infinity, 800]];
const SMALLEST = 480;
const BOX = ["x", "y", "width", "height"];
const NOTHING_SEARCHED = {smallest_face: null, left_out: 0, undone: []};
const SHOWN = 2048; // Pixels; the photo is kept no larger for showing it.

/** A photo's file on a canvas, upright as the file says, on white. */
export async function photoOf(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const bitmap = await createImageBitmap(new Blob([(await mended(bytes)).bytes]));
  const scale = Math.min(1, SHOWN / Math.max(bitmap.width, bitmap.height));
  const canvas = canvasOf(Math.max(1, Math.round(bitmap.width * scale)), Math.max(1, Math.round(bitmap.height * scale)));
  const context = canvas.getContext("2d");
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return upright(canvas, await orientationLeft(bytes, orientationOf(bytes)));
}

// The matrix of each EXIF orientation, and by which of the canvas's sides it is moved.
const UPRIGHT = {
  2: [-1, 0, 0, 1, "width", null], 3: [-1, 0, 0, -1, "width", "height"], 4: [1, 0, 0, -1, null, "height"],
  5: [0, 1, 1, 0, null, null], 6: [0, 1, -1, 0, "height", null], 7: [0, -1, -1, 0, "height", "width"],
  8: [0, -1, 1, 0, null, "width"],
};

/** The canvas as an EXIF orientation says, which this browser's decoder has left out. */
function upright(canvas, orientation) {
  if (orientation === 1) return canvas;
  const turned = orientation >= 5 ? canvasOf(canvas.height, canvas.width) : canvasOf(canvas.width, canvas.height);
  const context = turned.getContext("2d");
  context.transform(...UPRIGHT[orientation].map((value) => (typeof value === "string" ? canvas[value] : value ?? 0)));
  context.drawImage(canvas, 0, 0);
  return turned;
}

/** A face's place in the photo, at most `side` pixels: webapp/presenters/sheet.py's _thumbnail. */
function thumbnailOf(canvas, [x, y, width, height], scale, {row_around: around, row_side: small}) {
  const side = Math.min(around * scale * Math.max(width, height), canvas.width, canvas.height);
  const place = (start, length, whole) => Math.min(Math.max(scale * (start + length / 2) - side / 2, 0), whole - side);
  const shown = Math.max(1, Math.min(small, Math.floor(side)));
  const thumbnail = canvasOf(shown, shown);
  const context = thumbnail.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(canvas, place(x, width, canvas.width), place(y, height, canvas.height), side, side, 0, 0, shown, shown);
  return asJpeg(thumbnail);
}

let shown = null; // What ends with the result that is shown.

/** Take a result away, and give up what is being worked on for it. */
export function clear(place) {
  shown?.abort();
  shown = null;
  place.hidden = false;
  place.replaceChildren();
}

/**
 * Fill `place` with what the worker read of a photo. `app` has kit, templates and the reading that can be asked more;
 * `photo` is the file on a canvas, `read.ms` how long it took; `asks` are page.js's. Returns what can be told to
 * measure() the faces, once that can be done.
 */
export function showResult(app, place, read, photo, name, asks) {
  const result = new Result(app, place, {photo: turned(photo, read.rotation), name, asks});
  result.show(read);
  place.querySelector("[data-heading]").focus();
  return result;
}

class Result {
  #app;
  #place;
  #given;
  #cards = new Map(); // By number; made when they are shown.
  #read;
  #moving;

  constructor(app, place, given) {
    this.#app = app;
    this.#place = place;
    this.#given = given;
  }

  /** Show what was read, with the card of the face `opened`, too. */
  show(read, opened = 0) {
    const {kit, templates} = this.#app;
    const {photo, name} = this.#given;
    clear(this.#place);
    shown = new AbortController();
    this.#read = read;
    this.#cards.clear();
    const told = photoResult({...read, timings: {decode: 0, detect: 0, classify: Math.round(read.ms * 10) / 10}}, name, kit);
    const scale = photo.width / told.width;
    const rows = rowsOf(told, new Map(told.faces.map(({number, box}) => [number, thumbnailOf(photo, box, scale, kit.constants)])), kit);
    const open = new Set([...openedAtFirst(rows, kit), `1-${opened}`]);
    const resultsWith = (cards) => presentResults(presentPhoto(read, rows, cards, this.#plain(rows.length), told, kit), kit);
    const cards = rows.filter(({key}) => open.has(key)).map(({number}) => this.#card(number));
    this.#place.innerHTML = templates.render(kit.card, "result", resultsWith(cards));
    this.#wire(told, rows, resultsWith);
    this.measure();
    Object.assign(this.#place.dataset, {ms: read.ms.toFixed(0), networkMs: read.network_ms.toFixed(0)});
  }

  /** Say what the faces do whose cards there are, where that can be measured. */
  measure() {
    return this.#moving.say([...this.#cards.keys()]);
  }

  #face(number) {
    return this.#read.faces.find((each) => each.number === number);
  }

  /** What the macros need for the card of a face. */
  #card(number) {
    if (!this.#cards.has(number)) {
      const face = this.#face(number);
      const side = Math.round(Math.sqrt(face.input.length));
      this.#cards.set(number, presentFace(face, picturesOf(face, this.#app.kit, side), this.#app.kit));
    }
    return this.#cards.get(number);
  }

  /** The photo as the page shows it among so many faces. */
  #plain(faces) {
    const plain = asJpeg(fitted(this.#given.photo, SIDES.find(([most]) => faces <= most)[1]));
    const enlarged = Math.max(1, SMALLEST / Math.max(plain.width, plain.height));
    return {...plain, width: Math.round(plain.width * enlarged), height: Math.round(plain.height * enlarged)};
  }

  /** What can be kept, by the names of the buttons; `resultsWith` gives what the macros take, with some cards. */
  #downloads(told, resultsWith, posting) {
    const {kit} = this.#app;
    const name = plainName(this.#given.name);
    const stem = `${name}-emotions`;
    const post = async (shape) => handOver(await posting.draw(shape), `${name}-${shape}.png`, "image/png");
    return {
      json: () => handOver(asJson(told), `${stem}.json`, "application/json"),
      csv: () => handOver(asCsv(photoRows(told, kit)), `${stem}.csv`, "text/csv"),
      png: async () => handOver(await picture(boxesOnPhoto(this.#given.photo, this.#read), told, kit), `${stem}.png`, "image/png"),
      html: async () => {
        const cards = [...told.faces].sort((a, b) => a.number - b.number).map(({number}) => this.#card(number));
        await this.measure();
        handOver(asPage(resultsWith(cards), kit, location.origin), `${stem}.html`, "text/html");
      },
      wide: () => post("wide"),
      square: () => post("square"),
    };
  }

  #wire(told, rows, resultsWith) {
    const {templates} = this.#app;
    const place = this.#place;
    const region = place.querySelector("[data-region]");
    region.querySelector("[data-read]").addEventListener("click", () => this.#point(region));
    region.querySelector('[name="whole"]')?.addEventListener("click", () => this.#point(region, [0, 0, told.width, told.height]));
    place.querySelector("[data-print]").addEventListener("click", () => window.print());
    place.querySelector("[data-as-it-came]")?.addEventListener("click", () => this.#turnBack());
    const {rotation} = this.#read;
    const faceOf = (number) => ({face: this.#face(number), card: this.#card(number)});
    const explaining = new Explaining(this.#app, place, faceOf, shown.signal);
    const {photo, name} = this.#given;
    const size = [told.width, told.height];
    const posting = new Posting(this.#app, place, faceOf, explaining, {photo, read: this.#read, rows});
    const downloads = this.#downloads(told, resultsWith, posting);
    place.querySelectorAll("[data-download]").forEach((button) =>
      button.addEventListener("click", () => downloads[button.dataset.download]()));
    new Looking(this.#app, place, faceOf, explaining, {photo, read: this.#read, name, size}, shown.signal);
    this.#moving = new Moving(this.#app, place, faceOf, (faces) => this.#given.asks.movements(faces, rotation));
    // The scripts that the results page has, too: static/js/sheet.js and region.js.
    const cardOf = (number) => {
      const holder = document.createElement("template");
      holder.innerHTML = templates.render("_card.html", "face_card", this.#card(number), 3, "", true);
      this.measure();
      return holder.content.firstElementChild;
    };
    const title = place.querySelector("[data-heading]").textContent.trim();
    place.dispatchEvent(new CustomEvent("result", {bubbles: true, detail: {cardOf, title, cardToPost: (shape) => posting.draw(shape)}}));
  }

  /** Read the photo again, as it came. */
  async #turnBack() {
    const before = this.#read;
    const read = await this.#given.asks.asItCame();
    if (!read || this.#read !== before || !this.#place.querySelector("[data-as-it-came]")) return;
    this.#given.photo = turned(this.#given.photo, (360 - before.rotation) % 360);
    this.show(read);
    this.#place.querySelector("[data-heading]").focus();
  }

  /** Read a box as one more face, or in place of another box where no face was detected. */
  async #point(region, whole = null) {
    const box = whole ?? BOX.map((name) => region.querySelector(`[name="${name}"]`).valueAsNumber);
    const before = this.#read;
    const part = await this.#given.asks.part(box, before.rotation);
    // Another photo was chosen in the meantime, or the part cannot be read, which was said.
    if (!part || this.#read !== before || !region.isConnected) return;
    const detected = before.faces.some(({source}) => source === "detected");
    const number = detected ? Math.max(...before.faces.map((face) => face.number)) + 1 : 1;
    const faces = [...(detected ? before.faces : []), {...part, number, faint: false}];
    this.show(detected ? {...before, faces} : {...before, faces, limits: NOTHING_SEARCHED}, number);
    const card = this.#place.querySelector(`#photo-1-face-${number}`);
    card.tabIndex = -1;
    card.focus();
  }
}
