// What the three pages share: what is missing is said, the files are loaded with progress, errors become sentences.
import {Reading, namesOf} from "../reading/client.js";
import {fetchFiles, fetchManifest} from "../reading/files.js";
import {keepOffline, isKept} from "./offline.js";
import {lacking} from "./limits.js";
import {fill, templatesOf} from "./present.js";
import {FILTERS} from "./words.js";

export const app = document.querySelector("[data-app]");
export const find = (name, inside = document) => inside.querySelector(`[data-${name}]`);
export const words = JSON.parse(app.dataset.words);

const status = find("status");
const refusal = find("refusal");

export const say = (sentence) => { status.textContent = sentence; };

/** Say why it does not work here, with the server's way beside it. */
export function refuse(sentence) {
  find("reason", refusal).textContent = sentence;
  refusal.hidden = false;
}

export const accept = () => { refusal.hidden = true; };

// Names of errors, and the sentences that they have in the page.
const SENTENCES = {
  unreachable: "no_files",
  altered_file: "wrong_file",
  bad_file: "blocked",
  no_worker: "blocked",
  no_webassembly: "no_webassembly",
  insecure: "insecure",
  no_decompression: "no_streams",
  no_canvas: "no_canvas",
  altered_canvas: "altered",
  undecodable: "not_a_photo",
  incomplete: "incomplete",
  too_large: "too_large",
  out_of_memory: "memory",
};

/** The sentence for an error, with the name of what was being read. */
export function sentenceFor(error, name = "") {
  const word = SENTENCES[error.name] ?? "failed";
  return fill(words[word], {name, reason: error.message.replace(/\.$/, "")});
}

/** What is asked of a photo that was read, as showResult does it; null where it cannot be said, and that is told. */
export const asksOf = (file, name, reading) => {
  const ask = async (step, answer) => {
    accept();
    say(words.steps[step]);
    try {
      return await answer(await file.arrayBuffer());
    } catch (error) {
      if (error.name !== "stopped") refuse(sentenceFor(error, name));
      return null;
    } finally {
      say("");
    }
  };
  return {
    asItCame: () => ask("upright", async (bytes) => {
      const began = performance.now();
      const read = await reading().read(bytes, {asItCame: true, onStep: (step) => say(words.steps[step])});
      return {...read, ms: performance.now() - began};
    }),
    part: (box, rotation) => ask("classify", (bytes) => reading().region(bytes, box, rotation)),
    movements: (faces, rotation) => ask("movements", (bytes) => reading().movements(bytes, faces, rotation)),
  };
};

/** Bytes as the site writes them: 10.7 MB. */
export const megabytes = FILTERS.file_size;

/** Hand over the file that is dropped on the page's place for one, unless its field is disabled. */
export function onDrop(input, use) {
  const drop = find("drop");
  drop.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over"); });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    const [file] = event.dataTransfer.files;
    if (file && !input.disabled) use(file);
  });
}

/** The page: its kit, and the worker once it is loaded. */
export class App {
  kit = null;
  manifest = null;
  reading = null;
  templates = null;
  #live;
  #mesh = null; // What measures faces, once it is loaded.
  #ready;

  /** `live` takes the network for pictures in motion, where there is one; `ready` is called once all is there. */
  constructor({live = false, ready}) {
    this.#live = live;
    this.#ready = ready;
  }

  /** Whether the network is the one for pictures in motion, of 8 bits. */
  get quick() {
    return this.#live && "classifier_live" in this.manifest.files;
  }

  async start() {
    const lacks = lacking();
    if (lacks) return refuse(words[lacks]);
    app.hidden = false;
    const button = find("load");
    button.addEventListener("click", () => this.load());
    button.disabled = true;
    try {
      const [kit, manifest] = await Promise.all([fetch(app.dataset.kit).then((answer) => answer.json()), fetchManifest(app.dataset.files)]);
      this.kit = kit;
      this.manifest = manifest;
    } catch (error) {
      button.hidden = true;
      return refuse(sentenceFor(error.name === "FileError" ? error : Object.assign(error, {name: "unreachable"})));
    }
    this.templates = templatesOf(this.kit);
    button.disabled = false;
    find("size").textContent = megabytes(this.#bytes());
    keepOffline();
    if (await isKept()) await this.load();
  }

  #bytes() {
    return namesOf(this.manifest, this.quick ? "classifier_live" : "classifier").reduce((sum, name) => sum + this.manifest.files[name].bytes, 0);
  }

  /** Fetch what reads and open it; says why where that fails, and can be pressed again. */
  async load() {
    const [button, progress] = [find("load"), find("progress")];
    button.disabled = true;
    accept();
    progress.hidden = false;
    const began = performance.now();
    try {
      this.reading = await this.open((done, whole) => {
        progress.value = done / whole;
        say(done < whole ? fill(words.loading, {done: megabytes(done), whole: megabytes(whole)}) : words.opening);
      });
    } catch (error) {
      button.disabled = false;
      progress.hidden = true;
      say("");
      return refuse(sentenceFor(error));
    }
    find("get-ready").hidden = true;
    // Figures for python -m bench.browser stand in the page.
    app.dataset.readyMs = (performance.now() - began).toFixed(0);
    say(words.ready);
    this.#ready();
  }

  /** A worker with the networks open; `full` takes the classifier of photos in any case. */
  open(onProgress = () => {}, full = false) {
    return Reading.open(this.manifest, {classifier: this.quick && !full ? "classifier_live" : "classifier", onProgress});
  }

  /** Whether faces can be measured. */
  get measures() {
    return this.#mesh !== null;
  }

  /** Fetch what measures faces; rejects as `open` does. */
  async addMesh() {
    const {mesh} = await fetchFiles(this.manifest, ["mesh"]);
    await this.reading.addMesh(mesh.slice(0), this.manifest.mesh_metadata);
    this.#mesh = mesh;
  }

  /** Open a worker in place of one that was closed. */
  async again() {
    this.reading = await this.open();
    if (this.#mesh) await this.reading.addMesh(this.#mesh.slice(0), this.manifest.mesh_metadata);
  }
}
