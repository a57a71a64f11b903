"""A JPEG's segments: its size, how it is coded, and a copy without notes for the decoder.

A file is a sequence of segments, which Pillow parses one by one in Python: eight megabytes of empty ones take half a
minute, and of small EXIF segments, which it joins, twelve seconds. A progressive JPEG may also repeat its scans without
limit: each takes about 40 bytes of the file and a full pass over the image's pixels. So segments and scans are counted.
Markers and fields are those of ITU-T T.81.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..geometry import Pixels
from .exif import orientation_of
from .header import Header, Incomplete, TooManyParts, most_parts

# A progressive JPEG has about ten scans. Fifty over 25 megapixels take about two seconds.
SCANS = 50
# The share of a truncated photo's rows that may be missing.
MOST_MISSING = 0.1

# Inside a scan FF is followed by 00 or by a restart marker; anything else is the next segment.
_AFTER_SCAN = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_START_OF_IMAGE, _END_OF_IMAGE = b"\xff\xd8", b"\xff\xd9"
_END, _SCAN = 0xD9, 0xDA
# Markers without a length, or with one that Pillow does not know, so that it parses the content byte by byte.
_BARE = frozenset((0x01, 0xC8, *range(0xD0, 0xDA), *range(0xF0, 0xFE)))
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE, _LOSSLESS = frozenset((0xC2, 0xC6, 0xCA, 0xCE)), frozenset((0xC3, 0xC7, 0xCB, 0xCF))
_JFIF, _EXIF, _ADOBE = 0xE0, 0xE1, 0xEE
_NOTES = frozenset((*range(0xE0, 0xF0), 0xFE))
_ALL = (1 << 64) - 1  # A bit for each of a block's coefficients.
# What libjpeg fills in for missing data, and how far rounding takes it from there.
_GRAY, _NEAR = 128, 2


@dataclass(slots=True)
class _Found:
    """What was met in a file so far."""

    kept: list[bytes] = field(default_factory=lambda: [_START_OF_IMAGE])  # For the decoder, before the scans.
    frame: tuple[int, bytes] | None = None  # The frame's marker and content.
    exif: bytes = b""
    colours: set[int] = field(default_factory=set)  # Which of the notes on colour were kept.
    scans: list[_Scan] = field(default_factory=list)
    start: int = 0  # Where the first scan starts.
    end: int | None = None  # Where the picture ends.


@dataclass(frozen=True, slots=True)
class _Scan:
    """A scan's header."""

    components: frozenset[int]
    first: int  # The first coefficient …
    last: int  # … and the last that it has.


