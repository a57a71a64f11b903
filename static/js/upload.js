// Progressive enhancement of the upload form: preview, drag and drop, an early word on what the server would
// refuse, and no second submit. Without it the form works all the same.
(() => {
  "use strict";

  const form = document.getElementById("upload");
  if (!form || !window.DataTransfer) return;
  const find = (name) => form.querySelector(`[data-${name}]`);
  const input = form.elements.photo;
  const drop = find("drop");
  const chosen = find("chosen");
  const canvas = find("preview");
  const problem = find("problem");
  const status = find("status");
  const button = find("submit");
  const label = find("label");
  const firstLabel = label.textContent;
  const maxBytes = Number(form.dataset.maxBytes);
  const PREVIEW_SIDE = 320;

  form.classList.add("enhanced");

  const size = (bytes) =>
    bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1024))} kB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;

  const complain = (sentence) => {
    problem.textContent = sentence;
    problem.hidden = !sentence;
  };

  // Drawn on a canvas rather than shown by a blob: address, which the content security policy forbids.
  const preview = async (file) => {
    try {
      const bitmap = await createImageBitmap(file);
      if (input.files[0] !== file) return;
      const scale = Math.min(1, PREVIEW_SIDE / Math.max(bitmap.width, bitmap.height));
      canvas.width = Math.max(1, Math.round(bitmap.width * scale));
      canvas.height = Math.max(1, Math.round(bitmap.height * scale));
      canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
      bitmap.close();
      canvas.hidden = false;
    } catch {
      // The server says why a photo can't be read; here there is only nothing to show.
      canvas.hidden = true;
    }
  };

  const show = () => {
    const file = input.files[0];
    chosen.hidden = !file;
    form.classList.toggle("has-photo", Boolean(file));
    label.textContent = file ? label.dataset.again : firstLabel;
    complain("");
    if (!file) return;
    // What the last upload was refused for does not concern the new photo.
    document.getElementById("photo-error")?.remove();
    input.removeAttribute("aria-invalid");
    input.setAttribute("aria-describedby", "photo-hint");
    find("name").textContent = file.name;
    find("size").textContent = size(file.size);
    if (file.size > maxBytes) complain(`This file has ${size(file.size)}; the limit is ${size(maxBytes)}.`);
    preview(file);
  };

  input.addEventListener("change", show);

  for (const type of ["dragenter", "dragover"]) {
    drop.addEventListener(type, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  for (const type of ["dragleave", "drop"]) {
    drop.addEventListener(type, () => drop.classList.remove("over"));
  }
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    const file = event.dataTransfer.files[0];
    if (!file) return;
    const transfer = new DataTransfer();
    transfer.items.add(file);
    input.files = transfer.files;
    show();
  });

  const ready = () => {
    form.removeAttribute("aria-busy");
    button.disabled = false;
    status.textContent = "";
  };

  form.addEventListener("submit", (event) => {
    if (form.getAttribute("aria-busy") || (input.files[0] && input.files[0].size > maxBytes)) {
      event.preventDefault();
      return;
    }
    form.setAttribute("aria-busy", "true");
    button.disabled = true;
    status.textContent = "Analysing the photo …";
  });

  // A page that comes back from the browser's history must be usable again.
  window.addEventListener("pageshow", () => {
    ready();
    show();
  });
})();
