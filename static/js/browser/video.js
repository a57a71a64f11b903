// A film, read n frames a second: the next frame is looked for while one is read. Nothing of it leaves the page.
import {FaceTracker} from "../reading/tracking.js";
import {Film} from "./film.js";
import {drawBoxes, answer} from "./mirror.js";
import {App, accept, find, onDrop, refuse, say, sentenceFor, words} from "./page.js";
import {fill} from "./present.js";
import {asCsv, asJson, handOver, plainName} from "./save.js";
import {Timeline, clock} from "./timeline.js";

const choose = find("choose");
const input = find("film");
const video = find("video");
const preview = find("preview");
const place = find("timeline");
const stop = find("stop");
const app = new App({ready: () => { choose.hidden = false; input.focus(); }});
let address = "";
let stopped = false;

async function read(file) {
  accept();
  say("");
  place.replaceChildren();
  URL.revokeObjectURL(address);
  address = URL.createObjectURL(file);
  stopped = false;
  input.disabled = find("rate").disabled = true;
  const every = 1 / Number(find("rate").value);
  const timeline = new Timeline(file.name, every, app.kit, words);
  let film = null;
  try {
    film = await Film.open(address);
    showReading(true);
    const began = performance.now();
    const seconds = await readAll(film, every, timeline);
    place.dataset.ms = (performance.now() - began).toFixed(0);
    show(timeline, stopped ? seconds : film.seconds, film.seconds);
    say(stopped ? fill(words.film_stopped, {time: clock(seconds)}) : "");
  } catch (error) {
    say("");
    refuse(words[error.name] ? fill(words[error.name], {name: file.name}) : sentenceFor(error, file.name));
    find("film-place").hidden = !timeline.looks;
    if (timeline.looks) show(timeline, timeline.rows.at(-1).time + every, film.seconds);
  }
  film?.close();
  input.disabled = find("rate").disabled = false;
}

/** Read every look; returns up to which second. */
async function readAll(film, every, timeline) {
  const times = film.times(every);
  const tracker = new FaceTracker(every);
  const began = performance.now();
  let last = 0; // A damaged film's stamps may go back.
  await app.reading.ask({type: "forget"}, []);
  let next = film.frame(times[0]);
  for (let look = 0; look < times.length && !stopped; look += 1) {
    const {time: stamp, bitmap, canvas} = await next;
    const time = last = Math.max(last, stamp);
    const answered = app.reading.frame(bitmap, time, true);
    next = look + 1 < times.length ? film.frame(times[look + 1]) : null;
    // What fails is said where it is waited for.
    next?.catch(() => {});
    const found = await answered;
    const tracked = tracker.update(time, found.faces.map(({box}) => box), found.faces.map(({shares}) => Array.from(shares)));
    timeline.add(time, found.faces, tracked, canvas, canvas.width / found.width);
    progress(look + 1, times.length, film, began);
    draw(canvas, found, tracked);
  }
  await next?.then(({bitmap}) => bitmap.close(), () => {});
  return Math.min(film.seconds, timeline.looks * every);
}

function progress(done, whole, film, began) {
  find("film-done").value = done / whole;
  const left = Math.ceil((performance.now() - began) / done * (whole - done) / 1000);
  say(fill(words.film_reading, {time: clock(film.seconds * done / whole), whole: clock(film.seconds), left}));
}

/** The frame that was read, with its boxes. */
function draw(canvas, found, tracked) {
  const faces = found.faces.map((face, index) => ({...tracked[index], face, said: answer(tracked[index], face, app.kit, words, app.templates)}));
  const scale = canvas.width / found.width;
  const scaled = faces.map((each) => ({...each, face: {...each.face, box: each.face.box.map((value) => value * scale)}}));
  drawBoxes(preview, scaled, canvas, false, canvas);
}

function showReading(reading) {
  find("film-place").hidden = false;
  preview.hidden = !reading;
  video.hidden = reading;
  find("film-progress").hidden = !reading;
  stop.disabled = false;
}

/** The timeline, with the film above it. */
function show(timeline, seconds, whole) {
  showReading(false);
  video.src = address;
  place.innerHTML = app.templates.render(app.kit.card, "timeline", timeline.view(whole));
  const jump = (time) => { video.currentTime = time; };
  place.querySelectorAll("[data-jump]").forEach((band) => band.addEventListener("click", (event) => {
    const {left, width} = band.getBoundingClientRect();
    jump(whole * (event.clientX - left) / width);
  }));
  place.querySelectorAll("[data-time]").forEach((button) => button.addEventListener("click", () => jump(Number(button.dataset.time))));
  const stem = `${plainName(timeline.name)}-emotions`;
  const save = {
    json: () => handOver(asJson(timeline.json), `${stem}.json`, "application/json"),
    csv: () => handOver(asCsv(timeline.cells), `${stem}.csv`, "text/csv"),
  };
  place.querySelectorAll("[data-download]").forEach((button) => button.addEventListener("click", () => save[button.dataset.download]()));
  const marks = place.querySelectorAll("[data-now]");
  video.ontimeupdate = () => marks.forEach((mark) => mark.setAttribute("transform", `translate(${1000 * video.currentTime / whole} 0)`));
  find("heading", place).focus();
}

input.addEventListener("change", () => {
  const [file] = input.files;
  if (file) read(file);
});
stop.addEventListener("click", () => {
  stopped = true;
  stop.disabled = true;
});
onDrop(input, read);
window.addEventListener("pagehide", () => URL.revokeObjectURL(address));

app.start();
