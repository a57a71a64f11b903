// Drawing the box on the photo: by dragging, by two taps, by arrow keys. The numbers beside the photo say the same,
// and do it without this script. A page that reads in the browser says by its event "result" that there is another photo.
(() => {
  "use strict";

  const SVG = "http://www.w3.org/2000/svg";
  const CORNERS = ["nw", "ne", "se", "sw"];
  // Pixels of the screen: a press that moves less is a tap.
  const TAP = 6;
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  const shape = (name, attributes, parent) => {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    parent.append(element);
    return element;
  };

  const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

  const setUp = (region, signal) => {
    const canvas = document.getElementById(region.dataset.region);
    const fields = ["x", "y", "width", "height"].map((name) => region.querySelector(`[name="${name}"]`));
    const [, , width, height] = fields;
    const least = Number(width.min);
    const photo = { width: Number(width.max), height: Number(height.max) };
    const hint = region.querySelector("[data-hint]");
    const svg = shape("svg", {
      class: "drawing", viewBox: `0 0 ${photo.width} ${photo.height}`, tabindex: 0, role: "application",
      "aria-label": "Box on the photo", "aria-describedby": hint.id,
    }, canvas);
    const shade = shape("path", { class: "shade", "fill-rule": "evenodd" }, svg);
    const back = shape("rect", { class: "edge back" }, svg);
    const edge = shape("rect", { class: "edge" }, svg);
    const first = shape("circle", { class: "first", r: 0 }, svg);
    const handles = CORNERS.map((corner) => shape("circle", { class: "handle", "data-corner": corner }, svg));

    const box = () => {
      const [left, top, wide, high] = fields.map((field) => Math.round(Number(field.value) || 0));
      return { left, top, right: left + wide, bottom: top + high };
    };

    const draw = () => {
      for (const field of fields) if (field.type === "range") field.closest("label").querySelector(".value").textContent = field.value;
      const { left, top, right, bottom } = box();
      const frame = { x: left, y: top, width: Math.max(0, right - left), height: Math.max(0, bottom - top) };
      for (const rect of [back, edge]) for (const key in frame) rect.setAttribute(key, frame[key]);
      shade.setAttribute(
        "d",
        `M0 0H${photo.width}V${photo.height}H0ZM${left} ${top}H${right}V${bottom}H${left}Z`,
      );
      // As large as a fingertip on any screen, whatever the photo measures.
      const unit = photo.width / (svg.getBoundingClientRect().width || photo.width);
      [[left, top], [right, top], [right, bottom], [left, bottom]].forEach(([cx, cy], index) => {
        for (const [key, value] of Object.entries({ cx, cy, r: 9 * unit })) handles[index].setAttribute(key, value);
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

    const move = (dx, dy) => {
      const { left, top, right, bottom } = box();
      const x = clamp(dx, -left, photo.width - right);
      const y = clamp(dy, -top, photo.height - bottom);
      put(left + x, top + y, right + x, bottom + y);
    };

    const place = (event) => {
      const area = svg.getBoundingClientRect();
      return {
        x: clamp(((event.clientX - area.left) / area.width) * photo.width, 0, photo.width),
        y: clamp(((event.clientY - area.top) / area.height) * photo.height, 0, photo.height),
      };
    };

    // Until somebody has drawn, the box is only a suggestion, and a drag inside it draws a new one.
    let drawn = false;
    let drag = null;
    let corner = null;
    const mark = (point) => {
      corner = point;
      const unit = photo.width / svg.getBoundingClientRect().width;
      first.setAttribute("r", point ? 6 * unit : 0);
      if (point) for (const [key, value] of [["cx", point.x], ["cy", point.y]]) first.setAttribute(key, value);
    };

    // The first tap sets a corner, the second the one across.
    const tap = (point) => {
      if (!corner) return mark(point);
      stretch(corner, point);
      mark(null);
      drawn = true;
    };

    svg.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      const start = place(event);
      const { left, top, right, bottom } = box();
      const grip = event.target.dataset.corner;
      drag = { x: event.clientX, y: event.clientY, start, moved: false, act: null };
      if (grip) {
        const fixed = { x: grip.includes("w") ? right : left, y: grip.includes("n") ? bottom : top };
        drag.act = (now) => stretch(fixed, now);
      } else if (event.pointerType === "touch") {
        // A finger that moves scrolls the page; it draws by tapping, or at the corners.
        return;
      } else if (drawn && start.x > left && start.x < right && start.y > top && start.y < bottom) {
        drag.act = (now) => {
          put(left, top, right, bottom);
          move(now.x - start.x, now.y - start.y);
        };
      } else {
        drag.act = (now) => stretch(start, now);
      }
      svg.setPointerCapture(event.pointerId);
    });
    svg.addEventListener("pointermove", (event) => {
      if (!drag) return;
      drag.moved ||= Math.hypot(event.clientX - drag.x, event.clientY - drag.y) > TAP;
      if (!drag.moved || !drag.act) return;
      drawn = true;
      mark(null);
      drag.act(place(event));
    });
    svg.addEventListener("pointerup", (event) => {
      if (drag && !drag.moved) tap(place(event));
      drag = null;
    });
    svg.addEventListener("pointercancel", () => { drag = null; });

    svg.addEventListener("keydown", (event) => {
      const arrow = ARROWS[event.key];
      if (!arrow || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      drawn = true;
      const step = Math.max(1, Math.round(Math.max(photo.width, photo.height) / 100));
      const [dx, dy] = arrow.map((way) => way * step);
      if (!event.shiftKey) return move(dx, dy);
      const { left, top, right } = box();
      const side = Math.max(least, right - left + dx + dy);
      stretch({ x: left, y: top }, { x: left + side, y: top + side });
    });

    for (const field of fields) field.addEventListener("input", () => { drawn = true; draw(); });

    // Below found faces, the photo belongs to their marks until the form is opened.
    const fold = region.closest("details");
    const show = () => {
      const open = !fold || fold.open;
      svg.classList.toggle("away", !open);
      canvas.classList.toggle("drawable", open);
      if (open) draw();
    };
    fold?.addEventListener("toggle", () => {
      show();
      if (fold.open) canvas.scrollIntoView({ block: "nearest" });
    });
    hint.hidden = false;
    show();
    window.addEventListener("resize", draw, { signal });
    // The numbers that a browser puts back after going back in its history.
    window.addEventListener("pageshow", draw, { signal });
  };

  document.querySelectorAll("[data-region]").forEach((region) => setUp(region));

  let shown = new AbortController();
  document.addEventListener("result", ({ target }) => {
    shown.abort();
    shown = new AbortController();
    target.querySelectorAll("[data-region]").forEach((region) => setUp(region, shown.signal));
  });
})();
