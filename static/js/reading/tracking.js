// Which face is which over time, and shares without flicker: the same as model/film/tracking.py, which says why.
// tests/film/tracking_cases.json holds both to one behaviour.

export const LEAST_OVERLAP = 0.3;  // Intersection over union of a face's box with its last one, at least.
export const GAP = 0.7;  // Seconds for which a face may be missed and keeps its number.
export const TAU = 0.5;  // Seconds: the time constant of the smoothing.
export const HOLD = 0.3;  // Seconds for which another label must be ahead until it is the steady one.
const ROUNDING = 1e-9;  // Times are sums of floats.

/** The intersection over union of two boxes [x, y, width, height]; 0 if either is empty. */
export function overlap(first, second) {
  const width = Math.min(first[0] + first[2], second[0] + second[2]) - Math.max(first[0], second[0]);
  const height = Math.min(first[1] + first[3], second[1] + second[3]) - Math.max(first[1], second[1]);
  const common = Math.max(0, width) * Math.max(0, height);
  const whole = first[2] * first[3] + second[2] * second[3] - common;
  return whole > 0 ? common / whole : 0;
}

/** The place of the largest share, the first of equal ones. */
function largest(shares) {
  return shares.indexOf(Math.max(...shares));
}

/** What is remembered of one face: its last box and its smoothed shares. */
class Track {
  constructor(number, time, box, shares) {
    Object.assign(this, {number, seen: time, box, smoothed: Array.from(shares)});
    this.steady = this.ahead = largest(this.smoothed);
    this.since = time;
  }

  follow(time, box, shares) {
    const weight = 1 - Math.exp(-(time - this.seen) / TAU);
    this.smoothed = this.smoothed.map((old, place) => old + weight * (shares[place] - old));
    Object.assign(this, {seen: time, box});
    const first = largest(this.smoothed);
    if (first !== this.ahead) Object.assign(this, {ahead: first, since: time});
    if (time - this.since >= HOLD - ROUNDING) this.steady = this.ahead;
  }
}

/** The faces of one film, or of one look into the mirror. */
export class FaceTracker {
  #gap;
  #tracks = [];
  #last = 0;
  #time = -Infinity;

  /** `step` is the usual time between two looks in seconds: a face may always be missed for one and a half. */
  constructor(step = 0) {
    this.step = step;
  }

  /** Where the usual time is learned as one goes, as on a slow device. */
  set step(step) {
    this.#gap = Math.max(GAP, 1.5 * step);
  }

  /**
   * The faces of one look, in the order given: {number, smoothed, steady}. Pairs of a face and a known one are made by
   * overlap, largest first; of equal ones the known face with the smaller number, then the face that is given first.
   * Throws a RangeError if time goes back.
   */
  update(time, boxes, shares) {
    if (time < this.#time) throw new RangeError(`time goes back from ${this.#time} to ${time} s`);
    this.#time = time;
    this.#tracks = this.#tracks.filter((track) => time - track.seen <= this.#gap + ROUNDING);
    const found = this.#matched(boxes);
    boxes.forEach((box, place) => {
      const known = found.get(place);
      if (known) return known.follow(time, box, shares[place]);
      const track = new Track(++this.#last, time, box, shares[place]);
      found.set(place, track);
      this.#tracks.push(track);
    });
    return boxes.map((_, place) => {
      const {number, smoothed, steady} = found.get(place);
      return {number, smoothed: smoothed.slice(), steady};
    });
  }

  #matched(boxes) {
    const pairs = this.#tracks.flatMap((track) =>
      boxes.map((box, place) => ({overlap: overlap(track.box, box), place, track})));
    pairs.sort((a, b) => b.overlap - a.overlap || a.track.number - b.track.number || a.place - b.place);
    const found = new Map();
    const taken = new Set();
    for (const {overlap: common, place, track} of pairs) {
      if (common < LEAST_OVERLAP || taken.has(track.number) || found.has(place)) continue;
      found.set(place, track);
      taken.add(track.number);
    }
    return found;
  }
}
