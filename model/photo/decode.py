"""Convert images of all modes to upright RGB arrays, and decode still WebP in half the memory.

Pillow decodes every WebP as an animation: two canvases, a copy of one, and its own image take 16 bytes a pixel, 400 MB
for 25 megapixels. OpenCV, with the same libwebp, decodes a still one directly into the result. The layout is that of
the WebP container specification (RFC 9649).
"""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image

from ..geometry import Pixels

# Rows, or pixels if the photo is very wide, that are converted at a time, so that the photo is not held in memory three
# times. Rows are a multiple of 8, the largest ``factor``.
STRIP_ROWS, STRIP_PIXELS = 256, 1_500_000


def to_rgb(image: Image.Image | Pixels, factor: int = 1) -> Pixels:
    """Convert an image, or gray, RGB or RGBA pixels, to RGB uint8 (height, width, 3), one strip of rows at a time.

    Transparency is blended with white. ``factor`` (1, 2, 4 or 8) shrinks: each square of factor × factor pixels, fewer
    at the right and lower border, is averaged.
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
        # Pillow would clip 16-bit gray at 255; 65535 / 255 = 257 exactly.
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
    """Rotate and mirror according to the EXIF orientation, 1…8 (EXIF 2.3, tag 0x0112)."""
    if orientation >= 5:
        pixels = pixels.transpose(1, 0, 2)
    # After the transposition, only the two flips remain.
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)


_ANIMATED = 0x02
# OpenCV refuses a shorter file, with a message on the terminal.
_MIN_BYTES = 32


def is_animated(data: bytes) -> bool:
    """Return whether a WebP file's header has the animation flag."""
    return data[12:16] == b"VP8X" and len(data) > 20 and bool(data[20] & _ANIMATED)


def is_still(data: bytes) -> bool:
    """Return whether ``decode_still`` can decode the WebP file."""
    return len(data) >= _MIN_BYTES and not is_animated(data)


def decode_still(data: bytes) -> Pixels:
    """Decode a still WebP to RGB or RGBA, uint8 (height, width, 3 or 4). Raises ValueError if it is damaged."""
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if decoded is None or decoded.ndim != 3:
        raise ValueError("libwebp cannot decode it")
    pixels = np.asarray(decoded, np.uint8)
    # In place, or a large photo would be held in memory twice.
    return np.asarray(cv2.cvtColor(pixels, _SWAPS[pixels.shape[2]], dst=pixels), np.uint8)


_SWAPS = {3: cv2.COLOR_BGR2RGB, 4: cv2.COLOR_BGRA2RGBA}


def exif_of(data: bytes) -> Image.Exif:
    """Return a WebP file's EXIF data; empty if it has none."""
    exif = Image.Exif()
    place = 12
    while place + 8 <= len(data):
        size = int.from_bytes(data[place + 4 : place + 8], "little")
        if data[place : place + 4] == b"EXIF":
            exif.load(data[place + 8 : place + 8 + size])
            break
        # Chunks start at even offsets.
        place += 8 + size + size % 2
    return exif
