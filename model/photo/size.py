"""Read a photo's size from the beginning of its file, without decoding anything."""

from __future__ import annotations

from collections.abc import Callable

from . import heif, simple
from .formats import format_of
from .header import Header

# Segments before the one that has a JPEG's size: metadata, profiles, thumbnails.
JPEG_SEGMENTS = 200
# "Start of frame": the segments that have the size. C4, C8 and CC are others.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}

_READERS: dict[str, Callable[[bytes], Header]] = {
    "WEBP": simple.read_webp,
    "GIF": simple.read_gif,
    "BMP": simple.read_bmp,
    "HEIC": lambda data: heif.read_header(data, "HEIC"),
    "AVIF": lambda data: heif.read_header(data, "AVIF"),
}


def size_of(data: bytes) -> tuple[int, int] | None:
    """Return the (width, height) that the header of a file claims; None if it says nothing.

    ``data`` may be the beginning of the file only. What is claimed need not be true.
    """
    kind = format_of(data)
    if kind == "PNG" and len(data) >= 24:
        return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    if kind == "JPEG":
        return _size_of_jpeg(data)
    if kind in _READERS:
        try:
            header = _READERS[kind](data)
        # Damaged boxes and blocks make their readers raise ValueError, IndexError or RecursionError.
        except Exception:
            return None
        return header.width, header.height
    return None


def _size_of_jpeg(data: bytes) -> tuple[int, int] | None:
    place = 2
    for _ in range(JPEG_SEGMENTS):
        if place + 9 > len(data) or data[place] != 0xFF:
            return None
        if data[place + 1] in _FRAMES:
            height, width = (int.from_bytes(data[at : at + 2], "big") for at in (place + 5, place + 7))
            return width, height
        place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    return None
