// A photo that is read where it is. The file field is in no form and has no name; its bytes go to the worker alone.
import {App, accept, asksOf, find, megabytes, onDrop, refuse, say, sentenceFor, words} from "./page.js";
import {isKept} from "./offline.js";
import {clear, photoOf, showResult} from "./result.js";

const choose = find("choose");
const input = find("photo");
const stop = find("stop");
const result = find("result");

let current = null; // The result that is shown.

const app = new App({ready: async () => {
  choose.hidden = false;
  input.focus();
  find("mesh-size").textContent = megabytes(app.manifest.files.mesh.bytes);
  // From the copy on this device, where there is one.
  if (await isKept()) await addMesh();
}});

/** Fetch what measures faces, and say of those that are shown what they do. */
async function addMesh() {
  const [button, told] = [find("add-mesh"), find("mesh-told")];
  accept();
  button.disabled = true;
  told.textContent = words.mesh_loading;
  try {
    await app.addMesh();
  } catch (error) {
    button.disabled = false;
    told.textContent = "";
    return refuse(sentenceFor(error));
  }
  find("mesh-offer").hidden = true;
  told.textContent = words.mesh_ready;
  await current?.measure();
}

find("add-mesh").addEventListener("click", addMesh);

/** Read one photo; another one that is being read is given up. */
async function read(file, name) {
  accept();
  clear(result);
  current = null;
  input.disabled = true;
  stop.hidden = false;
  try {
    const began = performance.now();
    const found = await app.reading.read(await file.arrayBuffer(), {onStep: (step) => say(words.steps[step])});
    const ms = performance.now() - began;
    say("");
    find("example")?.remove();
    current = showResult(app, result, {...found, ms}, await photoOf(file), name, asksOf(file, name, () => app.reading));
  } catch (error) {
    say("");
    if (error.name !== "stopped") refuse(sentenceFor(error, name));
    // Memory that WebAssembly has taken is given back with its worker.
    if (error.name === "out_of_memory") app.reading.close();
    if (["stopped", "out_of_memory"].includes(error.name)) await app.again().catch((failed) => refuse(sentenceFor(failed)));
  }
  input.disabled = false;
  stop.hidden = true;
}

input.addEventListener("change", () => {
  const [file] = input.files;
  if (file) read(file, file.name);
});

find("sample").addEventListener("click", async ({currentTarget}) => {
  const {address} = currentTarget.dataset;
  const answer = await fetch(address).catch(() => null);
  if (!answer?.ok) return refuse(words.no_sample);
  read(await answer.blob(), address.split("/").pop().split("?")[0]);
});

// The worker is ended in the midst of it; the reading that it leaves opens another.
stop.addEventListener("click", () => app.reading.close());

onDrop(input, (file) => read(file, file.name));

app.start();
