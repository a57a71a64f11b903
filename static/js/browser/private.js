// A photo that is read where it is. The file field is in no form and has no name; its bytes go to the worker alone.
import {App, accept, find, refuse, say, sentenceFor, words} from "./page.js";
import {asJpeg, boxesOnPhoto, canvasOf, picturesOf, turned} from "./pictures.js";
import {presentFace, presentPhoto} from "./present.js";
import {asCsv, asJson, handOver, photoResult, photoRows, picture, plainName} from "./save.js";

const SHOWN = 2048;
const choose = find("choose");
const input = find("photo");
const stop = find("stop");
const result = find("result");

const app = new App({ready: () => {
  choose.hidden = false;
  input.focus();
}});

/** The photo on a canvas, upright as its file says, for showing it. */
async function shown(file) {
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

/** Show what was read, with the server's macros. */
export function show(read, photo, name) {
  const faces = [...read.faces].sort((a, b) => a.number - b.number);
  const side = Math.round(Math.sqrt(faces[0]?.input.length ?? 0));
  const cards = faces.map((face) => presentFace(face, picturesOf(face, app.kit, side), app.kit));
  const boxed = boxesOnPhoto(turned(photo, read.rotation), read);
  const view = presentPhoto(read, cards, asJpeg(boxed), name, app.kit);
  result.innerHTML = app.templates.render(app.kit.card, "result", view);
  const told = photoResult(read, name, app.kit);
  const save = {
    json: () => handOver(asJson(told), `${plainName(name)}-emotions.json`, "application/json"),
    csv: () => handOver(asCsv(photoRows(told, app.kit)), `${plainName(name)}-emotions.csv`, "text/csv"),
    png: async () => handOver(await picture(boxed, told, app.kit), `${plainName(name)}-emotions.png`, "image/png"),
  };
  result.querySelectorAll("[data-download]").forEach((button) =>
    button.addEventListener("click", () => save[button.dataset.download]()));
  find("example")?.remove();
  find("heading", result).focus();
}

/** Read one photo; another one that is being read is given up. */
async function read(file, name) {
  accept();
  result.replaceChildren();
  input.disabled = true;
  stop.hidden = false;
  try {
    const began = performance.now();
    const found = await app.reading.read(await file.arrayBuffer(), {onStep: (step) => say(words.steps[step])});
    const photo = await shown(file);
    show({...found, ms: performance.now() - began}, photo, name);
    say("");
  } catch (error) {
    say("");
    if (error.name !== "stopped") refuse(sentenceFor(error, name));
  }
  input.disabled = false;
  stop.hidden = true;
}

input.addEventListener("change", () => {
  const [file] = input.files;
  if (file) read(file, file.name);
});

find("sample").addEventListener("click", async ({currentTarget}) => {
  const {address} = currentTarget.dataset;
  const answer = await fetch(address).catch(() => null);
  if (!answer?.ok) return refuse(words.no_sample);
  read(await answer.blob(), address.split("/").pop().split("?")[0]);
});

stop.addEventListener("click", async () => {
  stop.disabled = true;
  await app.again().catch((error) => refuse(sentenceFor(error)));
  stop.disabled = false;
});

const drop = find("drop");
drop.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over"); });
drop.addEventListener("dragleave", () => drop.classList.remove("over"));
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  const [file] = event.dataTransfer.files;
  if (file && !input.disabled) read(file, file.name);
});

app.start();
