"""Photos as WebP: about half as large as JPEG, for pictures that travel in a page."""

from __future__ import annotations

import io

from PIL import Image

from model.geometry import Pixels

# Pillow takes 0…6. With 2 it takes a third of the time of 4, and a twentieth more bytes.
METHOD = 2


def encode(pixels: Pixels, quality: int) -> bytes:
    """Return RGB (height, width, 3) as the bytes of a WebP; ``quality`` is 0…100."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "WEBP", quality=quality, method=METHOD)
    return buffer.getvalue()
