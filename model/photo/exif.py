"""The orientation in EXIF data, read with bounded work: one tag of the first directory, and nothing else.

A general reader follows every offset and keeps every value, so that notes made for it take seconds and hundreds of
megabytes. The layout is that of TIFF 6.0, as EXIF 2.3 takes it.
"""

from __future__ import annotations

import struct

ORIENTATION_TAG = 0x0112
# A camera writes about 15.
MOST_ENTRIES = 1000
# The whole numbers of TIFF: BYTE, SHORT, LONG.
_FORMATS = {1: "B", 3: "H", 4: "I"}
_PREFIX = b"Exif\0\0"
_ENTRY_BYTES = 12


def orientation_of(exif: bytes) -> int | None:
    """Return the EXIF orientation, 1…8, with or without the prefix "Exif"; None if missing, invalid or unreadable."""
    tiff = exif.removeprefix(_PREFIX)
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None or len(tiff) < 10:
        return None
    (start,) = struct.unpack_from(order + "I", tiff, 4)
    if start + 2 > len(tiff):
        return None
    (count,) = struct.unpack_from(order + "H", tiff, start)
    for number in range(min(count, MOST_ENTRIES)):
        place = start + 2 + _ENTRY_BYTES * number
        if place + _ENTRY_BYTES > len(tiff):
            return None
        tag, kind, values = struct.unpack_from(order + "HHI", tiff, place)
        if tag == ORIENTATION_TAG:
            if kind not in _FORMATS or values != 1:
                return None
            (value,) = struct.unpack_from(order + _FORMATS[kind], tiff, place + 8)
            return value if value in range(1, 9) else None
    return None