def read_header(data: bytes) -> Header:
    """Read a JPEG's segments.

    Raises TooManyParts, Incomplete, and ValueError for a file that is damaged or has no scan.
    """
    found = _Found()
    for marker, start, stop in _segments(data):
        if marker == _END:
            found.end = start
        elif marker == _SCAN:
            found.start = found.start or start
            found.scans.append(_scan(data[start + 4 : stop]))
            if len(found.scans) > SCANS:
                raise TooManyParts
        elif not found.scans:
            _take(found, marker, data[start:stop])
    return _header(found, data)


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield each segment's marker, start and end, up to the end marker behind the first scan, or the file's end."""
    place, scanned = 2, False
    for _ in range(most_parts(data)):
        if place + 2 > len(data):
            return
        start, marker = place, data[place + 1] if data[place] == 0xFF else 0
        if marker == _END and scanned:
            yield marker, start, start + 2
            return
        if marker in (0x00, 0xFF):
            place += 1
        elif marker in _BARE:
            place += 2
        else:
            # At least the two bytes of the length itself.
            place += 2 + max(2, int.from_bytes(data[place + 2 : place + 4], "big"))
            yield marker, start, min(place, len(data))
        if marker == _SCAN:
            scanned = True
            following = _AFTER_SCAN.search(data, place)
            if following is None:
                return
            place = following.start()
    raise TooManyParts


def _take(found: _Found, marker: int, segment: bytes) -> None:
    """Keep a segment that the decoder needs; of the notes, only what says how colours are coded."""
    body = segment[4:]
    if marker in _FRAMES:
        if found.frame is not None:
            raise ValueError("two frames")
        found.frame = marker, body
    if marker == _EXIF and not found.exif and body.startswith(b"Exif\0\0"):
        found.exif = body
    elif marker not in _NOTES:
        found.kept.append(segment)
    elif marker not in found.colours and body.startswith(
        {_ADOBE: b"Adobe", _JFIF: b"JFIF\0"}.get(marker, b"-")
    ):
        found.colours.add(marker)
        found.kept.append(segment)


def _scan(body: bytes) -> _Scan:
    count = body[0] if body else 0
    if not count or len(body) < 4 + 2 * count:
        raise ValueError("a broken scan")
    first, last = body[1 + 2 * count : 3 + 2 * count]
    return _Scan(frozenset(body[1 : 1 + 2 * count : 2]), min(first, 63), min(last, 63))


def _header(found: _Found, data: bytes) -> Header:
    if found.frame is None or not found.scans:
        raise ValueError("no picture in it")
    marker, body = found.frame
    if len(body) < 6 or len(body) < 6 + 3 * body[5]:
        raise ValueError("a broken frame")
    height, width = int.from_bytes(body[1:3], "big"), int.from_bytes(body[3:5], "big")
    sampling = {body[place]: divmod(body[place + 1], 16) for place in range(6, 6 + 3 * body[5], 3)}
    if not sampling or not width or not height or any(0 in factors for factors in sampling.values()):
        raise ValueError("no pixels")
    progressive, lossless = marker in _PROGRESSIVE, marker in _LOSSLESS
    # One scan of all components is decoded as it comes; otherwise all coefficients are held until the last scan.
    buffered = progressive or not found.scans[0].components >= sampling.keys()
    if found.end is None and buffered and not _covers(found.scans, sampling, progressive):
        raise Incomplete
    bytes_a_pixel = 1 if len(sampling) == 1 else 4
    # Where a decoder meets the end marker too early, it fills in gray.
    content = b"".join((*found.kept, memoryview(data)[found.start : found.end], _END_OF_IMAGE))
    return Header(
        width,
        height,
        content,
        bytes_a_pixel,
        bytes_a_pixel,
        copied=len(content),
        fixed=_coefficient_bytes(width, height, list(sampling.values())) if buffered and not lossless else 0,
        scales=not lossless,
        orientation=orientation_of(found.exif),
        truncated=found.end is None,
        name="progressive JPEG" if buffered else "",
    )


def _covers(scans: Sequence[_Scan], components: Collection[int], progressive: bool) -> bool:
    """Return whether the scans have every coefficient of every component, in whichever precision.

    Then a truncated file lacks no more than its finest detail.
    """
    seen = dict.fromkeys(components, 0)
    for scan in scans:
        bits = (1 << scan.last + 1) - (1 << scan.first) if progressive else _ALL
        for component in scan.components & seen.keys():
            seen[component] |= bits
    return all(bits == _ALL for bits in seen.values())


def _coefficient_bytes(width: int, height: int, sampling: Sequence[tuple[int, int]]) -> int:
    """Return the bytes of all coefficients: two for each, in blocks of 8 × 8."""
    across, down = max(h for h, _ in sampling), max(v for _, v in sampling)
    return sum(2 * 64 * -(-width * h // (8 * across)) * -(-height * v // (8 * down)) for h, v in sampling)


def check_end(pixels: Pixels) -> None:
    """Raise Incomplete if too many of a truncated photo's last rows are the gray that stands for missing data."""
    there = np.flatnonzero((np.abs(pixels.astype(np.int16) - _GRAY) > _NEAR).any(axis=(1, 2)))
    missing = len(pixels) - (int(there[-1]) + 1 if len(there) else 0)
    if missing > MOST_MISSING * len(pixels):
        raise Incomplete
