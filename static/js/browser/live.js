// The mirror: frames go to the worker one after the other, the next one is taken while one is read.
import {FaceTracker} from "../reading/tracking.js";
import {Camera} from "./camera.js";
import {Panels, answer, drawBoxes} from "./mirror.js";
import {App, accept, find, asksOf, refuse, say, sentenceFor, words} from "./page.js";
import {canvasOf} from "./pictures.js";
import {fill} from "./present.js";
import {clear, photoOf, showResult} from "./result.js";
import {Round} from "./round.js";

const SPOKEN = 3; // Seconds between two changes that are read out, at least.
const PACE = 1; // Seconds over which the frames are counted.
const FIRST_STEP = 1; // Seconds between two looks, to begin with.
const SLOW = 3; // Frames a second.

const video = find("video");
const boxes = find("boxes");
const mirror = find("mirror");
const app = new App({live: true, ready: () => { find("live").hidden = false; find("start").focus(); }});
const camera = new Camera(video, () => { end(); refuse(words.camera_lost); });
let panels = null;
let round = null;
let full = null; // Reads frozen frames, where the mirror has a network of its own.
let looks = 0; // Counts the looks into the mirror; a loop of an earlier one ends.

/** The next frame of the camera that has not been read, and when it was taken. */
async function grab() {
  if (video.requestVideoFrameCallback) {
    await new Promise((resolve) => {
      const late = setTimeout(resolve, 250);
      video.requestVideoFrameCallback(() => { clearTimeout(late); resolve(); });
    });
  }
  if (!camera.on || !video.videoWidth) return null;
  const time = performance.now() / 1000;
  return {bitmap: await createImageBitmap(video), time};
}

async function look() {
  const mine = ++looks;
  // The first looks take longer, until WebAssembly is warm; then the usual time is measured.
  const tracker = new FaceTracker(FIRST_STEP);
  panels ??= new Panels(find("faces"), app);
  panels.clear();
  const pace = {since: performance.now() / 1000, frames: 0, looks: 0, network: 0};
  const voice = {said: "", time: -SPOKEN};
  await app.reading.ask({type: "forget"}, []);
  let next = grab();
  let last = null; // What was read before, shown while the worker is at the next frame.
  while (mine === looks && camera.on) {
    const frame = await next;
    if (!frame) { next = grab(); continue; }
    const read = app.reading.frame(frame.bitmap, frame.time);
    next = grab();
    if (last && mine === looks) show(last.found, tracker, last.time, voice);
    let found;
    try {
      found = await read;
    } catch (error) {
      if (mine !== looks) return;
      end();
      return refuse(sentenceFor(error));
    }
    if (mine !== looks) return;
    last = {found, time: frame.time};
    count(pace, frame.time, found.network_ms, tracker);
  }
}

function show(found, tracker, time, voice) {
  const {kit, templates} = app;
  const tracked = tracker.update(time, found.faces.map(({box}) => box), found.faces.map(({shares}) => Array.from(shares)));
  const faces = found.faces.map((face, place) =>
    ({...tracked[place], face, said: answer(tracked[place], face, kit, words, templates)}));
  drawBoxes(boxes, faces, found, mirror.classList.contains("mirrored"));
  panels.show(faces, time);
  find("hint").textContent = faces.length ? "" : words.nobody;
  round?.look(faces.map(({said}) => said.label).filter(Boolean), time);
  speak(faces, time, voice);
}

/** Read out what changed, and no more often than every few seconds. */
function speak(faces, time, voice) {
  const said = faces.length
    ? faces.map(({number, said: {text}}) => fill(words.said, {number, answer: text.replace(/\.$/, "")})).join(" ")
    : words.nobody;
  if (said === voice.said || time - voice.time < SPOKEN) return;
  Object.assign(voice, {said, time});
  find("said").textContent = said;
}

function count(pace, time, network, tracker) {
  pace.frames += 1;
  find("pace").dataset.looks = ++pace.looks;
  pace.network += network;
  const passed = time - pace.since;
  if (passed < PACE) return;
  const frames = pace.frames / passed;
  find("pace").textContent = fill(frames < SLOW ? words.slow : words.pace, {frames: frames < 10 ? frames.toFixed(1) : Math.round(frames)});
  // For the benchmark: frames a second, and what the networks alone took of each second.
  Object.assign(find("pace").dataset, {frames: frames.toFixed(2), network: (pace.network / passed).toFixed(1)});
  Object.assign(pace, {since: time, frames: 0, network: 0});
  tracker.step = 1 / frames;
}

async function start(device = "") {
  accept();
  find("start").disabled = true;
  say(words.starting);
  const problem = await camera.start(device);
  find("start").disabled = false;
  say(problem === "stopped" ? words.stopped : "");
  if (problem === "stopped") return;
  if (problem) return refuse(words[problem]);
  find("consent").hidden = true;
  find("running").hidden = false;
  clear(find("result"));
  mirror.classList.toggle("mirrored", camera.faces);
  await offerCameras();
  look();
}

async function offerCameras() {
  const cameras = await Camera.list();
  const select = find("cameras");
  select.replaceChildren(...cameras.map(({deviceId, label}, place) => new Option(label || `${place + 1}`, deviceId, false, deviceId === camera.device)));
  find("which").hidden = cameras.length < 2;
}

/** Stop looking and let the camera go. */
function end() {
  looks += 1;
  camera.stop();
  round = null;
  panels?.clear();
  boxes.getContext("2d").clearRect(0, 0, boxes.width, boxes.height);
  find("round-place").hidden = true;
  find("running").hidden = true;
  find("consent").hidden = false;
  find("said").textContent = "";
}

/** Stop at this frame, and read it as a photo: every pass, every stage. */
async function freeze() {
  const canvas = canvasOf(video.videoWidth, video.videoHeight);
  canvas.getContext("2d").drawImage(video, 0, 0);
  end();
  say(words.frozen);
  try {
    const file = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
    full ??= app.quick ? await app.open(() => {}, true) : app.reading;
    const began = performance.now();
    const read = await full.read(await file.arrayBuffer());
    say("");
    const ms = performance.now() - began;
    const able = {kit: app.kit, templates: app.templates, reading: full};
    showResult(able, find("result"), {...read, ms}, await photoOf(file), "camera.png", asksOf(file, "camera.png", () => full));
  } catch (error) {
    say("");
    refuse(sentenceFor(error, "camera.png"));
  }
}

find("start").addEventListener("click", () => start());
find("cameras").addEventListener("change", ({target}) => start(target.value));
find("stop").addEventListener("click", () => { end(); say(words.stopped); find("start").focus(); });
find("freeze").addEventListener("click", freeze);
find("round").addEventListener("click", () => { round = new Round(app.kit); });
// Left for another page or tab, the camera goes off, and its light with it.
window.addEventListener("pagehide", end);
document.addEventListener("visibilitychange", () => { if (document.hidden && camera.on) { end(); say(words.stopped); } });

app.start();
