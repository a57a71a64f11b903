// What pointed to an expression, on a card: asked for, with progress, and stopped if it takes too long.
import {asJpeg, onCanvas} from "./pictures.js";
import {find, sentenceFor, words} from "./page.js";
import {presentExplanation} from "./present.js";
import {explanationOnFace, grayFace} from "../reading/draw.js";

/** What the cards of a result can be asked. */
export class Explaining {
  #app;
  #faceOf;
  #maps = new Map(); // Of all labels, by the face's number.
  #asked = null; // Of the card that is being worked on.

  /**
   * `app` has kit, templates and the reading; `faceOf` gives {face, card} by number. Until `signal` is aborted clicks in
   * `place` are listened to.
   */
  constructor(app, place, faceOf, signal) {
    this.#app = app;
    this.#faceOf = faceOf;
    place.addEventListener("click", ({target}) => {
      const part = target.closest("[data-explain]");
      if (part && target.closest("[data-show]")) this.#explain(part);
      if (part && target.closest("[data-give-up]")) this.stop();
    }, {signal});
    signal.addEventListener("abort", () => this.stop());
  }

  /** Give up what is being measured. */
  stop() {
    this.#asked?.abort();
  }

  /** The maps of all labels, with progress in a part of a card; null where it was stopped or failed, which is said. */
  async mapsOf(part, number) {
    this.stop();
    if (this.#maps.has(number)) return this.#maps.get(number);
    const working = this.#asked = new AbortController();
    try {
      const {maps} = await this.#measure(part, this.#faceOf(number).face, working.signal);
      this.#maps.set(number, maps);
      return maps;
    } catch (error) {
      this.rest(part, error.name === "stopped" ? words.explain_stopped : sentenceFor(error));
      return null;
    } finally {
      if (this.#asked === working) this.#asked = null;
    }
  }

  async #explain(part) {
    const number = Number(part.dataset.explain);
    const label = part.querySelector("select").value;
    const maps = await this.mapsOf(part, number);
    if (maps) this.#show(part, this.#faceOf(number), maps, label);
  }

  #measure(part, {input}, signal) {
    const [button, stop, runs] = [find("show", part), find("give-up", part), find("runs", part)];
    const held = document.activeElement === button;
    button.hidden = true;
    stop.hidden = runs.hidden = false;
    runs.value = 0;
    if (held) stop.focus();
    find("explain-status", part).textContent = words.explaining;
    return this.#app.reading.explain(input, {signal, onStep: (_, {done, total}) => { runs.value = done / total; }});
  }

  /** As before it was asked, with a sentence. */
  rest(part, sentence) {
    const [button, stop] = [find("show", part), find("give-up", part)];
    const held = document.activeElement === stop;
    button.hidden = false;
    stop.hidden = find("runs", part).hidden = true;
    if (held) button.focus();
    find("explain-status", part).textContent = sentence;
  }

  #show(part, {face, card}, maps, label) {
    const {kit, templates} = this.#app;
    const side = kit.constants.explanation_side;
    const map = maps[kit.model.labels.indexOf(label)];
    const picture = asJpeg(onCanvas(explanationOnFace(grayFace(face.aligned, side), map, side)));
    card.explanation = presentExplanation(card, label, picture, kit);
    part.outerHTML = templates.render("_card.html", "explain", card, "");
    const figure = document.getElementById(`${card.anchor}-why`);
    figure.tabIndex = -1;
    figure.focus();
  }
}
