// A film's rows, as model/film/rows.py has them, and the view of its timeline for the macro.
import {faceResult} from "./save.js";
import {asJpeg, canvasOf} from "./pictures.js";
import {adjective, fill} from "./present.js";
import {capitalized, fixed, how_many, short_percent} from "./words.js";

const THUMBNAIL = 72;
const PEAKS = 6;
const LEAST = 0.05; // A curve that stays below is left out.

const rounded = (value, digits) => Number(fixed(value, digits)) + 0;

/** Seconds as 1:02.5. */
export const clock = (seconds) => {
  const tenths = Math.round(seconds * 10);
  const minutes = Math.trunc(tenths / 600);
  return `${minutes}:${((tenths - 600 * minutes) / 10).toFixed(1).padStart(4, "0")}`;
};

export class Timeline {
  #kit;
  #words;
  #tracks = new Map();
  rows = [];
  looks = 0;

  constructor(name, every, kit, words) {
    Object.assign(this, {name, every});
    this.#kit = kit;
    this.#words = words;
  }

  /** Add what one look saw: `faces` of the worker, `tracked` of the tracker, `canvas` the frame, `scale` its pixels per pixel read. */
  add(time, faces, tracked, canvas, scale) {
    const {name: model, version, target, labels} = this.#kit.model;
    const start = {film: this.name, time: rounded(time, 3)};
    const end = {model: {name: model, version, target}};
    this.looks += 1;
    if (!faces.length) this.rows.push({...start, face: null, ...end});
    const byNumber = faces.map((face, place) => ({face, ...tracked[place]})).sort((a, b) => a.number - b.number);
    for (const {face, number, smoothed, steady} of byNumber) {
      const {box, score, emotion, confidence, confident, probabilities, covered} = faceResult(face, this.#kit);
      const soft = Object.fromEntries(labels.map((label, place) => [label, rounded(smoothed[place], 6)]));
      this.rows.push({...start, face: number, box, score, emotion, confidence, confident, probabilities, covered, steady_emotion: labels[steady], smoothed: soft, ...end});
      this.#follow({number, time, smoothed, steady, face, canvas, scale});
    }
  }

  #follow({number, time, smoothed, steady, face, canvas, scale}) {
    if (!this.#tracks.has(number)) this.#tracks.set(number, {number, looks: [], runs: []});
    const track = this.#tracks.get(number);
    const sure = smoothed[steady] >= this.#kit.model.threshold;
    const label = sure ? this.#kit.model.labels[steady] : null;
    track.looks.push({time, smoothed});
    let run = track.runs.at(-1);
    if (!run || run.label !== label || time - run.end > 1.5 * this.every) {
      run = {label, start: time, end: time, best: 0, at: time, image: null};
      track.runs.push(run);
    }
    run.end = time;
    if (label && smoothed[steady] > run.best) Object.assign(run, {best: smoothed[steady], at: time, image: thumbnail(face.box, canvas, scale)});
  }

  /** JSON: the rows as they are. */
  get json() {
    return this.rows;
  }

  /** The rows of the CSV with their header. */
  get cells() {
    const {labels} = this.#kit.model;
    const header = ["film", "time", "face", "x", "y", "width", "height", "score", "emotion", "confidence", "confident", ...labels,
      "steady_emotion", ...labels.map((label) => `smoothed_${label}`), "model", "error", "target", "covered"];
    return [header, ...this.rows.map((row) => [
      row.film, row.time, row.face, ...(row.box ?? [null, null, null, null]), row.score, row.emotion, row.confidence, row.confident,
      ...labels.map((label) => row.probabilities?.[label]), row.steady_emotion, ...labels.map((label) => row.smoothed?.[label]),
      row.model.name, null, row.model.target, row.covered,
    ])];
  }

  /** What the macro shows; `seconds` is the film's length or how much of it was read. */
  view(seconds) {
    const {order, tones, nobody} = this.#kit.model;
    const faces = [...this.#tracks.values()].map((track) => this.#face(track, seconds));
    const values = {faces: capitalized(how_many(faces.length, "face")), time: clock(seconds), looks: this.looks, rate: Number((1 / this.every).toFixed(2))};
    return {
      faces, nobody,
      title: fill(faces.length ? this.#words.film_faces : this.#words.film_nobody, values),
      summary: fill(this.#words.film_rows, values),
      legend: order.map((label) => ({label: adjective(this.#kit, label), tone: tones[label].name, letter: tones[label].letter})),
    };
  }

  #face({number, looks, runs}, seconds) {
    const x = (time) => Number((1000 * time / seconds).toFixed(2));
    const {tones, nobody, labels} = this.#kit.model;
    const lasting = (run) => Math.min(run.end + this.every, seconds) - run.start;
    const word = (label) => label ? adjective(this.#kit, label) : this.#words.not_sure.toLowerCase();
    const peaks = runs.filter((run) => run.image).sort((a, b) => b.best - a.best).slice(0, PEAKS).sort((a, b) => a.at - b.at);
    const first = runs[0].start;
    const last = runs.at(-1).end;
    return {
      number,
      when: fill(this.#words.film_when, {seconds: runs.reduce((sum, run) => sum + lasting(run), 0).toFixed(1), first: clock(first), last: clock(last)}),
      told: fill(this.#words.film_told, {number, runs: runs.map((run) => `${clock(run.start)} ${word(run.label)}`).join(", ")}),
      runs: runs.map((run) => ({tone: run.label ? tones[run.label].name : nobody, x: x(run.start), width: Math.max(1, x(lasting(run)))})),
      curves: labels.map((label, place) => ({tone: tones[label].name, place}))
        .filter(({place}) => looks.some(({smoothed}) => smoothed[place] >= LEAST))
        .map(({tone, place}) => ({tone, path: this.#path(looks, place, x)})),
      peaks: peaks.map((run) => ({
        time: Number(run.at.toFixed(3)), at: clock(run.at), image: run.image, label: word(run.label),
        tone: tones[run.label].name, letter: tones[run.label].letter, percent: short_percent(run.best),
      })),
    };
  }

  /** One curve; a gap is left where the face was away. */
  #path(looks, place, x) {
    let last = -Infinity;
    return looks.map(({time, smoothed}) => {
      const move = time - last > 1.5 * this.every ? "M" : "L";
      last = time;
      return `${move}${x(time)} ${(100 - 100 * smoothed[place]).toFixed(1)}`;
    }).join("");
  }
}

/** A square picture of a face, cut from its frame. */
function thumbnail([x, y, width, height], frame, scale) {
  const side = Math.max(width, height) * 1.3 * scale;
  const canvas = canvasOf(THUMBNAIL, THUMBNAIL);
  const left = (x + width / 2) * scale - side / 2;
  const top = (y + height / 2) * scale - side / 2;
  canvas.getContext("2d").drawImage(frame, left, top, side, side, 0, 0, THUMBNAIL, THUMBNAIL);
  return asJpeg(canvas);
}
