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
      if (part && target.closest("[data-give-up]")) this.#asked?.abort();
    }, {signal});
    signal.addEventListener("abort", () => this.#asked?.abort());
  }

  async #explain(part) {
    const number = Number(part.dataset.explain);
    const {face, card} = this.#faceOf(number);
    const label = find("show", part).closest(".buttons").querySelector("select").value;
    this.#asked?.abort();
    const working = this.#asked = new AbortController();
    try {
      // One measurement has the maps of all expressions.
      if (!this.#maps.has(number)) this.#maps.set(number, (await this.#measure(part, face, working.signal)).maps);
    } catch (error) {
      return this.#rest(part, error.name === "stopped" ? words.explain_stopped : sentenceFor(error));
    } finally {
      if (this.#asked === working) this.#asked = null;
    }
    this.#show(part, face, card, label);
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
  #rest(part, sentence) {
    const [button, stop] = [find("show", part), find("give-up", part)];
    const held = document.activeElement === stop;
    button.hidden = false;
    stop.hidden = find("runs", part).hidden = true;
    if (held) button.focus();
    find("explain-status", part).textContent = sentence;
  }

  #show(part, face, card, label) {
    const {kit, templates} = this.#app;
    const side = kit.constants.explanation_side;
    const map = this.#maps.get(face.number)[kit.model.labels.indexOf(label)];
    const picture = asJpeg(onCanvas(explanationOnFace(grayFace(face.aligned, side), map, side)));
    card.explanation = presentExplanation(card, label, picture, kit);
    part.outerHTML = templates.render("_card.html", "explain", card, "");
    const figure = document.getElementById(`${card.anchor}-why`);
    figure.tabIndex = -1;
    figure.focus();
  }
}
