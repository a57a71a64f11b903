// What the faces of a result do, on their cards, where what measures it was loaded.
import {presentMovements} from "./present.js";

/** Says it of the cards in `place`, once each. */
export class Moving {
  #app;
  #place;
  #faceOf;
  #measure;
  #asked = new Set();

  /** `faceOf` gives {face, card} by number; `measure` the movements of faces, by number, or null. */
  constructor(app, place, faceOf, measure) {
    this.#app = app;
    this.#place = place;
    this.#faceOf = faceOf;
    this.#measure = measure;
  }

  /** Measure the faces of these numbers: as on the server no small, blurred and covered ones, and none in a drawn box. */
  async say(numbers) {
    const {kit, templates, measures} = this.#app;
    if (!measures) return;
    const {unclear} = kit.constants;
    const asked = numbers.filter((number) => !this.#asked.has(number)).map((number) => this.#faceOf(number)).filter(({face}) =>
      face.source === "detected" && !face.looks_covered && !face.quality.warnings.some((warning) => unclear.includes(warning)));
    if (!asked.length) return;
    for (const {face} of asked) this.#asked.add(face.number);
    const found = await this.#measure(asked.map(({face}) => face));
    for (const {face, card} of asked) {
      card.movements = presentMovements(found?.get(face.number) ?? [], kit);
      const part = this.#place.querySelector(`[data-movements="${face.number}"]`);
      if (part) part.innerHTML = templates.render("_card.html", "movements", card);
    }
  }
}
