// What was read of one photo, shown with the server's macros, and what can be kept of it.
import {asJpeg, boxesOnPhoto, canvasOf, picturesOf, turned} from "./pictures.js";
import {presentFace, presentPhoto} from "./present.js";
import {asCsv, asJson, handOver, photoResult, photoRows, picture, plainName} from "./save.js";

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
  return canvas;
}

/** Fill `place` with what the worker read: `app` has kit and templates, `photo` is a canvas, `read.ms` its time. */
export function showResult({kit, templates}, place, read, photo, name) {
  const faces = [...read.faces].sort((a, b) => a.number - b.number);
  const side = Math.round(Math.sqrt(faces[0]?.input.length ?? 0));
  const cards = faces.map((face) => presentFace(face, picturesOf(face, kit, side), kit));
  const boxed = boxesOnPhoto(turned(photo, read.rotation), read);
  place.innerHTML = templates.render(kit.card, "result", presentPhoto(read, cards, asJpeg(boxed), name, kit));
  const told = photoResult({...read, timings: {decode: 0, detect: 0, classify: Math.round(read.ms * 10) / 10}}, name, kit);
  const stem = `${plainName(name)}-emotions`;
  const save = {
    json: () => handOver(asJson(told), `${stem}.json`, "application/json"),
    csv: () => handOver(asCsv(photoRows(told, kit)), `${stem}.csv`, "text/csv"),
    png: async () => handOver(await picture(boxed, told, kit), `${stem}.png`, "image/png"),
  };
  place.querySelectorAll("[data-download]").forEach((button) =>
    button.addEventListener("click", () => save[button.dataset.download]()));
  place.querySelector("[data-heading]").focus();
}
