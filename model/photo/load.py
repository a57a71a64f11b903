"""Load an upright RGB photo from bytes, a path or an array, or raise a ``PhotoError`` that a user can act on.

The format is identified by content, never by name. Colour profiles (ICC) are ignored: the classifier takes gray 48×48
faces, in which a profile changes next to nothing.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import numpy as np
from PIL import Image

from ..store.forks import ForkSafeLock
from ..types import Photo
from . import heif, jpeg, png, simple
from .decode import decode, to_rgb, upright
from .errors import CorruptPhoto, EmptyPhoto, PhotoError, TooManyPixels, UnreadablePath, UnsupportedFormat
from .exif import ORIENTATION_TAG
from .formats import NAMES, accepted_formats, describe_unsupported, format_of
from .header import Header, Incomplete, TooManyParts
from .limits import MAX_DECODE_BYTES, decode_bytes, refusal
from .sources import PhotoSource, Scale, as_uint8, read_source

__all__ = [
    "MAX_DECODE_BYTES",
    "CorruptPhoto",
    "EmptyPhoto",
    "PhotoError",
    "TooManyPixels",
    "UnreadablePath",
    "UnsupportedFormat",
    "accepted_formats",
    "estimate_bytes",
    "load_photo",
]

# Larger photos may be decoded at a reduced size, to at least so many pixels: those in which a face of 50 pixels in a
# 12-megapixel photo can be found. By area, as a panorama's long side says nothing of the size of its faces.
ENOUGH_PIXELS = 1600 * 1200
FACTORS = (8, 4, 2, 1)

_HEADERS: dict[str, Callable[[bytes], Header]] = {
    "JPEG": jpeg.read_header,
    "PNG": png.read_header,
    "WEBP": simple.read_webp,
    "GIF": simple.read_gif,
    "BMP": simple.read_bmp,
    "HEIC": lambda data: heif.read_header(data, "HEIC"),
    "AVIF": lambda data: heif.read_header(data, "AVIF"),
}

# warnings.catch_warnings replaces a list that all threads share.
_warnings_lock = ForkSafeLock()
# Photos whose decoding takes more are decoded one at a time.
_decoding_large = ForkSafeLock()
LARGE = 40_000_000  # Bytes.


def load_photo(
    source: PhotoSource,
    *,
    max_bytes: int = MAX_DECODE_BYTES,
    scale: Scale | None = None,
) -> Photo:
    """Load a photo: the content of a file of one of ``accepted_formats``, its path, an open file, an image, an array.

    A large file is decoded at 1/2, 1/4 or 1/8 (see ``Photo.full_size``): from 7.7 megapixels on, or where decoding
    takes too much memory otherwise. EXIF orientation is applied, only the first image of a file is decoded,
    transparency is blended with white, 16 bits are scaled to 8. A JPEG or PNG that lacks its last bytes is read and
    marked. An image is one of Pillow's. An array is uint8: RGB (height, width, 3), RGBA, or gray (height, width);
    floats from 0 to 1 are taken where ``scale="unit"`` says that they are that. Raises a ``PhotoError``, and TypeError
    for anything else; the memory is estimated from the header, before decoding.
    """
    if isinstance(source, np.ndarray):
        height, width = (*source.shape, 1, 1)[:2]
        _check_pixels(width, height, max_bytes)
        pixels = as_uint8(source, scale)
        return Photo(pixels if pixels.ndim == 3 and pixels.shape[2] == 3 else to_rgb(pixels))
    if scale is not None:
        raise ValueError(f"scale is about an array, and this is {type(source).__name__}. Leave it out.")
    if isinstance(source, Image.Image):
        return _from_image(source, max_bytes)
    return _decode(read_source(source), max_bytes)


def _from_image(image: Image.Image, max_bytes: int) -> Photo:
    """Take a Pillow image as a file of its pixels would be taken; reading it may fail, for Pillow reads late."""
    if 0 in image.size:
        raise EmptyPhoto("The picture has no pixels. Pass one of at least 1×1 pixel.")
    _check_pixels(*image.size, max_bytes)
    orientation = _orientation(image)
    try:
        pixels = to_rgb(image)
    except Exception as error:
        raise CorruptPhoto(
            f"Pillow cannot read this image ({error}). Open it anew, or pass its path."
        ) from error
    return Photo(upright(pixels, orientation or 1), image.format, oriented=orientation is not None)


def _check_pixels(width: int, height: int, max_bytes: int) -> None:
    """Raise TooManyPixels if decoded pixels, of three bytes each, are too many."""
    if 3 * width * height > max_bytes:
        raise TooManyPixels(
            f"The picture has {width} × {height} pixels, which take {3 * width * height / 1e6:.0f} MB, and a photo may "
            f"take {max_bytes / 1e6:g}. Make it smaller and try again."
        )


def _orientation(image: Image.Image) -> int | None:
    """Return the EXIF orientation of a Pillow image, 1…8; None if it is missing, invalid or unreadable."""
    try:
        with _warnings_lock, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = image.getexif().get(ORIENTATION_TAG)
        return value if value in range(1, 9) else None
    # Damaged EXIF data is no reason to refuse the photo.
    except Exception:
        return None


def _decode(data: bytes, max_bytes: int) -> Photo:
    if not data:
        raise EmptyPhoto("The file is empty (0 bytes). Choose the photo again, or another copy of it.")
    kind = format_of(data)
    if kind is None:
        raise UnsupportedFormat(describe_unsupported(data))
    try:
        return _read_picture(data, kind, max_bytes)
    except PhotoError:
        raise
    except TooManyParts as error:
        raise CorruptPhoto(
            f"This {NAMES[kind]} file is made of more parts than any photo, and reading them all would take minutes. "
            "Open it in a photo program and save it anew."
        ) from error
    except Incomplete as error:
        raise CorruptPhoto(
            f"A large part of this {NAMES[kind]} file is missing, as after a copy or download that was cut off. "
            "Copy or download it again."
        ) from error
    # Damaged data makes decoders raise nearly anything: OSError, SyntaxError, struct.error, zlib.error, …
    except Exception as error:
        raise CorruptPhoto(
            f"This {NAMES[kind]} file is damaged or cut off, so it cannot be shown. "
            "Copy or download it again, or open it in a photo program and save it anew."
        ) from error


def _read_picture(data: bytes, kind: str, max_bytes: int) -> Photo:
    header = _HEADERS[kind](data)
    factor, estimate = _factor(header, max_bytes)
    if estimate > max_bytes:
        raise TooManyPixels(refusal(header, NAMES[kind], estimate, max_bytes))
    with _large_decode_lock(estimate):
        if header.truncated and kind == "PNG":
            header = png.mended(header)
        pixels, size, orientation = decode(header, kind, factor)
        if header.truncated and kind == "JPEG":
            jpeg.check_end(pixels)
    turned = upright(pixels, orientation or 1)
    full_size = size[::-1] if (orientation or 1) >= 5 else size
    return Photo(
        turned,
        kind,
        full_size if turned.shape[1::-1] != full_size else None,
        orientation is not None or header.oriented,
        header.truncated,
    )


def estimate_bytes(data: bytes) -> int:
    """Return the estimated bytes that decoding a file takes at its peak; 0 for a file that will be refused unread."""
    kind = format_of(data)
    if kind is None:
        return 0
    try:
        return _factor(_HEADERS[kind](data), MAX_DECODE_BYTES)[1]
    # As in ``_decode``.
    except Exception:
        return 0


def _large_decode_lock(estimate: int) -> AbstractContextManager[object]:
    """Return the context for decoding a photo that takes so many bytes: a lock if these are many."""
    return _decoding_large if estimate > LARGE else nullcontext()


def _factor(header: Header, max_bytes: int) -> tuple[int, int]:
    """Return the factor by which an image is reduced on decoding, and the bytes that this takes.

    A larger factor than is needed is taken where decoding takes too much otherwise.
    """
    enough = downscale_factor((header.width, header.height))
    factors = [factor for factor in reversed(FACTORS) if factor >= enough]
    fitting = [factor for factor in factors if decode_bytes(header, factor) <= max_bytes]
    factor = (fitting or factors[-1:])[0]
    return factor, decode_bytes(header, factor)


def downscale_factor(size: tuple[int, int]) -> int:
    """Return by how much an image may be reduced on decoding: 1, 2, 4 or 8, to at least ``ENOUGH_PIXELS``.

    It saves memory and time, and loses the faces that are under 24 pixels then.
    """
    width, height = size
    return next(
        (factor for factor in FACTORS if width * height >= factor**2 * ENOUGH_PIXELS and min(size) >= factor),
        1,
    )
