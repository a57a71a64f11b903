"""From whatever mode a picture was stored in to one upright RGB array."""

from __future__ import annotations

import numpy as np
from PIL import Image

from model.stages import Pixels

# Rows converted at a time, or fewer of a very wide photo: one of 25 megapixels then never lies in memory three times
# over. A multiple of 8, as is what becomes of it.
STRIP_ROWS, STRIP_PIXELS = 256, 1_500_000


def to_rgb(image: Image.Image | Pixels, factor: int = 1) -> Pixels:
    """Return (height, width, 3), converting a strip of rows at a time; ``image`` may be RGB or RGBA pixels too.

    With a ``factor`` (1, 2, 4 or 8) each square of so many pixels becomes their mean; at the edges they may be fewer.
    """
    height, width = image.shape[:2] if isinstance(image, np.ndarray) else image.size[::-1]
    pixels = np.empty((-(-height // factor), -(-width // factor), 3), np.uint8)
    rows = max(8, min(STRIP_ROWS, STRIP_PIXELS // width // 8 * 8))
    for top in range(0, height, rows):
        bottom = min(height, top + rows)
        strip = _strip_to_rgb(
            Image.fromarray(image[top:bottom])
            if isinstance(image, np.ndarray)
            else image.crop((0, top, width, bottom))
        )
        if factor > 1:
            strip = np.asarray(Image.fromarray(strip).reduce(factor))
        pixels[top // factor : -(-bottom // factor)] = strip
    return pixels


def _strip_to_rgb(strip: Image.Image) -> Pixels:
    if strip.mode.startswith("I"):
        # Pillow would cut 16-bit gray off at 255; 65535 / 255 = 257 exactly.
        deep = np.asarray(strip).astype(np.uint32)
        gray = ((deep + 128) // 257).astype(np.uint8)
        if isinstance(clear := strip.info.get("transparency"), int):
            gray[deep == clear] = 255
        return np.repeat(gray[:, :, None], 3, axis=2)
    if strip.has_transparency_data:
        strip = strip.convert("RGBA")
        white = Image.new("RGBA", strip.size, "white")
        strip = Image.alpha_composite(white, strip)
    return np.asarray(strip.convert("RGB"))


def upright(pixels: Pixels, orientation: int) -> Pixels:
    """Turn and mirror as EXIF 2.3 (tag 0x0112) says, so that the photo's top is up."""
    if orientation >= 5:
        pixels = pixels.transpose(1, 0, 2)
    # Seen after that transposition, what is left are the two mirrorings.
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)
