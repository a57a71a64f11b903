// A round of ten: "show me: surprised". Asked for is what the model finds reliably, as its report says; the score is
// kept nowhere.
import {adjective, fill} from "./present.js";
import {find, words} from "./page.js";

const TURNS = 10;
const SECONDS = 8; // For one turn.
const HELD = 0.5; // Seconds for which it must be read as asked.
const PAUSE = 1.2; // Seconds in which the outcome is read.

export class Round {
  #kit;
  #place = find("round-place");
  #targets;
  #turn = 0;
  #right = 0;
  #target = null;
  #until = 0;
  #since = null;
  #pause = 0;

  constructor(kit) {
    this.#kit = kit;
    this.#targets = kit.model.targets;
    this.#place.hidden = false;
    this.#score();
  }

  get over() {
    return this.#turn >= TURNS && this.#target === null;
  }

  /** Look at what is read now: the labels of all faces that are sure. */
  look(labels, time) {
    if (this.over) return;
    if (this.#target === null) {
      if (time >= this.#pause) this.#ask(time);
      return;
    }
    if (!labels.includes(this.#target)) this.#since = null;
    else if (this.#since === null) this.#since = time;
    if (this.#since !== null && time - this.#since >= HELD) this.#end(true, time);
    else if (time > this.#until) this.#end(false, time);
  }

  #ask(time) {
    const others = this.#targets.filter((label) => label !== this.last);
    this.#target = this.last = others[Math.floor(Math.random() * others.length)] ?? this.#targets[0];
    this.#until = time + SECONDS;
    this.#since = null;
    find("target").textContent = fill(words.show_me, {word: adjective(this.#kit, this.#target)});
  }

  #end(right, time) {
    const word = adjective(this.#kit, this.#target);
    this.#turn += 1;
    this.#right += right ? 1 : 0;
    this.#target = null;
    this.#pause = time + PAUSE;
    find("target").textContent = this.over ? fill(words.round_over, {right: this.#right}) : fill(right ? words.got_it : words.missed, {word});
    this.#score();
  }

  #score() {
    find("round-progress").value = this.#turn;
    find("score").textContent = fill(words.score, {right: this.#right, turns: this.#turn});
  }
}
