"""Load an upright RGB photo from bytes, a path or an array, or raise a ``PhotoError`` that a user can act on.

The format is identified by content, never by name. Colour profiles (ICC) are ignored: the classifier takes gray 48×48
faces, in which a profile changes next to nothing.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TypeVar

import numpy as np
from PIL import Image, ImageFile, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from ..geometry import Pixels
from ..store.forks import ForkSafeLock
from ..types import Photo
from .decode import decode_still, exif_of, is_animated, is_still, to_rgb, upright
from .errors import CorruptPhoto, EmptyPhoto, PhotoError, TooManyPixels, UnreadablePath, UnsupportedFormat
from .formats import ACCEPTED_FORMATS, describe_unsupported, format_of, png_is_complete, webp_canvas
from .limits import within_segment_limit
from .sources import PhotoSource, Scale, as_uint8, read_source

__all__ = [
    "ACCEPTED_FORMATS",
    "MAX_PIXELS",
    "CorruptPhoto",
    "EmptyPhoto",
    "PhotoError",
    "TooManyPixels",
    "UnreadablePath",
    "UnsupportedFormat",
    "load_photo",
]

T = TypeVar("T")
Size = tuple[int, int]

MAX_PIXELS = 25_000_000
# Larger photos may be decoded at a reduced size, to at least so many pixels: those in which a face of 50 pixels in a
# 12-megapixel photo can be found. By area, as a panorama's long side says nothing of the size of its faces.
ENOUGH_PIXELS = 1600 * 1200
ORIENTATION_TAG = 0x0112


class _Jpeg(JpegImagePlugin.JpegImageFile):
    """Pillow's JPEG reader without reading the resolution from the EXIF data, which fails if that is damaged."""

    def _read_dpi_from_exif(self) -> None:
        pass


# The classes and not Image.open: that opens the file before it checks the size, and treats a phone's JPEG with a second
# image behind it (MPO) as another format, or refuses it if the second image is damaged.
OPENERS: dict[str, Callable[[io.BytesIO], ImageFile.ImageFile]] = {
    "JPEG": _Jpeg,
    "PNG": PngImagePlugin.PngImageFile,
    "WEBP": WebPImagePlugin.WebPImageFile,
}

# warnings.catch_warnings replaces a list that all threads share.
_warnings_lock = ForkSafeLock()
# Decoding takes more than twice the photo's memory, so large ones are decoded one at a time.
_decoding_large = ForkSafeLock()
LARGE = 6_000_000  # Decoded pixels.


def load_photo(
    source: PhotoSource,
    *,
    max_pixels: int = MAX_PIXELS,
    scale: Scale | None = None,
) -> Photo:
    """Load a photo: the content of a JPEG, PNG or WebP file, its path or open file, a Pillow image, or an array.

    A file with a long side of 3,200 pixels or more is decoded at 1/2, 1/4 or 1/8 (see ``Photo.full_size``). EXIF
    orientation is applied, only the first frame of an animation is decoded, transparency is blended with white, 16 bits
    are scaled to 8. An array is uint8: RGB (height, width, 3), RGBA, or gray (height, width); floats from 0 to 1 are
    taken where ``scale="unit"`` says that they are that. Raises a ``PhotoError``, and TypeError for anything else; the
    pixel limit is checked on the header, before decoding, and half for an animated WebP, which takes twice the memory.
    """
    if isinstance(source, np.ndarray):
        height, width = (*source.shape, 1, 1)[:2]
        _check_size(width, height, max_pixels)
        pixels = as_uint8(source, scale)
        return Photo(pixels if pixels.ndim == 3 and pixels.shape[2] == 3 else to_rgb(pixels))
    if scale is not None:
        raise ValueError(f"scale is about an array, and this is {type(source).__name__}. Leave it out.")
    if isinstance(source, Image.Image):
        return _from_image(source, max_pixels)
    return _decode(read_source(source), max_pixels)


def _from_image(image: Image.Image, max_pixels: int) -> Photo:
    """Take a Pillow image as a file of its pixels would be taken; reading it may fail, for Pillow reads late."""
    if 0 in image.size:
        raise EmptyPhoto("The picture has no pixels. Pass one of at least 1×1 pixel.")
    _check_size(*image.size, max_pixels)
    orientation = _orientation(image.getexif)
    try:
        pixels = to_rgb(image)
    except Exception as error:
        raise CorruptPhoto(
            f"Pillow cannot read this image ({error}). Open it anew, or pass its path."
        ) from error
    return Photo(upright(pixels, orientation or 1), image.format, oriented=orientation is not None)


