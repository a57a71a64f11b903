// What stands on a card to post of a result: webapp/blueprints/downloads.py's _card in the browser.
import {cardToPost} from "./card.js";
import {presentSheet} from "./group.js";
import {boxesOnPhoto, grayPicture, onCanvas} from "./pictures.js";
import {find, words} from "./page.js";
import {fill} from "./present.js";
import {explanationOnFace, grayFace} from "../reading/draw.js";

const SIDE = 640; // Pixels of the largest picture.

/** Makes the cards of a result: of the face that a photo is of, or of a group. */
export class Posting {
  #app;
  #place;
  #faceOf;
  #explaining;
  #shown; // {photo, read, rows}.

  constructor(app, place, faceOf, explaining, shown) {
    this.#app = app;
    this.#place = place;
    this.#faceOf = faceOf;
    this.#explaining = explaining;
    this.#shown = shown;
  }

  /** The card as PNG, a Blob; `shape` is wide or square. What pointed to the answer is measured for it. */
  async draw(shape) {
    const {read, rows, photo} = this.#shown;
    const {kit} = this.#app;
    const clear = read.faces.filter(({faint}) => !faint);
    if (clear.length === 1) return cardToPost(await this.#ofFace(clear[0].number), shape, kit);
    const pictures = [[boxesOnPhoto(photo, read, SIDE), ""]];
    return cardToPost({title: presentSheet(rows, kit).title, detail: "", ten: [], pictures}, shape, kit);
  }

  async #ofFace(number) {
    const {templates, kit: {post, model, constants}} = this.#app;
    const {face, card} = this.#faceOf(number);
    const side = Math.round(Math.sqrt(face.input.length));
    const pictures = [
      [onCanvas(face.aligned), post.captions.face],
      [onCanvas(grayPicture(face.input, side)), fill(post.captions.input, {columns: side, rows: side})],
    ];
    const map = (await this.#maps(number))?.[model.labels.indexOf(card.prediction.emotion)];
    if (map) {
      const large = constants.explanation_side;
      pictures.push([onCanvas(explanationOnFace(grayFace(face.aligned, large), map, large)), post.captions.spoke]);
    }
    const said = (macro) => templates.render("_macros.html", macro, card).trim().split(/\s+/).join(" ");
    return {title: said("headline").replace(/\.$/, ""), detail: said("detail"), ten: card.ten, pictures};
  }

  /** What pointed to the answer, measured unless that was done; null where it was stopped, and the card goes without. */
  async #maps(number) {
    const part = find(`explain="${number}"`, this.#place);
    if (!part) return null;
    const told = find("take-told", this.#place);
    told.textContent = words.explaining;
    const maps = await this.#explaining.mapsOf(part, number);
    if (maps) this.#explaining.rest(part, "");
    told.textContent = "";
    return maps;
  }
}
