// The results page with a script: drawing the box on a photo without faces, printing, and cards that unfold when
// they are linked to or printed. Without it the numbers beside the photo do the same.
(() => {
  "use strict";

  const SVG = "http://www.w3.org/2000/svg";
  const CORNERS = ["nw", "ne", "se", "sw"];

  const shape = (name, attributes, parent) => {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    parent.append(element);
    return element;
  };

  const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

  const setUp = (region) => {
    const canvas = region.querySelector("[data-canvas]");
    const fields = ["x", "y", "width", "height"].map((name) => region.querySelector(`[name="${name}"]`));
    const [x, y, width, height] = fields;
    const least = Number(width.min);
    const photo = { width: Number(width.max), height: Number(height.max) };
    const svg = shape("svg", { viewBox: `0 0 ${photo.width} ${photo.height}`, "aria-hidden": "true" }, canvas);
    const shade = shape("path", { class: "shade", "fill-rule": "evenodd" }, svg);
    const back = shape("rect", { class: "edge back" }, svg);
    const edge = shape("rect", { class: "edge" }, svg);
    const unit = Math.max(photo.width, photo.height) / 100;
    const handles = CORNERS.map((corner) => shape("circle", { class: "handle", r: 1.6 * unit, "data-corner": corner }, svg));

    const box = () => {
      const [left, top, wide, high] = fields.map((field) => Math.round(Number(field.value) || 0));
      return { left, top, right: left + wide, bottom: top + high };
    };

    const draw = () => {
      const { left, top, right, bottom } = box();
      const frame = { x: left, y: top, width: Math.max(0, right - left), height: Math.max(0, bottom - top) };
      for (const rect of [back, edge]) for (const key in frame) rect.setAttribute(key, frame[key]);
      shade.setAttribute(
        "d",
        `M0 0H${photo.width}V${photo.height}H0ZM${left} ${top}H${right}V${bottom}H${left}Z`,
      );
      [[left, top], [right, top], [right, bottom], [left, bottom]].forEach(([cx, cy], index) => {
        handles[index].setAttribute("cx", cx);
        handles[index].setAttribute("cy", cy);
      });
    };

    // Typed numbers may reach beyond the photo until the other one is typed, so only drawing puts them right.
    const put = (left, top, right, bottom) => {
      const values = [left, top, right - left, bottom - top].map(Math.round);
      fields.forEach((field, index) => { field.value = values[index]; });
      draw();
    };

    // Always a square, as that is what the network reads, from the fixed corner towards the moved one.
    const stretch = (fixed, moved) => {
      const right = moved.x >= fixed.x;
      const down = moved.y >= fixed.y;
      const room = Math.min(right ? photo.width - fixed.x : fixed.x, down ? photo.height - fixed.y : fixed.y);
      const wanted = Math.max(Math.abs(moved.x - fixed.x), Math.abs(moved.y - fixed.y), least);
      const side = Math.min(wanted, room);
      // At the very edge there is no room for the least: then the fixed corner gives way.
      const left = clamp(right ? fixed.x : fixed.x - side, 0, photo.width - Math.max(side, least));
      const top = clamp(down ? fixed.y : fixed.y - side, 0, photo.height - Math.max(side, least));
      put(left, top, left + Math.max(side, least), top + Math.max(side, least));
    };

    const place = (event) => {
      const area = svg.getBoundingClientRect();
      return {
        x: clamp(((event.clientX - area.left) / area.width) * photo.width, 0, photo.width),
        y: clamp(((event.clientY - area.top) / area.height) * photo.height, 0, photo.height),
      };
    };

    // Until somebody has drawn, the box in the middle is only a suggestion, and a drag inside it draws a new one.
    let drawn = false;
    let drag = null;
    svg.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      const start = place(event);
      const { left, top, right, bottom } = box();
      const corner = event.target.dataset.corner;
      if (corner) {
        const fixed = { x: corner.includes("w") ? right : left, y: corner.includes("n") ? bottom : top };
        drag = (now) => stretch(fixed, now);
      } else if (drawn && start.x > left && start.x < right && start.y > top && start.y < bottom) {
        drag = (now) => {
          const dx = clamp(now.x - start.x, -left, photo.width - right);
          const dy = clamp(now.y - start.y, -top, photo.height - bottom);
          put(left + dx, top + dy, right + dx, bottom + dy);
        };
      } else {
        drag = (now) => stretch(start, now);
      }
      drawn = true;
      svg.setPointerCapture(event.pointerId);
    });
    svg.addEventListener("pointermove", (event) => drag?.(place(event)));
    for (const type of ["pointerup", "pointercancel"]) svg.addEventListener(type, () => { drag = null; });
    for (const field of fields) field.addEventListener("input", () => { drawn = true; draw(); });

    region.querySelector("[data-hint]").hidden = false;
    canvas.classList.add("drawable");
    draw();
    // The numbers that a browser puts back after going back in its history.
    window.addEventListener("pageshow", draw);
  };

  document.querySelectorAll("[data-region]").forEach(setUp);

  const unfold = () => {
    const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    const folded = target && target.closest("details");
    if (folded && !folded.open) {
      folded.open = true;
      target.scrollIntoView();
    }
  };
  window.addEventListener("hashchange", unfold);
  unfold();

  const print = document.querySelector("[data-print]");
  if (print) {
    print.hidden = false;
    print.addEventListener("click", () => window.print());
  }
  let opened = [];
  window.addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details.folded:not([open])")];
    for (const details of opened) details.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const details of opened) details.open = false;
  });
})();
