// What was read of one photo, shown with the server's macros, and what can be kept of it.
import {asJpeg, boxesOnPhoto, canvasOf, fitted, picturesOf, turned} from "./pictures.js";
import {presentFace, presentPhoto} from "./present.js";
import {orientationLeft, orientationOf} from "../reading/exif.js";
import {asCsv, asJson, handOver, photoResult, photoRows, picture, plainName} from "./save.js";

// Pixels of the photo's long side in the page, by how many faces it has; smaller ones are shown enlarged.
const SIDES = [[2, 640], [Infinity, 800]];
const SMALLEST = 480;
const SHOWN = 2048; // Pixels; the photo is kept no larger for showing it.

/** A photo's file on a canvas, upright as the file says, on white. */
export async function photoOf(file) {
  const bitmap = await createImageBitmap(file);
  const scale = Math.min(1, SHOWN / Math.max(bitmap.width, bitmap.height));
  const canvas = canvasOf(Math.max(1, Math.round(bitmap.width * scale)), Math.max(1, Math.round(bitmap.height * scale)));
  const context = canvas.getContext("2d");
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const bytes = new Uint8Array(await file.arrayBuffer());
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

/** Fill `place` with what the worker read: `app` has kit and templates, `photo` is a canvas, `read.ms` its time. */
export function showResult({kit, templates}, place, read, photo, name) {
  const faces = [...read.faces].sort((a, b) => a.number - b.number);
  const side = Math.round(Math.sqrt(faces[0]?.input.length ?? 0));
  const cards = faces.map((face) => presentFace(face, picturesOf(face, kit, side), kit));
  const upright = turned(photo, read.rotation);
  const plain = asJpeg(fitted(upright, SIDES.find(([most]) => faces.length <= most)[1]));
  const enlarged = Math.max(1, SMALLEST / Math.max(plain.width, plain.height));
  const image = {...plain, width: Math.round(plain.width * enlarged), height: Math.round(plain.height * enlarged)};
  const told = photoResult({...read, timings: {decode: 0, detect: 0, classify: Math.round(read.ms * 10) / 10}}, name, kit);
  place.innerHTML = templates.render(kit.card, "result", presentPhoto(read, cards, image, told, kit));
  const stem = `${plainName(name)}-emotions`;
  const save = {
    json: () => handOver(asJson(told), `${stem}.json`, "application/json"),
    csv: () => handOver(asCsv(photoRows(told, kit)), `${stem}.csv`, "text/csv"),
    png: async () => handOver(await picture(boxesOnPhoto(upright, read), told, kit), `${stem}.png`, "image/png"),
  };
  place.querySelectorAll("[data-download]").forEach((button) =>
    button.addEventListener("click", () => save[button.dataset.download]()));
  Object.assign(place.dataset, {ms: read.ms.toFixed(0), networkMs: read.network_ms.toFixed(0)});
  place.querySelector("[data-heading]").focus();
}

/** Open the card that is led to, where it is folded. */
export function unfold() {
  const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  const folded = target && target.closest("details:not([open])");
  if (!folded) return;
  folded.open = true;
  target.scrollIntoView();
}
window.addEventListener("hashchange", unfold);
