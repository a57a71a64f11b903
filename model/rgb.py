"""From whatever mode a picture was stored in to one upright RGB array."""

from __future__ import annotations

import numpy as np
from PIL import Image

from model.stages import Pixels

# Rows converted at a time: a 25-megapixel photo then never lies in memory three times over.
STRIP_ROWS = 256


def to_rgb(image: Image.Image) -> Pixels:
    """Return (height, width, 3), converting a strip of rows at a time."""
    width, height = image.size
    pixels = np.empty((height, width, 3), np.uint8)
    for top in range(0, height, STRIP_ROWS):
        bottom = min(height, top + STRIP_ROWS)
        pixels[top:bottom] = _strip_to_rgb(image.crop((0, top, width, bottom)))
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
