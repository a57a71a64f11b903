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
  const formats = form.dataset.formats.split(",");
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

  const sizeFault = (file) => {
    if (file.size > maxBytes) return say("too_large", {limit: size(maxBytes)});
    return file.size ? "" : say("empty");
  };

  // What a file is, by its content as on the server: names and types are often wrong. Empty where it is unknown.
  const isoKind = (text) => {
    const brands = text.slice(8, Math.min(text.charCodeAt(3), 64)).match(/[^]{4}/g) ?? [];
    const first = brands.find((brand) => /^(hei[cxms]|hev[cxms]|avi[fs])$/.test(brand));
    if (/^(hei[cxms]|hev[cxms]|avi[fs]|mi[fa][12f]|msf1)$/.test(brands[0])) {
      return first?.startsWith("avi") ? "AVIF" : "HEIC";
    }
    return brands[0] === "crx " ? "RAW" : "VIDEO";
  };
  const SIGNATURES = [
    ["JPEG", /^\xff\xd8\xff/], ["PNG", /^\x89PNG/], ["WEBP", /^RIFF[^]{4}WEBP/], ["GIF", /^GIF8[79]a/],
    ["BMP", /^BM[^]{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0/], ["TIFF", /^(II[*+]\0|MM\0[*+])/], ["PDF", /^%PDF/],
    ["JXL", /^(\xff\n|\0\0\0\x0cJXL )/], ["VIDEO", /^(\x1aE\xdf\xa3|RIFF[^]{4}AVI |\0\0\x01[\xba\xb3]|FLV\x01)/],
    ["VIDEO", /^[^]{4}(moov|mdat|wide)/],
  ];
  const kindOf = async (file) => {
    const bytes = new Uint8Array(await file.slice(0, 64).arrayBuffer());
    const text = String.fromCharCode(...bytes);
    return text.slice(4, 8) === "ftyp" ? isoKind(text) : SIGNATURES.find(([, start]) => start.test(text))?.[0] ?? "";
  };

  // What is unknown by its content is for the server to judge, unless it says itself that it is something else.
  const typeFault = (file, kind) => {
    if (formats.includes(kind)) return "";
    if (kind) return words.kinds[kind] ?? words.wrong_type;
    return file.type && !accepted.includes(file.type) ? say("wrong_type") : "";
  };

  // Drawn on a canvas rather than shown by a blob: address, which the content security policy forbids; one
  // after the other, because ten large photos decoded at once take a gigabyte.
  const draw = async (file, canvas, kind) => {
    if (!items.has(file)) return;
    try {
      const bitmap = await createImageBitmap(file);
      const scale = Math.min(1, PREVIEW_SIDE / Math.max(bitmap.width, bitmap.height));
      canvas.width = Math.max(1, Math.round(bitmap.width * scale));
      canvas.height = Math.max(1, Math.round(bitmap.height * scale));
      canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
      bitmap.close();
    } catch {
      // Few browsers draw HEIC, and the server says why a photo can't be read; here only its format is shown.
      canvas.classList.add("blank");
      const context = canvas.getContext("2d");
      context.font = "600 64px sans-serif";
      context.textAlign = "center";
      context.textBaseline = "middle";
      context.fillStyle = getComputedStyle(canvas).color;
      context.fillText(kind, canvas.width / 2, canvas.height / 2);
    }
  };

  const build = (file) => {
    const item = find("item").content.firstElementChild.cloneNode(true);
    find("name", item).textContent = file.name;
    find("size", item).textContent = size(file.size);
    const canvas = item.querySelector("canvas");
    const mark = (fault) => {
      find("bad", item).textContent = fault;
      item.classList.toggle("refused", Boolean(fault));
      canvas.classList.toggle("blank", Boolean(fault));
    };
    mark(sizeFault(file));
    const remove = find("remove", item);
    remove.setAttribute("aria-label", say("remove", {name: file.name}));
    remove.addEventListener("click", () => {
      const next = (item.nextElementSibling ?? item.previousElementSibling)?.querySelector("button");
      items.delete(file);
      show();
      (next ?? input).focus();
    });
    if (sizeFault(file)) return item;
    const looked = kindOf(file).catch(() => "").then((kind) => {
      mark(typeFault(file, kind));
      return kind;
    });
    drawing = drawing.then(() => looked).then((kind) => typeFault(file, kind) || draw(file, canvas, kind));
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
