"""Decode a picture of each format to RGB, reduced, holding as little as possible; turn it upright."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import cast

import cv2
import numpy as np
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    WebPImagePlugin,
)

from ..geometry import Pixels
from .exif import orientation_of
from .header import Header
from .simple import is_animated

Size = tuple[int, int]

# Rows, or pixels if the photo is very wide, that are converted at a time, so that the photo is not held in memory three
# times. Rows are a multiple of 8, the largest ``factor``.
STRIP_ROWS, STRIP_PIXELS = 256, 400_000

# The classes and not Image.open: that treats a phone's JPEG with a second image behind it (MPO) as another format, or
# refuses it if the second image is damaged.
_PILLOW: dict[str, Callable[[io.BytesIO], ImageFile.ImageFile]] = {
    "JPEG": JpegImagePlugin.JpegImageFile,
    "PNG": PngImagePlugin.PngImageFile,
    "WEBP": WebPImagePlugin.WebPImageFile,
    "AVIF": AvifImagePlugin.AvifImageFile,
    "GIF": GifImagePlugin.GifImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
}


def decode(header: Header, kind: str, factor: int) -> tuple[Pixels, Size, int | None]:
    """Return the picture in RGB reduced by ``factor`` (1, 2, 4, 8), its size in the file, and its EXIF orientation.

    The orientation is None where the file does not say, and where the decoder has applied it already. Raises nearly
    anything if the file is damaged.
    """
    if kind == "HEIC":
        return _heic(header.content, factor)
    if kind == "WEBP" and not is_animated(header.content):
        return *_still_webp(header.content, factor), header.orientation
    image = _PILLOW[kind](io.BytesIO(header.content))
    size = image.size
    if header.scales and factor > 1:
        # JPEG stores the frequencies of 8×8 blocks, so libjpeg decodes a reduced image with less work.
        image.draft(None, (size[0] // factor, size[1] // factor))
    image.load()
    # Pillow gives the rotation and mirroring of an AVIF as an EXIF orientation.
    orientation = orientation_of(image.info.get("exif", b"")) if kind == "AVIF" else header.orientation
    pixels = to_rgb(image, 1 if header.scales else factor)
    image.close()
    return pixels, size, orientation


def _still_webp(data: bytes, factor: int) -> tuple[Pixels, Size]:
    """Decode a still WebP with OpenCV, which uses the same libwebp.

    Pillow decodes every WebP as an animation: two canvases, a copy of one, and its own image take 16 bytes a pixel.
    """
    # OpenCV refuses a shorter file, with a message on the terminal.
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED) if len(data) >= 32 else None
    if decoded is None or decoded.ndim != 3:
        raise ValueError("libwebp cannot decode it")
    height, width = decoded.shape[:2]
    swap = cv2.COLOR_BGR2RGB if decoded.shape[2] == 3 else cv2.COLOR_BGRA2RGBA
    return to_rgb(np.asarray(decoded, np.uint8), factor, swap), (width, height)


def _heic(data: bytes, factor: int) -> tuple[Pixels, Size, int | None]:
    """Decode the primary image of a HEIC file, upright: libheif applies the file's rotation and mirroring."""
    # Only here, since the package is optional.
    import pi_heif

    file = pi_heif.open_heif(data, convert_hdr_to_8bit=True)
    image = file[file.primary_index]
    pixels = cast(Pixels, np.asarray(image))
    height, width = image.size[::-1]
    if pixels.dtype != np.uint8 or pixels.ndim not in (2, 3):
        raise ValueError("an unusual kind of pixel")
    return to_rgb(pixels[:height, :width], factor), (width, height), None


def strip_pixels(width: int, height: int) -> int:
    """Return how many pixels ``to_rgb`` converts at a time."""
    return width * min(height, _strip_rows(width))


def _strip_rows(width: int) -> int:
    return max(8, min(STRIP_ROWS, STRIP_PIXELS // width // 8 * 8))


def to_rgb(image: Image.Image | Pixels, factor: int = 1, swap: int | None = None) -> Pixels:
    """Convert an image, or gray, RGB or RGBA pixels, to RGB uint8 (height, width, 3), one strip of rows at a time.

    Transparency is blended with white. ``factor`` (1, 2, 4 or 8) shrinks: each square of factor × factor pixels, fewer
    at the right and lower border, is averaged. ``swap`` is OpenCV's code for the order of the channels.
    """
    height, width = image.shape[:2] if isinstance(image, np.ndarray) else image.size[::-1]
    pixels = np.empty((-(-height // factor), -(-width // factor), 3), np.uint8)
    rows = _strip_rows(width)
    for top in range(0, height, rows):
        bottom = min(height, top + rows)
        if isinstance(image, np.ndarray):
            part = image[top:bottom] if swap is None else cv2.cvtColor(image[top:bottom], swap)
            strip = _strip_to_rgb(Image.fromarray(part))
        else:
            strip = _strip_to_rgb(image.crop((0, top, width, bottom)))
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
