// More ways in than the file dialog: drop photos anywhere on the page, paste them, or take one with a phone.
(() => {
  "use strict";

  const form = document.getElementById("upload");
  if (!form?.classList.contains("enhanced")) return;
  const drop = form.querySelector("[data-drop]");
  const words = JSON.parse(form.dataset.words);
  let pasted = 0;

  const hand = (files) => form.dispatchEvent(new CustomEvent("photos", {detail: files}));
  const over = (on) => drop.classList.toggle("over", on);
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");

  // On the whole page: a photo that misses the field would otherwise replace the page.
  for (const type of ["dragenter", "dragover"]) {
    document.addEventListener(type, (event) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      over(true);
    });
  }
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) over(false);
  });
  document.addEventListener("drop", (event) => {
    over(false);
    if (!carriesFiles(event)) return;
    event.preventDefault();
    hand([...event.dataTransfer.files]);
  });

  // The clipboard calls every picture "image.png"; numbers tell them apart.
  document.addEventListener("paste", (event) => {
    const images = [...(event.clipboardData?.files ?? [])].filter((file) => file.type.startsWith("image/"));
    if (!images.length) return;
    event.preventDefault();
    hand(images.map((file) => {
      pasted += 1;
      const ending = file.type.slice("image/".length).replace("jpeg", "jpg");
      return new File([file], `${words.pasted.replace("{count}", pasted)}.${ending}`, {type: file.type});
    }));
  });

  // Phones open their camera for this input; its photo joins the others.
  const shot = document.getElementById("shot");
  shot.addEventListener("change", () => {
    const files = [...shot.files];
    shot.value = "";
    hand(files);
  });
})();
