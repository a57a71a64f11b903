// Pictures of a page, as the macros take them: {source, width, height}, the source a data: address made by a canvas.

const LIGHT = "#ffec40";
const DARK = "#101010";
const PHOTO_SIDE = 1024;
const LEAST_SIDE = 480;
const QUALITY = 0.86;

export function canvasOf(width, height) {
  return Object.assign(document.createElement("canvas"), {width, height});
}

/** {width, height, data} (RGBA) on a canvas of its own. */
export function onCanvas({width, height, data}) {
  const canvas = canvasOf(width, height);
  canvas.getContext("2d").putImageData(new ImageData(new Uint8ClampedArray(data), width, height), 0, 0);
  return canvas;
}

/** A canvas or image drawn so that its long side is at most `side`. */
export function fitted(source, side) {
  const scale = Math.min(1, side / Math.max(source.width, source.height));
  if (scale === 1) return source;
  const canvas = canvasOf(Math.max(1, Math.round(source.width * scale)), Math.max(1, Math.round(source.height * scale)));
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  return canvas;
}

export const asJpeg = (canvas) => ({source: canvas.toDataURL("image/jpeg", QUALITY), width: canvas.width, height: canvas.height});
export const asPng = (canvas) => ({source: canvas.toDataURL("image/png"), width: canvas.width, height: canvas.height});

/** Gray levels, 0…255, as RGBA of side × side. */
export function grayPicture(levels, side) {
  const data = new Uint8ClampedArray(4 * side * side);
  levels.forEach((level, place) => data.set([level, level, level, 255], 4 * place));
  return {width: side, height: side, data};
}

/** The crop in gray under the map of attention: model/output/draw.py's attention_on_crop. */
export function attentionOn(crop, attention, colors) {
  const rows = Math.round(Math.sqrt(attention.length));
  const most = Math.max(...attention, 1e-9);
  const map = fittedUp(grayPicture(Array.from(attention, (weight) => 255 * Math.min(Math.max(weight / most, 0), 1)), rows), crop.width, crop.height);
  const weights = map.getContext("2d").getImageData(0, 0, crop.width, crop.height).data;
  const data = new Uint8ClampedArray(crop.data.length);
  for (let i = 0; i < data.length; i += 4) {
    const gray = 0.299 * crop.data[i] + 0.587 * crop.data[i + 1] + 0.114 * crop.data[i + 2];
    for (let channel = 0; channel < 3; channel += 1) {
      const heat = parseInt(colors.substr(6 * weights[i] + 2 * channel, 2), 16);
      data[i + channel] = (gray + heat) / 2;
    }
    data[i + 3] = 255;
  }
  return {width: crop.width, height: crop.height, data};
}

function fittedUp(picture, width, height) {
  const canvas = canvasOf(width, height);
  canvas.getContext("2d").drawImage(onCanvas(picture), 0, 0, width, height);
  return canvas;
}

/** The pictures of one face's stages, for presentFace. */
export function picturesOf(face, kit, inputSide) {
  const {crop_side: side, thumbnail_side: small, nearly_level: level, viridis} = kit.constants;
  const crop = onCanvas(face.crop);
  const turned = Math.abs(face.roll) > level;
  return {
    crop: asJpeg(fitted(crop, side)),
    aligned: turned ? asJpeg(fitted(onCanvas(face.aligned), side)) : null,
    input: asPng(onCanvas(grayPicture(face.input, inputSide))),
    attention: face.attention ? asJpeg(fitted(onCanvas(attentionOn(face.aligned, face.attention, viridis)), side)) : null,
    thumbnail: asJpeg(fitted(crop, small)),
  };
}

/** A canvas turned clockwise by a multiple of 90°. */
export function turned(source, degrees) {
  if (!degrees) return source;
  const lying = degrees % 180 !== 0;
  const canvas = canvasOf(lying ? source.height : source.width, lying ? source.width : source.height);
  const context = canvas.getContext("2d");
  context.translate(canvas.width / 2, canvas.height / 2);
  context.rotate(degrees * Math.PI / 180);
  context.drawImage(source, -source.width / 2, -source.height / 2);
  return canvas;
}

/** The photo with each face's box, number and landmarks; `source` is as large as the boxes' pixels or smaller. */
export function boxesOnPhoto(source, {width, height, faces}, side = PHOTO_SIDE) {
  const long = Math.max(source.width, source.height);
  const scale = Math.min(side, Math.max(long, LEAST_SIDE)) / Math.max(width, height);
  const canvas = canvasOf(Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)));
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  const line = Math.max(1.5, Math.max(canvas.width, canvas.height) / 400);
  for (const face of faces) outline(context, face, scale, line);
  for (const face of faces) badge(context, face.number, face.box.map((each) => each * scale), line);
  return canvas;
}

function outline(context, face, scale, line) {
  const box = face.box.map((each) => each * scale);
  const thin = Math.max(1, Math.min(line, box[2] / 60));
  for (const [color, width] of [[DARK, 3 * thin], [LIGHT, thin]]) {
    context.strokeStyle = color;
    context.lineWidth = width;
    context.strokeRect(...box);
  }
  for (const [x, y] of Object.values(face.landmarks ?? {})) {
    for (const [color, radius] of [[DARK, 2.2 * thin], [LIGHT, 1.4 * thin]]) {
      context.fillStyle = color;
      context.beginPath();
      context.arc(x * scale, y * scale, radius, 0, 2 * Math.PI);
      context.fill();
    }
  }
}

function badge(context, number, [x, y], line) {
  const size = Math.max(13, 8 * line);
  context.font = `600 ${size}px sans-serif`;
  context.textBaseline = "middle";
  const width = context.measureText(number).width + size * 0.7;
  const left = Math.max(0, Math.min(x, context.canvas.width - width));
  const top = Math.max(0, y - 1.3 * size);
  context.fillStyle = LIGHT;
  context.fillRect(left, top, width, 1.3 * size);
  context.strokeStyle = DARK;
  context.lineWidth = Math.max(1, Math.floor(line / 2));
  context.strokeRect(left, top, width, 1.3 * size);
  context.fillStyle = DARK;
  context.fillText(number, left + size * 0.35, top + 0.68 * size);
}
