"""A PNG's chunks: its size, and a copy without notes for the decoder, whose last rows are filled in where they lack.

Pillow parses chunks one by one in Python, and inflates those with texts and profiles; eight megabytes of empty ones
take half a minute. The layout is that of the PNG specification, third edition.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import replace

from .exif import orientation_of
from .header import Header, Incomplete, TooManyParts, most_parts

SIGNATURE = b"\x89PNG\r\n\x1a\n"
# The share of a truncated picture's bytes that may be missing.
MOST_MISSING = 0.1

_KEPT = frozenset((b"IHDR", b"PLTE", b"tRNS", b"IDAT"))
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_PIECE = 1 << 18  # Bytes that are inflated at a time.


def read_header(data: bytes) -> Header:
    """Read a PNG's chunks. Raises TooManyParts, and ValueError for a file that is damaged or has no pixels."""
    view = memoryview(data)
    kept: list[bytes | memoryview] = [SIGNATURE]
    exif, ended = b"", False
    for kind, start, stop, whole in _chunks(data):
        if kind in _KEPT and whole:
            kept.append(view[start:stop])
        elif kind == b"IDAT":
            kept.append(_chunk(kind, view[start + 8 : stop]))
        elif kind == b"eXIf" and whole:
            exif = data[start + 8 : stop - 4]
        ended = ended or (kind == b"IEND" and whole)
    head = bytes(kept[1][4:25]) if len(kept) > 1 else b""
    width, height = int.from_bytes(head[4:8], "big"), int.from_bytes(head[8:12], "big")
    if head[:4] != b"IHDR" or len(head) < 17 or not width or not height or head[13] not in _CHANNELS:
        raise ValueError("no picture in it")
    depth, colours = head[12:14]
    # How Pillow keeps a pixel.
    deep_gray = depth == 16 and colours == 0
    bytes_a_pixel = 2 if deep_gray else 1 if colours in (0, 3) else 4
    content = b"".join((*kept, _chunk(b"IEND")))
    return Header(
        width,
        height,
        content,
        bytes_a_pixel,
        bytes_a_pixel,
        copied=len(content),
        orientation=orientation_of(exif),
        truncated=not ended,
    )


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int, bool]]:
    """Yield each chunk's type, start and end, up to IEND, and whether it is whole."""
    place = len(SIGNATURE)
    for _ in range(most_parts(data)):
        if place + 8 > len(data):
            return
        # Length, type and checksum take 12 bytes around each chunk's data.
        kind, stop = data[place + 4 : place + 8], place + 12 + int.from_bytes(data[place : place + 4], "big")
        yield kind, place, min(stop, len(data)), stop <= len(data)
        if kind == b"IEND":
            return
        place = stop
    raise TooManyParts


def mended(header: Header) -> Header:
    """Return a truncated picture whose missing bytes are zeros: its last rows are black, or repeat the one above.

    Raises Incomplete if too much is missing, and zlib.error if the rest is damaged.
    """
    content = header.content
    parts = list(_chunks(content))
    head = content[16:29]
    depth, colours, interlaced = head[8], head[9], bool(head[12])
    row = 1 + -(-header.width * depth * _CHANNELS[colours] // 8)
    expected = row * header.height
    inflate, deflate = zlib.decompressobj(), zlib.compressobj(1)
    packed: list[bytes] = []
    there = 0
    for kind, start, stop, _ in parts:
        rest = content[start + 8 : stop - 4] if kind == b"IDAT" else b""
        while rest and there < expected and not inflate.eof:
            piece = inflate.decompress(rest, _PIECE)
            rest = inflate.unconsumed_tail
            there += len(piece)
            packed.append(deflate.compress(piece))
    if inflate.eof:
        # Only what follows the pixels is missing.
        return header
    if interlaced or expected - there > MOST_MISSING * expected:
        raise Incomplete
    packed.append(deflate.compress(bytes(max(0, expected - there))) + deflate.flush())
    before = (content[start:stop] for kind, start, stop, _ in parts if kind in _KEPT and kind != b"IDAT")
    return replace(
        header, content=b"".join((SIGNATURE, *before, _chunk(b"IDAT", b"".join(packed)), _chunk(b"IEND")))
    )


def _chunk(kind: bytes, body: bytes | memoryview = b"") -> bytes:
    checksum = zlib.crc32(body, zlib.crc32(kind))
    return b"".join((len(body).to_bytes(4, "big"), kind, body, checksum.to_bytes(4, "big")))
