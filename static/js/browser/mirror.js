// What the mirror shows of each face: its panel with answer, network input, ten people, bars and the last 30 seconds.
import {answerOf} from "./present.js";

const SECONDS = 30;
const GONE = 3; // Seconds for which the panel of a face that left stays.
export const COLORS = ["#ffec40", "#4dd2ff", "#ff9ed8", "#8dff7a", "#ffb066", "#cdb0ff"];

/** The number of a face's own colour. */
export const colorOf = (number) => (number - 1) % COLORS.length;

/** What is said of a tracked face now: its steady label, unless it is too dark or the model not sure. */
export function answer({smoothed, steady}, face, kit, words, templates) {
  const view = answerOf(smoothed, kit, face.covered);
  const label = kit.model.labels[steady];
  const sure = smoothed[steady] >= kit.model.threshold;
  const dark = face.quality.warnings.includes("dark");
  view.prediction = {...view.prediction, emotion: label, confident: sure};
  const shown = {...view, number: 0, confident: sure, too_close: false};
  const text = dark ? words.too_dark : sure ? templates.render("_macros.html", "headline", shown).trim() : words.not_sure;
  return {view, text, label: !dark && sure ? label : null, tone: !dark && sure ? kit.model.tones[label].name : kit.model.nobody};
}

export class Panels {
  #place;
  #app;
  #panels = new Map();

  constructor(place, app) {
    this.#place = place;
    this.#app = app;
  }

  /** Show the faces of one frame: {number, smoothed, steady, face, said}; `time` in seconds. */
  show(faces, time) {
    for (const each of faces) {
      const panel = this.#panels.get(each.number) ?? this.#add(each);
      panel.seen = time;
      panel.history.push({time, shares: each.smoothed});
      panel.element.classList.remove("away");
      this.#fill(panel, each, time);
    }
    for (const [number, panel] of this.#panels) {
      if (panel.seen === time) continue;
      panel.element.classList.add("away");
      if (time - panel.seen > GONE) this.#remove(number);
    }
  }

  clear() {
    for (const number of [...this.#panels.keys()]) this.#remove(number);
  }

  #remove(number) {
    this.#panels.get(number).element.remove();
    this.#panels.delete(number);
  }

  #add({number, said}) {
    const {templates, kit} = this.#app;
    const holder = document.createElement("div");
    holder.innerHTML = templates.render(kit.card, "live_face", {...said.view, number}, colorOf(number));
    const element = holder.firstElementChild;
    const part = (name) => element.querySelector(`[data-${name}]`);
    const panel = {
      element,
      history: [],
      people: null,
      answer: part("answer"),
      ten: part("ten"),
      input: part("input").getContext("2d"),
      line: part("line"),
      rows: [...element.querySelectorAll(".chart tbody tr")].map((row) =>
        ({row, bar: row.querySelector("rect"), figure: row.querySelector(".figure")})),
    };
    const after = [...this.#panels.entries()].find(([other]) => other > number);
    this.#place.insertBefore(element, after?.[1].element ?? null);
    this.#panels.set(number, panel);
    panel.colors = toneColors(kit, element);
    return panel;
  }

  #fill(panel, {face, said}, time) {
    const {view, text} = said;
    if (panel.answer.textContent !== text) panel.answer.textContent = text;
    panel.answer.className = `answer${said.label ? "" : " unsure"}`;
    view.probabilities.forEach(({value, percent, top}, place) => {
      const {row, bar, figure} = panel.rows[place];
      bar.setAttribute("width", `${(100 * value).toFixed(1)}%`);
      if (figure.textContent !== percent) figure.textContent = percent;
      row.classList.toggle("top", top);
    });
    const people = view.ten.map(({tone, count}) => tone + count).join();
    if (people !== panel.people) {
      panel.people = people;
      panel.ten.innerHTML = this.#app.templates.render("_macros.html", "ten_people", view, false);
    }
    drawInput(panel.input, face.input);
    panel.history = panel.history.filter((each) => time - each.time <= SECONDS);
    if (!(time - panel.drawn < 0.2)) {
      drawLine(panel.line, panel.history, time, panel.colors);
      panel.drawn = time;
    }
  }
}

function drawInput(context, input) {
  const side = Math.round(Math.sqrt(input.length));
  const picture = context.createImageData(side, side);
  input.forEach((level, place) => picture.data.set([level, level, level, 255], 4 * place));
  context.putImageData(picture, 0, 0);
}

/** The colours of the labels, as the style sheet has them now (light or dark). */
function toneColors(kit, element) {
  const probe = document.createElement("i");
  element.append(probe);
  const colors = kit.model.labels.map((label) => {
    probe.className = `tone-${kit.model.tones[label].name}`;
    probe.style.color = "var(--tone)";
    return getComputedStyle(probe).color;
  });
  probe.remove();
  return colors;
}

/** The smoothed shares of the last seconds, a line for each expression; a gap is left where the face was away. */
function drawLine(canvas, history, now, colors) {
  const context = canvas.getContext("2d");
  const {width, height} = canvas;
  context.clearRect(0, 0, width, height);
  colors.forEach((color, place) => {
    context.strokeStyle = color;
    context.lineWidth = 3;
    context.beginPath();
    let last = -Infinity;
    for (const {time, shares} of history) {
      const x = width * (1 - (now - time) / SECONDS);
      const y = 4 + (height - 8) * (1 - shares[place]);
      if (time - last > 1) context.moveTo(x, y);
      else context.lineTo(x, y);
      last = time;
    }
    context.stroke();
  });
}

/** Boxes and numbers over the picture, each face in its own colour; `mirrored` as the picture is. On `below`, if given. */
export function drawBoxes(canvas, faces, {width, height}, mirrored, below = null) {
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, {width, height});
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, width, height);
  if (below) context.drawImage(below, 0, 0);
  const unit = Math.max(width, height) / 320;
  for (const {number, face, said} of faces) {
    const [x, y, wide, high] = face.box;
    const left = mirrored ? width - x - wide : x;
    for (const [color, line] of [["#101010", 3 * unit], [COLORS[colorOf(number)], 1.5 * unit]]) {
      context.strokeStyle = color;
      context.lineWidth = line;
      context.strokeRect(left, y, wide, high);
    }
    const text = `${number}  ${said.text.replace(/\.$/, "")}`;
    context.font = `600 ${8 * unit}px sans-serif`;
    const room = context.measureText(text).width + 6 * unit;
    const top = Math.max(0, y - 12 * unit);
    const start = Math.max(0, Math.min(left, width - room));
    context.fillStyle = "#101010";
    context.fillRect(start, top, room, 12 * unit);
    context.fillStyle = COLORS[colorOf(number)];
    context.textBaseline = "middle";
    context.fillText(text, start + 3 * unit, top + 6.2 * unit);
  }
}
