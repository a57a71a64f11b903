// The chosen photos: previews, what the server would refuse made smaller or said early, one photo alone sent at once, and
// no second submit. The forms work without this script all the same. Other ways in hand their files over by a "photos"
// event on the form.
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
  const limits = {bytes: Number(form.dataset.maxBytes), decode: Number(form.dataset.maxDecode)};
  const maxTotal = Number(form.dataset.maxTotal);
  const maxPhotos = Number(form.dataset.maxPhotos);
  const accepted = input.accept.split(",");
  const formats = form.dataset.formats.split(",");
  const firstLabel = label.textContent;
  const PREVIEW_SIDE = 320;
  const PATIENCE_MS = 8000;
  // By the chosen file: its element, what is sent of it, why it cannot be sent, and whether all that is known yet.
  const items = new Map();
  let working = Promise.resolve();

  form.classList.add("enhanced");

  const say = (word, values = {}) => words[word].replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const size = (bytes) =>
    bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1024))} kB` : `${Number((bytes / 1024 / 1024).toFixed(1))} MB`;
  const complain = (sentence) => {
    problem.textContent = sentence;
    problem.hidden = !sentence;
  };

  const sizeFault = (file) => {
    if (file.size > limits.bytes) return say("too_large", {limit: size(limits.bytes)});
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

  // Drawn on a canvas rather than shown by a blob: address, which the content security policy forbids.
  const draw = async (file, canvas, kind) => {
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

  // Fetched with the first photo, as the page is read without it.
  let fetched = null;
  const shrinker = () => {
    fetched ??= new Promise((done, fail) => {
      const script = document.createElement("script");
      script.addEventListener("load", () => done(globalThis.faceValueShrink));
      script.addEventListener("error", fail);
      script.src = form.dataset.shrink;
      document.head.append(script);
    });
    return fetched;
  };

  const NO_PICTURE = ["PDF", "VIDEO"];
  // What is sent of a file, and else why nothing is.
  const prepare = async (file, kind) => {
    const fault = typeFault(file, kind) || sizeFault(file);
    const {fits, shrink} = await shrinker();
    if (!fault && (await fits(file, kind, limits))) return {sent: file, fault};
    if (!file.size || NO_PICTURE.includes(kind)) return {sent: file, fault};
    const smaller = await shrink(file, limits);
    return smaller ? {sent: smaller, fault: ""} : {sent: file, fault};
  };

  const describe = (file, item) => {
    const {sent, fault, element} = item;
    const smaller = {before: size(file.size), after: size(sent.size)};
    find("size", element).textContent = sent === file ? size(file.size) : say("made_smaller", smaller);
    find("bad", element).textContent = fault;
    find("is-film", element).hidden = fault !== words.kinds.VIDEO;
    element.classList.toggle("refused", Boolean(fault));
    element.querySelector("canvas").classList.toggle("blank", Boolean(fault));
  };

  // One after the other, because ten large photos decoded at once take a gigabyte.
  const look = async (file, item) => {
    const kind = await kindOf(file).catch(() => "");
    if (!items.has(file)) return;
    // Without what would make it smaller, only the server can say.
    const unshrunk = {sent: file, fault: typeFault(file, kind) || sizeFault(file)};
    Object.assign(item, await prepare(file, kind).catch(() => unshrunk));
    describe(file, item);
    if (!item.fault && items.has(file)) await draw(item.sent, item.element.querySelector("canvas"), kind);
  };

  const build = (file) => {
    const element = find("item").content.firstElementChild.cloneNode(true);
    const item = {element, sent: file, fault: ""};
    element.setAttribute("aria-busy", "true");
    find("name", element).textContent = file.name;
    find("size", element).textContent = size(file.size);
    const remove = find("remove", element);
    remove.setAttribute("aria-label", say("remove", {name: file.name}));
    remove.addEventListener("click", () => {
      const next = (element.nextElementSibling ?? element.previousElementSibling)?.querySelector("button");
      items.delete(file);
      show();
      (next ?? input).focus();
    });
    item.ready = working.then(() => look(file, item)).catch(() => {}).then(() => {
      item.ready = null;
      element.removeAttribute("aria-busy");
    });
    working = item.ready;
    return item;
  };

  const total = () => [...items.values()].reduce((sum, {sent}) => sum + sent.size, 0);

  // All that is needed so that the photos fit into one request, the largest first.
  const fitTogether = async () => {
    const {shrink} = await shrinker();
    const aim = (0.98 * maxTotal) / items.size;
    const bySize = [...items].filter(([, {fault}]) => !fault).sort(([, one], [, other]) => other.sent.size - one.sent.size);
    for (const [file, item] of bySize) {
      if (total() <= maxTotal) return;
      const smaller = item.sent.size > aim && (await shrink(file, limits, aim));
      if (smaller && smaller.size < item.sent.size) item.sent = smaller;
      describe(file, item);
    }
  };

  const hold = () => {
    const transfer = new DataTransfer();
    items.forEach(({sent}) => transfer.items.add(sent));
    input.files = transfer.files;
  };

  const show = () => {
    hold();
    list.replaceChildren(...[...items.values()].map(({element}) => element));
    list.hidden = !items.size;
    form.classList.toggle("has-photo", items.size > 0);
    label.textContent = items.size ? label.dataset.more : firstLabel;
    complain("");
    const word = ["none_left", "chosen_one"][items.size] ?? "chosen_many";
    status.textContent = say(word, {count: items.size, size: size(total())});
  };

  // Whether all photos can be sent; resolves when all of them have been looked at.
  const settle = async () => {
    while ([...items.values()].some(({ready}) => ready)) await working;
    if (total() > maxTotal) await fitTogether().catch(() => {});
    hold();
    return ![...items.values()].some(({fault}) => fault);
  };

  const add = (files, alone = false) => {
    const same = (one, other) =>
      one.name === other.name && one.size === other.size && one.lastModified === other.lastModified;
    const known = [...items].flatMap(([file, {sent}]) => [file, sent]);
    const fresh = files.filter((file) => !known.some((other) => same(other, file)));
    if (!files.length) return show();
    // What the last upload was refused for does not concern the new photos.
    document.getElementById("photo-error")?.remove();
    input.removeAttribute("aria-invalid");
    input.setAttribute("aria-describedby", "photo-hint");
    const first = !items.size;
    const room = maxPhotos - items.size;
    fresh.slice(0, room).forEach((file) => items.set(file, build(file)));
    show();
    if (fresh.length > room) complain(say("left_out", {limit: maxPhotos, count: fresh.length - room}));
    if (alone && first && files.length === 1) begin(files[0]);
  };

  // One photo is what there is to read: nothing more to press. Not if another has joined it meanwhile.
  const begin = async (file) => {
    form.classList.add("starting");
    const good = await settle();
    form.classList.remove("starting");
    const item = items.size === 1 && items.get(file);
    if (good && item) form.requestSubmit(button);
    else if (item) status.textContent = `${file.name}: ${item.fault}`;
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

  input.addEventListener("change", () => add([...input.files], true));
  form.addEventListener("photos", (event) => add(event.detail, true));

  form.addEventListener("submit", (event) => {
    if (form.getAttribute("aria-busy")) return event.preventDefault();
    if (!items.size) return refuse(event, words.nothing, input);
    if ([...items.values()].some(({ready}) => ready) || total() > maxTotal) {
      event.preventDefault();
      return wait();
    }
    const bad = list.querySelector(".refused [data-remove]");
    if (bad) return refuse(event, words.cannot_send, bad);
    button.disabled = true;
    progress.hidden = false;
    lock(form, status, say(items.size === 1 ? "sending_one" : "sending_many", {count: items.size}));
  });

  // Pressed while a photo is still being made smaller: said, and sent when that is done.
  let waiting = false;
  const wait = async () => {
    if (waiting) return;
    waiting = true;
    status.textContent = words.preparing;
    await settle();
    waiting = false;
    if (total() > maxTotal) return complain(say("too_much", {limit: size(maxTotal)}));
    form.requestSubmit(button);
  };

  const samples = document.getElementById("samples");
  samples.addEventListener("submit", (event) => {
    if (samples.getAttribute("aria-busy")) return event.preventDefault();
    lock(samples, find("status", samples), words.sending_sample);
  });

  // Taken back while it is on its way: the answer is not waited for.
  form.addEventListener("cancel", () => {
    window.stop();
    items.clear();
    show();
    ready();
  });

  // A page that comes back from the browser's history must be usable again, with the photos it had.
  const ready = () => {
    [form, samples].forEach(unlock);
    button.disabled = false;
    progress.hidden = true;
  };
  window.addEventListener("pageshow", () => {
    ready();
    if (input.files.length) add([...input.files]);
  });
})();
