// The strip of the start page, played once more on request; where motion is unwelcome it is still, and there is no button.
(() => {
  "use strict";

  const strip = document.querySelector("[data-strip]");
  const button = strip?.querySelector("[data-again]");
  if (!button || window.matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    for (const animation of strip.getAnimations({ subtree: true })) {
      animation.currentTime = 0;
      animation.play();
    }
  });
})();
