// The chosen photos: previews, what the server would refuse said early, and no second submit. The forms work
// without this script all the same. Other ways in hand their files over by a "photos" event on the form.
(() => {
  "use strict";

  const form = document.getElementById("upload");
  if (!form || !window.DataTransfer) return;
  const find = (name, inside = form) => inside.querySelector(`[data-${name}]`);
  const input = document.getElementById("photo");
  const list = find("chosen");
  const problem = find("problem");
  const status = find("status");
  const progress = find("progress");
  const button = find("submit");
  const label = find("label");
  const words = JSON.parse(form.dataset.words);
  const maxBytes = Number(form.dataset.maxBytes);
  const maxPhotos = Number(form.dataset.maxPhotos);
  const accepted = input.accept.split(",");
  const firstLabel = label.textContent;
  const PREVIEW_SIDE = 320;
  const PATIENCE_MS = 8000;
  const items = new Map();
  let drawing = Promise.resolve();

  form.classList.add("enhanced");

  const say = (word, values = {}) => words[word].replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const size = (bytes) =>
    bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1024))} kB` : `${Number((bytes / 1024 / 1024).toFixed(1))} MB`;
  const complain = (sentence) => {
    problem.textContent = sentence;
    problem.hidden = !sentence;
  };

  // An unknown type is for the server to judge: it looks at the content.
  const fault = (file) => {
    if (file.size > maxBytes) return say("too_large", {limit: size(maxBytes)});
    if (file.type && !accepted.includes(file.type)) return say("wrong_type");
    return file.size ? "" : say("empty");
  };

  // Drawn on a canvas rather than shown by a blob: address, which the content security policy forbids; one
  // after the other, because ten large photos decoded at once take a gigabyte.
  const draw = async (file, canvas) => {
    if (!items.has(file)) return;
    try {
      const bitmap = await createImageBitmap(file);
      const scale = Math.min(1, PREVIEW_SIDE / Math.max(bitmap.width, bitmap.height));
      canvas.width = Math.max(1, Math.round(bitmap.width * scale));
      canvas.height = Math.max(1, Math.round(bitmap.height * scale));
      canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
      bitmap.close();
    } catch {
      // The server says why a photo can't be read; here there is only nothing to show.
      canvas.classList.add("blank");
    }
  };

  const build = (file) => {
    const item = find("item").content.firstElementChild.cloneNode(true);
    find("name", item).textContent = file.name;
    find("size", item).textContent = size(file.size);
    find("bad", item).textContent = fault(file);
    item.classList.toggle("refused", Boolean(fault(file)));
    const remove = find("remove", item);
    remove.setAttribute("aria-label", say("remove", {name: file.name}));
    remove.addEventListener("click", () => {
      const next = (item.nextElementSibling ?? item.previousElementSibling)?.querySelector("button");
      items.delete(file);
      show();
      (next ?? input).focus();
    });
    const canvas = item.querySelector("canvas");
    if (!fault(file)) drawing = drawing.then(() => draw(file, canvas));
    else canvas.classList.add("blank");
    return item;
  };

  const show = () => {
    const files = [...items.keys()];
    const transfer = new DataTransfer();
    files.forEach((file) => transfer.items.add(file));
    input.files = transfer.files;
    list.replaceChildren(...items.values());
    list.hidden = !files.length;
    form.classList.toggle("has-photo", files.length > 0);
    label.textContent = files.length ? label.dataset.more : firstLabel;
    complain("");
    const total = size(files.reduce((sum, file) => sum + file.size, 0));
    const word = ["none_left", "chosen_one"][files.length] ?? "chosen_many";
    status.textContent = say(word, {count: files.length, size: total});
  };

  const add = (files) => {
    const same = (one, other) =>
      one.name === other.name && one.size === other.size && one.lastModified === other.lastModified;
    const fresh = files.filter((file) => ![...items.keys()].some((known) => same(known, file)));
    if (!files.length) return show();
    // What the last upload was refused for does not concern the new photos.
    document.getElementById("photo-error")?.remove();
    input.removeAttribute("aria-invalid");
    input.setAttribute("aria-describedby", "photo-hint");
    const room = maxPhotos - items.size;
    fresh.slice(0, room).forEach((file) => items.set(file, build(file)));
    show();
    if (fresh.length > room) complain(say("left_out", {limit: maxPhotos, count: fresh.length - room}));
  };

  const refuse = (event, sentence, target) => {
    event.preventDefault();
    complain(sentence);
    target.focus();
  };

  // Controls are not disabled here where they carry a value: a disabled one would not be sent.
  const lock = (locked, place, sentence) => {
    locked.setAttribute("aria-busy", "true");
    place.textContent = sentence;
    locked.waiting = setTimeout(() => { place.textContent = words.patience; }, PATIENCE_MS);
  };

  const unlock = (locked) => {
    clearTimeout(locked.waiting);
    if (locked.getAttribute("aria-busy")) find("status", locked).textContent = "";
    locked.removeAttribute("aria-busy");
  };

  input.addEventListener("change", () => add([...input.files]));
  form.addEventListener("photos", (event) => add(event.detail));

  form.addEventListener("submit", (event) => {
    if (form.getAttribute("aria-busy")) return event.preventDefault();
    const bad = list.querySelector(".refused [data-remove]");
    if (!items.size) return refuse(event, words.nothing, input);
    if (bad) return refuse(event, words.cannot_send, bad);
    button.disabled = true;
    progress.hidden = false;
    lock(form, status, say(items.size === 1 ? "sending_one" : "sending_many", {count: items.size}));
  });

  const samples = document.getElementById("samples");
  samples.addEventListener("submit", (event) => {
    if (samples.getAttribute("aria-busy")) return event.preventDefault();
    lock(samples, find("status", samples), words.sending_sample);
  });

  // A page that comes back from the browser's history must be usable again, with the photos it had.
  window.addEventListener("pageshow", () => {
    [form, samples].forEach(unlock);
    button.disabled = false;
    progress.hidden = true;
    if (input.files.length) add([...input.files]);
  });
})();
