"""Still WebP pictures, decoded in half the memory that Pillow takes for them.

Pillow reads every WebP as an animation: two canvases, a copy of one, and its own picture make 16 bytes a pixel, 400 MB
for a photo of 25 million. OpenCV, with the same libwebp, writes a still one where it belongs.
The layout is that of the WebP container specification (RFC 9649).
"""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image

from model.stages import Pixels

_ANIMATED = 0x02
# OpenCV takes no file shorter than this, and complains about it on the terminal.
_LEAST_BYTES = 32


def is_animated(data: bytes) -> bool:
    """Return whether a WebP file says that it has several frames."""
    return data[12:16] == b"VP8X" and len(data) > 20 and bool(data[20] & _ANIMATED)


def is_still(data: bytes) -> bool:
    """Return whether ``decode_still`` takes the file."""
    return len(data) >= _LEAST_BYTES and not is_animated(data)


def decode_still(data: bytes) -> Pixels:
    """Return a still WebP as RGB or RGBA, uint8 (height, width, 3 or 4); raises ValueError where it is damaged."""
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if decoded is None or decoded.ndim != 3:
        raise ValueError("libwebp cannot decode it")
    pixels = np.asarray(decoded, np.uint8)
    # In place, or a large photo would lie in memory twice.
    return np.asarray(cv2.cvtColor(pixels, _SWAPS[pixels.shape[2]], dst=pixels), np.uint8)


_SWAPS = {3: cv2.COLOR_BGR2RGB, 4: cv2.COLOR_BGRA2RGBA}


def exif_of(data: bytes) -> Image.Exif:
    """Return a WebP file's notes; empty where it has none."""
    exif = Image.Exif()
    place = 12
    while place + 8 <= len(data):
        size = int.from_bytes(data[place + 4 : place + 8], "little")
        if data[place : place + 4] == b"EXIF":
            exif.load(data[place + 8 : place + 8 + size])
            break
        # Chunks start at even places.
        place += 8 + size + size % 2
    return exif
