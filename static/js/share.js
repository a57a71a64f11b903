// The card to post by the share sheet of a phone, where the browser has one for pictures; elsewhere it is downloaded.
(() => {
  "use strict";

  const empty = new File([""], "card.png", {type: "image/png"});
  if (!navigator.canShare?.({files: [empty]})) return;

  /** Offer it in a part of the page; `draw` gives the picture of a shape as a Blob, or rejects. */
  const setUp = (root, title, draw) => {
    const button = root.querySelector("[data-share]");
    const dialog = root.querySelector("[data-share-dialog]");
    if (!button || !dialog?.showModal) return;
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
      try {
        const picture = await draw(dialog.querySelector(":checked").value);
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
        await navigator.share({files: [file], title});
        dialog.close();
      } catch (error) {
        // Closing the sheet is no failure.
        if (error.name !== "AbortError") status.textContent = "Your browser did not share it. Download it instead.";
      }
    });
    find("close").addEventListener("click", () => dialog.close());
  };

  const form = document.getElementById("result-data");
  const source = document.querySelector("[data-shape]");
  if (form && source) {
    setUp(document, document.title, async (shape) => {
      const fields = new FormData(form);
      fields.set("shape", shape);
      const answer = await fetch(source.formAction, {method: "POST", body: fields});
      if (!answer.ok) throw new Error(answer.status);
      return answer.blob();
    });
  }
  // A page that reads in the browser draws it there.
  document.addEventListener("result", ({target, detail}) => setUp(target, detail.title, detail.cardToPost));
})();
