"""Refuse image files with too many segments, which would take minutes to decode.

A file is a sequence of segments (JPEG) or chunks (PNG), which Pillow parses one by one in Python: eight megabytes of
empty ones take half a minute. A progressive JPEG may also repeat its scans without limit: each takes about 40 bytes of
the file and a full pass over the image's pixels. So segments and scans are counted before decoding.
"""

from __future__ import annotations

import re

# Photo programs write one segment per 8 kB or more, and a few dozen others; this leaves room.
SEGMENTS, BYTES_A_SEGMENT = 4096, 1024
# A progressive JPEG has about ten scans. Fifty over 25 megapixels take about two seconds.
SCANS = 50

# Inside a scan FF is followed by 00 or by a restart marker; anything else is the next segment.
_AFTER_SCAN = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_END, _SCAN = 0xD9, 0xDA
# Markers without a length, or with one that Pillow does not know, so that it parses the content byte by byte.
_BARE = frozenset((0x01, 0xC8, *range(0xD0, 0xDA), *range(0xF0, 0xFE)))


def within_segment_limit(data: bytes, kind: str) -> bool:
    """Return whether a "JPEG" or "PNG" file has no more segments than a photo; True for other formats.

    Bytes between a JPEG's segments count as segments: Pillow skips them one by one. Damaged segments are not detected
    here, but by the decoder.
    """
    most = SEGMENTS + len(data) // BYTES_A_SEGMENT
    if kind == "JPEG":
        return _jpeg_is_short(data, most)
    return kind != "PNG" or _png_is_short(data, most)


def _png_is_short(data: bytes, most: int) -> bool:
    place = 8
    for _ in range(most):
        # What follows IEND is not read.
        if place + 12 > len(data) or data[place + 4 : place + 8] == b"IEND":
            return True
        place += 12 + int.from_bytes(data[place : place + 4], "big")
    return False


def _jpeg_is_short(data: bytes, most: int) -> bool:
    place, scans = 2, 0
    for _ in range(most):
        if place + 4 > len(data):
            return True
        marker = data[place + 1] if data[place] == 0xFF else 0
        if marker == _END and scans:
            return True
        if marker in (0x00, 0xFF):
            place += 1
        elif marker in _BARE:
            place += 2
        else:
            place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
        if marker == _SCAN:
            scans += 1
            found = _AFTER_SCAN.search(data, place)
            if scans > SCANS or found is None:
                return scans <= SCANS
            place = found.start()
    return False
