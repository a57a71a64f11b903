// A photo that is read where it is. The file field is in no form and has no name; its bytes go to the worker alone.
import {App, accept, find, onDrop, partOf, refuse, say, sentenceFor, words} from "./page.js";
import {clear, photoOf, showResult} from "./result.js";

const choose = find("choose");
const input = find("photo");
const stop = find("stop");
const result = find("result");

const app = new App({ready: () => {
  choose.hidden = false;
  input.focus();
}});

/** Read one photo; another one that is being read is given up. */
async function read(file, name) {
  accept();
  clear(result);
  input.disabled = true;
  stop.hidden = false;
  try {
    const began = performance.now();
    const found = await app.reading.read(await file.arrayBuffer(), {onStep: (step) => say(words.steps[step])});
    const ms = performance.now() - began;
    say("");
    find("example")?.remove();
    showResult(app, result, {...found, ms}, await photoOf(file), name, partOf(file, name, () => app.reading));
  } catch (error) {
    say("");
    if (error.name !== "stopped") refuse(sentenceFor(error, name));
    else await app.again().catch((failed) => refuse(sentenceFor(failed)));
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
