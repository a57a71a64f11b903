// A look inside the network, for one face of a result: every step with its pictures, made here.
import {attentionOn, asJpeg, asPng, boxesOnPhoto, fitted, grayPicture, onCanvas} from "./pictures.js";
import {find, sentenceFor} from "./page.js";
import {presentCover, presentSteps} from "./steps.js";
import {STRONGEST, blockTiles, filterTiles, meanTile} from "./tiles.js";
import {explanationOnFace, grayFace} from "../reading/draw.js";
import {brushed, cover, landmarksIn, maskOf} from "../reading/parts.js";

const CLEAR = 255; // The level between tiles.

/** Levels as a picture in colours, hexadecimal RGB by level; the gap between tiles is transparent. */
function inColours({width, height, data}, colours) {
  const rgba = new Uint8ClampedArray(4 * data.length);
  data.forEach((level, place) => {
    if (level === CLEAR) return;
    const [red, green, blue] = colours ? [0, 2, 4].map((k) => parseInt(colours.substr(6 * level + k, 2), 16)) : [level, level, level];
    rgba.set([red, green, blue, 255], 4 * place);
  });
  return asPng(onCanvas({width, height, data: rgba}));
}

/** The pictures of the steps, for presentSteps; `maps` are the occlusion maps of all labels. */
function picturesOf(face, {photo, read}, {filters, blocks}, maps, kit) {
  const {crop_side: side, step_photo_side: large, step_thumbnail_side: small, expression_side: shown, viridis} = kit.constants;
  const pair = (canvas, most) => [asJpeg(fitted(canvas, most)), asJpeg(fitted(canvas, small))];
  const [crop, aligned] = [onCanvas(face.crop), onCanvas(face.aligned)];
  const inputSide = Math.round(Math.sqrt(face.input.length));
  const gray = grayFace(face.aligned, shown);
  return {
    open: pair(photo, large),
    find: pair(boxesOnPhoto(photo, {...read, faces: [face]}, large), large),
    cut: pair(crop, side),
    align: pair(aligned, side),
    before: asJpeg(fitted(aligned, side)),
    input: asPng(onCanvas(grayPicture(face.input, inputSide))),
    weigh: face.attention && pair(onCanvas(attentionOn(face.aligned, face.attention, viridis)), side),
    filters: inColours(filterTiles(filters), null),
    blocks: blocks.map((block) => {
      const {few, every} = blockTiles(block);
      const strongest = Math.min(STRONGEST, block.count);
      return {few: inColours(few, viridis), every: inColours(every, viridis), mean: inColours(meanTile(block), viridis), strongest};
    }),
    expressions: Object.fromEntries(kit.model.labels.map((label, i) =>
      [label, asJpeg(onCanvas(explanationOnFace(gray, maps[i], shown)))])),
  };
}

/** Listens to the cards' buttons until `signal` is aborted; the steps take the result's place until one goes back. */
export class Looking {
  #app;
  #place;
  #faceOf;
  #explaining;
  #shown; // {photo, read, name, size}.

  constructor(app, place, faceOf, explaining, shown, signal) {
    this.#app = app;
    this.#place = place;
    this.#faceOf = faceOf;
    this.#explaining = explaining;
    this.#shown = shown;
    place.addEventListener("click", ({target}) => {
      const part = target.closest("[data-look]");
      if (part && target.closest("[data-show]")) this.#look(part);
      if (part && target.closest("[data-give-up]")) explaining.stop();
    }, {signal});
    signal.addEventListener("abort", () => this.#inside()?.remove());
  }

  #inside() {
    return find("inside-view", this.#place.parentElement);
  }

  async #look(part) {
    const number = Number(part.dataset.look);
    const {kit} = this.#app;
    const {face, card} = this.#faceOf(number);
    const maps = await this.#explaining.mapsOf(part, number);
    if (!maps) return;
    let inner;
    try {
      inner = await this.#app.reading.inside(face.input);
    } catch (error) {
      return this.#explaining.rest(part, error.name === "stopped" ? "" : sentenceFor(error));
    }
    this.#explaining.rest(part, "");
    if (!part.isConnected) return;
    const {photo, read, size} = this.#shown;
    const pictures = picturesOf(face, {photo, read}, inner, maps, kit);
    this.#show(presentSteps(face, card, inner, {size}, pictures, kit), part, face);
  }

  #show(pipeline, part, face) {
    const {kit, templates} = this.#app;
    const view = document.createElement("section");
    view.dataset.insideView = "";
    view.innerHTML = templates.render(kit.card, "look", pipeline, this.#shown.name);
    this.#place.before(view);
    this.#place.hidden = true;
    find("back", view).addEventListener("click", () => {
      view.remove();
      this.#place.hidden = false;
      find("show", part).focus();
    });
    view.addEventListener("click", ({target}) => {
      const chosen = target.closest("[data-part], [data-brush-send]");
      if (chosen) this.#cover(view, face, chosen.dataset.part ?? null);
    });
    view.dispatchEvent(new CustomEvent("inside", {bubbles: true}));
    find("heading", view).focus();
  }

  /** Read the face again with a part of it covered, or what the brush went over. */
  async #cover(view, face, part) {
    const {kit, templates, reading} = this.#app;
    const input = Uint8Array.from(face.input);
    const side = Math.round(Math.sqrt(input.length));
    const mask = part ? maskOf(part, landmarksIn(face, kit.constants.mean_landmarks), side) : brushed(find("mask", view).value, side);
    const hidden = cover(input, mask);
    const result = find("cover-result", view);
    try {
      const [before, after] = await reading.predict([input, hidden]);
      const share = mask.reduce((sum, bit) => sum + bit, 0) / mask.length;
      const told = presentCover(part, share, before, after, kit);
      result.innerHTML = templates.render("_inside.html", "comparison", told);
      const picture = view.querySelector(".cover-canvas img");
      picture.src = asPng(onCanvas(grayPicture(hidden, side))).source;
      picture.alt = told.alt;
    } catch (error) {
      if (error.name !== "stopped") result.textContent = sentenceFor(error);
    }
  }
}
