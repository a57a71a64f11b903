// The card to post by the share sheet of a phone, where the browser has one for pictures; elsewhere it is downloaded.
(() => {
  "use strict";

  const button = document.querySelector("[data-share]");
  const dialog = document.querySelector("[data-share-dialog]");
  const form = document.getElementById("result-data");
  const source = document.querySelector("[data-shape]");
  const empty = new File([""], "card.png", {type: "image/png"});
  if (!button || !dialog?.showModal || !form || !source || !navigator.canShare?.({files: [empty]})) return;
  const find = (name) => dialog.querySelector(`[data-share-${name}]`);
  const status = find("status");
  const now = find("now");
  let file = null;
  let asked = 0;

  // Made before it is shared: a browser opens its share sheet only in the moments after a press.
  const make = async () => {
    const mine = asked += 1;
    file = null;
    now.disabled = true;
    status.textContent = "Making the picture …";
    const fields = new FormData(form);
    fields.set("shape", dialog.querySelector(":checked").value);
    try {
      const answer = await fetch(source.formAction, {method: "POST", body: fields});
      if (!answer.ok) throw new Error(answer.status);
      const picture = await answer.blob();
      if (mine !== asked) return;
      file = new File([picture], "face-value.png", {type: "image/png"});
      status.textContent = "The picture is ready.";
      now.disabled = false;
    } catch {
      if (mine === asked) status.textContent = "The picture cannot be made now. Wait a minute, then try again.";
    }
  };

  button.hidden = false;
  button.addEventListener("click", () => {
    dialog.showModal();
    make();
  });
  for (const choice of dialog.querySelectorAll("[name=share-shape]")) choice.addEventListener("change", make);
  now.addEventListener("click", async () => {
    try {
      await navigator.share({files: [file], title: document.title});
      dialog.close();
    } catch (error) {
      // Closing the sheet is no failure.
      if (error.name !== "AbortError") status.textContent = "Your browser did not share it. Download it instead.";
    }
  });
  find("close").addEventListener("click", () => dialog.close());
})();
