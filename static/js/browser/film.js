// The frames of a film, n a second: a <video> of its own is sent from one to the next, and decodes what the browser plays.
import {canvasOf} from "./pictures.js";

const SIDE = 640; // Pixels; frames are kept no larger for showing them.
const INTO = 0.02; // Seconds into a frame, so that rounding does not give the one before it.
const PATIENCE = 20_000; // Milliseconds for one frame.
const LATE = 500; // Milliseconds for which a picture may come after "seeked".
const LONGEST = 2; // Seconds.
const FAR = 1e7; // Seconds; where a film without a length is sent to tell it.

/** Why a film cannot be read; `name` is a word of the page. */
export class FilmError extends Error {
  constructor(name) {
    super(name);
    this.name = name;
  }
}

const once = (target, names) => new Promise((resolve, reject) => {
  const end = (name) => {
    clearTimeout(late);
    for (const each of names) target.removeEventListener(each, listeners[each]);
    if (name === "error") reject(new FilmError("not_a_film"));
    else resolve(name);
  };
  const listeners = Object.fromEntries(names.map((name) => [name, () => end(name)]));
  const late = setTimeout(() => end("error"), PATIENCE);
  for (const name of names) target.addEventListener(name, listeners[name]);
});

/** What the video shows: {bitmap, stamp}; the stamp, in seconds, is of this very picture, or null. */
async function still(video) {
  if (typeof VideoFrame !== "function") return {bitmap: await createImageBitmap(video), stamp: null};
  const frame = new VideoFrame(video);
  try {
    return {bitmap: await createImageBitmap(frame), stamp: frame.timestamp / 1e6};
  } finally {
    frame.close();
  }
}

export class Film {
  #video;
  #longest = 0.06; // Seconds for which one picture stands.

  /** Open a film at a blob: address; rejects with FilmError. */
  static async open(address) {
    const video = Object.assign(document.createElement("video"), {muted: true, playsInline: true, preload: "auto"});
    const loaded = once(video, ["loadeddata", "error"]);
    video.src = address;
    await loaded;
    if (!video.videoWidth) throw new FilmError("no_picture");
    const film = new Film();
    film.#video = video;
    // What a browser has recorded says no length before its end was seen.
    if (!Number.isFinite(video.duration)) {
      const there = once(video, ["seeked", "error"]);
      video.currentTime = FAR;
      await there;
    }
    film.seconds = Number.isFinite(video.duration) ? video.duration : video.currentTime;
    film.width = video.videoWidth;
    film.height = video.videoHeight;
    return film;
  }

  /** The times of the looks, in seconds: every so many from the beginning on. */
  times(every) {
    const count = Math.max(1, Math.ceil((this.seconds - INTO) / every - 1e-6));
    return Array.from({length: count}, (_, place) => place * every);
  }

  /** The frame at a time: {time, bitmap, canvas}; `time` is its own time stamp where the browser tells it. */
  async frame(time) {
    const video = this.#video;
    const wanted = Math.min(time + INTO, Math.max(0, this.seconds - 1e-3));
    if (Math.abs(video.currentTime - wanted) > 1e-4) {
      const there = once(video, ["seeked", "error"]);
      video.currentTime = wanted;
      await there;
    }
    const {bitmap, stamp} = await this.#shown(wanted);
    const scale = Math.min(1, SIDE / Math.max(bitmap.width, bitmap.height));
    const canvas = canvasOf(Math.round(bitmap.width * scale), Math.round(bitmap.height * scale));
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    return {time: stamp ?? time, bitmap, canvas};
  }

  /** What is shown at a time. "Seeked" may be said before the picture is there: one of an older time is waited out. */
  async #shown(wanted) {
    const end = performance.now() + LATE;
    for (;;) {
      const shown = await still(this.#video);
      const older = shown.stamp === null ? 0 : wanted - shown.stamp;
      if (older <= this.#longest) return shown;
      if (performance.now() > end) {
        // So long do this film's pictures stand.
        this.#longest = Math.min(older, LONGEST);
        return shown;
      }
      shown.bitmap.close();
      await new Promise((resolve) => { setTimeout(resolve, 10); });
    }
  }

  /** Let the film go. */
  close() {
    this.#video.removeAttribute("src");
    this.#video.load();
  }
}
