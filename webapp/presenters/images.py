"""Images as data: URIs, encoded in memory, so that none is stored."""

from __future__ import annotations

import io
from base64 import b64encode
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

from model.geometry import Pixels
from webapp.services import webp as webp_codec

JPEG_QUALITY = 86
WEBP_QUALITY = 74


@dataclass(frozen=True, slots=True)
class ImageView:
    """An image of a page."""

    source: str  # data: URI.
    alt: str  # Text alternative.
    width: int  # Pixels.
    height: int  # Pixels.


def jpeg(pixels: Pixels, alt: str) -> ImageView:
    """Return RGB (height, width, 3) as a JPEG."""
    bgr = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    return _view("jpeg", cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1], pixels, alt)


def webp(
    pixels: Pixels, alt: str, *, quality: int = WEBP_QUALITY, most_bytes: int | None = None
) -> ImageView:
    """Return RGB (height, width, 3) as a WebP, half as large as a JPEG; ``quality`` is 0…100.

    Over ``most_bytes`` it is made in less quality.
    """
    content = webp_codec.encode(pixels, quality, most_bytes)
    return _view("webp", np.frombuffer(content, np.uint8), pixels, alt)


def png(pixels: Pixels, alt: str) -> ImageView:
    """Return gray (height, width) as a PNG, which is lossless."""
    return _view("png", cv2.imencode(".png", pixels)[1], pixels, alt)


def levels_png(levels: Pixels, palette: Pixels, alt: str) -> ImageView:
    """Return levels (height, width) as a PNG in the colours ``palette``, RGB (256, 3); level 255 is transparent."""
    image = Image.fromarray(levels, "L")
    image.putpalette(palette.tobytes())
    buffer = io.BytesIO()
    image.save(buffer, "PNG", transparency=255)
    return _view("png", np.frombuffer(buffer.getvalue(), np.uint8), levels, alt)


def fit(pixels: Pixels, side: int) -> Pixels:
    """Return the image shrunk to a long side of ``side``; a smaller one is returned unchanged."""
    height, width = pixels.shape[:2]
    longest = max(height, width)
    if longest <= side:
        return pixels
    size = (max(1, round(width * side / longest)), max(1, round(height * side / longest)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _view(kind: str, encoded: object, pixels: Pixels, alt: str) -> ImageView:
    data = np.asarray(encoded, dtype=np.uint8).tobytes()
    source = f"data:image/{kind};base64,{b64encode(data).decode('ascii')}"
    return ImageView(source, alt, int(pixels.shape[1]), int(pixels.shape[0]))
