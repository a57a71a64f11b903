// What this browser lacks, found before anything is loaded: then the page says so and names the server's way.

// The smallest module with a SIMD instruction (v128.const, i8x16 splat): valid only where SIMD is there.
const SIMD = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11);

/** Whether pixels come back from a canvas as they were drawn; protections against fingerprinting change them. */
export function canvasIsTrue() {
  const side = 16;
  const canvas = Object.assign(document.createElement("canvas"), {width: side, height: side});
  const context = canvas.getContext("2d", {willReadFrequently: true});
  if (!context) return null;
  const drawn = context.createImageData(side, side);
  for (let place = 0; place < side * side; place += 1) {
    drawn.data.set([(place * 37) % 256, (place * 91) % 256, (place * 151) % 256, 255], 4 * place);
  }
  context.putImageData(drawn, 0, 0);
  const read = context.getImageData(0, 0, side, side).data;
  return read.every((value, place) => value === drawn.data[place]);
}

/** What is missing, by the name of its sentence in the page's words; "" if all is there. */
export function lacking() {
  if (!window.isSecureContext) return "insecure";
  if (typeof WebAssembly !== "object" || !WebAssembly.validate(SIMD)) return "no_webassembly";
  if (typeof Worker !== "function" || typeof OffscreenCanvas !== "function") return "no_worker_modules";
  if (typeof DecompressionStream !== "function") return "no_streams";
  const honest = canvasIsTrue();
  if (honest === null) return "no_canvas";
  return honest ? "" : "altered";
}
