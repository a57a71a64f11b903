"""Photos as WebP: about half as large as JPEG, for pictures that travel in a page."""

from __future__ import annotations

import io

from PIL import Image

from model.geometry import Pixels

# Pillow takes 0…6. With 2 it takes a third of the time of 4, and a twentieth more bytes.
METHOD = 2
# How many times less quality is tried for what has too many bytes, and how much less each time.
TRIES, STEP = 3, 16


def encode(pixels: Pixels, quality: int, most_bytes: int | None = None) -> bytes:
    """Return RGB (height, width, 3) as the bytes of a WebP; ``quality`` is 0…100.

    A picture full of detail that has more than ``most_bytes`` gets less quality, down to ``TRIES`` steps.
    """
    picture, content = Image.fromarray(pixels), b""
    for less in range(TRIES):
        buffer = io.BytesIO()
        picture.save(buffer, "WEBP", quality=max(0, quality - less * STEP), method=METHOD)
        content = buffer.getvalue()
        if most_bytes is None or len(content) <= most_bytes:
            break
    return content