def _decode(data: bytes, max_pixels: int) -> Photo:
    if not data:
        raise EmptyPhoto("The file is empty (0 bytes). Choose the photo again, or another copy of it.")
    kind = format_of(data)
    if kind is None:
        raise UnsupportedFormat(describe_unsupported(data))
    if not within_segment_limit(data, kind):
        raise CorruptPhoto(
            f"This {kind} file is made of more parts than any photo, and reading them all would take minutes. "
            "Open it in a photo program and save it anew."
        )
    # Pillow's WebP reader allocates the whole canvas when it opens a file, so the size is checked before.
    if kind == "WEBP" and (canvas := webp_canvas(data)):
        _check_size(*canvas, max_pixels // 2 if is_animated(data) else max_pixels)
    try:
        still = kind == "WEBP" and is_still(data)
        pixels, size, orientation = _still_webp(data) if still else _opened(data, kind, max_pixels)
    except PhotoError:
        raise
    # Damaged data makes Pillow raise nearly anything: OSError, SyntaxError, struct.error, zlib.error, …
    except Exception as error:
        raise CorruptPhoto(
            f"This {kind.replace('WEBP', 'WebP')} file is damaged or cut off, so it cannot be shown. "
            "Copy or download it again, or open it in a photo program and save it anew."
        ) from error
    oriented, orientation = orientation is not None, orientation or 1
    reduced = pixels.shape[1::-1] != size
    full_size = (size[::-1] if orientation >= 5 else size) if reduced else None
    return Photo(upright(pixels, orientation), kind, full_size, oriented)


def _opened(data: bytes, kind: str, max_pixels: int) -> tuple[Pixels, Size, int | None]:
    """Decode with Pillow; return the image, perhaps reduced, its size in the file, and its EXIF orientation."""
    image = _without_warnings(lambda: OPENERS[kind](io.BytesIO(data)))
    size = image.size
    _check_size(*size, max_pixels)
    factor = _downscale_factor(size)
    if kind == "JPEG" and factor > 1:
        # JPEG stores the frequencies of 8×8 blocks, so libjpeg decodes a reduced image with less work.
        image.draft(None, (size[0] // factor, size[1] // factor))
    with _large_decode_lock(image.size):
        image.load()
        if kind == "PNG" and not png_is_complete(data):
            raise EOFError("no IEND chunk")
        orientation = _orientation(image.getexif)
        pixels = to_rgb(image, 1 if kind == "JPEG" else factor)
        image.close()
        del image
    return pixels, size, orientation


def _still_webp(data: bytes) -> tuple[Pixels, Size, int | None]:
    """Decode a still WebP with OpenCV; return the same."""
    with _large_decode_lock(webp_canvas(data) or (0, 0)):
        pixels = decode_still(data)
        height, width = pixels.shape[:2]
        pixels = to_rgb(pixels, _downscale_factor((width, height)))
    return pixels, (width, height), _orientation(lambda: exif_of(data))


def _large_decode_lock(size: Size) -> AbstractContextManager[object]:
    """Return the context for decoding a photo of this size: a lock if it is large."""
    return _decoding_large if size[0] * size[1] > LARGE else nullcontext()


def _downscale_factor(size: Size) -> int:
    """Return the factor by which an image is reduced on decoding: 1, 2, 4 or 8, to at least ``ENOUGH_PIXELS``.

    It saves memory and time, and loses the faces that are under 24 pixels then.
    """
    width, height = size
    return next(
        (
            factor
            for factor in (8, 4, 2)
            if width * height >= factor**2 * ENOUGH_PIXELS and min(size) >= factor
        ),
        1,
    )


def _check_size(width: int, height: int, max_pixels: int) -> None:
    if width * height > max_pixels:
        raise TooManyPixels(
            f"The photo has {width} × {height} pixels ({width * height / 1e6:.1f} megapixels), and at most "
            f"{max_pixels / 1e6:g} megapixels are read. Make it smaller, for example "
            "2,000 pixels wide, and try again."
        )


def _without_warnings(work: Callable[[], T]) -> T:
    """Return ``work()``, without Pillow's warnings about damaged metadata."""
    with _warnings_lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return work()


def _orientation(read: Callable[[], Image.Exif]) -> int | None:
    """Return the EXIF orientation, 1…8; None if it is missing, invalid or unreadable."""
    try:
        value = _without_warnings(lambda: read().get(ORIENTATION_TAG))
        return value if value in range(1, 9) else None
    # Damaged EXIF data is no reason to refuse the photo.
    except Exception:
        return None
