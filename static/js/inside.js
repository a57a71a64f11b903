// Looking inside with a script: the curtain between photo and numbers, the brush, and covered faces read without a new
// page. Without it both pictures stand side by side, and the buttons lead to a page that shows the same.
(() => {
  "use strict";

  const curtains = (place) => {
    for (const slider of place.querySelectorAll("[data-slider]")) {
      const label = slider.querySelector("label");
      const range = slider.querySelector("input");
      const show = () => slider.style.setProperty("--curtain", `${range.value}%`);
      label.hidden = false;
      slider.classList.add("over");
      range.addEventListener("input", show);
      window.addEventListener("pageshow", show);
      show();
    }
  };
  curtains(document);
  // Of a page that makes the steps itself.
  document.addEventListener("inside", ({ target }) => {
    curtains(target);
    brush(target.querySelector("[data-cover]"));
  });

  const GRID = 48;
  const RADIUS = 3.5; // Of the brush, in places of the grid.

  // Bits by rows, the first of each byte highest, in base64: as numpy packs them.
  const packed = (bits) => {
    const bytes = new Uint8Array(bits.length / 8);
    bits.forEach((bit, place) => { if (bit) bytes[place >> 3] |= 128 >> (place & 7); });
    return btoa(String.fromCharCode(...bytes));
  };

  const brush = (section) => {
    const find = (name) => section.querySelector(`[data-${name}]`);
    const [canvas, tools, mask, turn, send, clear] =
      ["brush", "brush-tools", "mask", "brush-switch", "brush-send", "brush-clear"].map(find);
    const pen = canvas.getContext("2d");
    const bits = new Uint8Array(GRID * GRID);
    let last = null;

    const place = (event) => {
      const area = canvas.getBoundingClientRect();
      return [((event.clientX - area.left) / area.width) * GRID, ((event.clientY - area.top) / area.height) * GRID];
    };
    const dab = (x, y) => {
      for (let row = 0; row < GRID; row += 1) {
        for (let column = 0; column < GRID; column += 1) {
          if (Math.hypot(column + 0.5 - x, row + 0.5 - y) > RADIUS) continue;
          bits[row * GRID + column] = 1;
          pen.fillRect(column, row, 1, 1);
        }
      }
    };
    const stroke = (to) => {
      const from = last || to;
      const steps = Math.max(1, Math.ceil(Math.hypot(to[0] - from[0], to[1] - from[1])));
      for (let step = 0; step <= steps; step += 1) {
        dab(from[0] + ((to[0] - from[0]) * step) / steps, from[1] + ((to[1] - from[1]) * step) / steps);
      }
      last = to;
      mask.value = packed(bits);
      send.hidden = clear.hidden = false;
    };

    pen.fillStyle = "#8a8f93";
    tools.hidden = false;
    turn.addEventListener("click", () => {
      const on = turn.getAttribute("aria-pressed") !== "true";
      turn.setAttribute("aria-pressed", on);
      canvas.hidden = !on;
    });
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      canvas.setPointerCapture(event.pointerId);
      last = null;
      stroke(place(event));
    });
    canvas.addEventListener("pointermove", (event) => {
      if (canvas.hasPointerCapture(event.pointerId)) stroke(place(event));
    });
    clear.addEventListener("click", () => {
      bits.fill(0);
      pen.clearRect(0, 0, GRID, GRID);
      mask.value = "";
      send.hidden = clear.hidden = true;
    });
    // What the brush covered is sent by its own button only.
    return (button) => { mask.disabled = button !== send; };
  };

  const section = document.querySelector("[data-cover]");
  const form = document.getElementById("inside-data");
  if (!section || !form) return;
  const choose = brush(section);
  const result = section.querySelector("[data-cover-result]");
  const picture = section.querySelector(".cover-canvas img");

  form.addEventListener("submit", async (event) => {
    const button = event.submitter;
    choose(button);
    if (!button || !section.contains(button)) return;
    event.preventDefault();
    if (section.getAttribute("aria-busy")) return;
    section.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form, button) });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("[data-cover-result]");
      if (!answer.ok || !fresh) throw new Error(String(answer.status));
      result.replaceChildren(...fresh.children);
      const seen = page.querySelector(".cover-canvas img");
      picture.src = seen.getAttribute("src");
      picture.alt = seen.alt;
    } catch {
      // The page that says what is wrong.
      section.removeAttribute("aria-busy");
      HTMLFormElement.prototype.submit.call(form);
      return;
    }
    section.removeAttribute("aria-busy");
  });
})();
