"""A PNG writer for files that image libraries do not write."""

from __future__ import annotations

import struct
import zlib
from random import Random

SIGNATURE = b"\x89PNG\r\n\x1a\n"
# The colour types with the bit depths that each may have, and how many numbers a pixel of it is (PNG specification).
DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
# Adam7's seven passes: first column and row, then the step in each direction.
PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))

Chunk = tuple[bytes, bytes]


def chunk(kind: bytes, body: bytes) -> bytes:
    """Return one chunk with its length and checksum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def assemble(*chunks: Chunk) -> bytes:
    """Return a file of these chunks, with an IEND behind them."""
    return SIGNATURE + b"".join(chunk(*one) for one in (*chunks, (b"IEND", b"")))


def header(width: int, height: int, depth: int = 8, color: int = 2, interlaced: bool = False) -> Chunk:
    """Return the IHDR chunk."""
    return b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, int(interlaced))


def plain(
    width: int, height: int, depth: int = 8, color: int = 2, *, before: tuple[Chunk, ...] = ()
) -> bytes:
    """Return a whole black picture with the chunks ``before`` its pixels; a megapixel takes a kilobyte or three."""
    row = bytes(1 + _row_bytes(width, depth, color))
    deflate = zlib.compressobj(9)
    pixels = b"".join([*(deflate.compress(row) for _ in range(height)), deflate.flush()])
    return assemble(header(width, height, depth, color), *before, (b"IDAT", pixels))


def random_picture(rng: Random, width: int, height: int) -> bytes:
    """Return a picture of noise in any bit depth and colour type, interlaced or not, with every kind of filter."""
    color = rng.choice(sorted(DEPTHS))
    depth = rng.choice(DEPTHS[color])
    interlaced = rng.random() < 0.5
    shapes = [(width, height)]
    if interlaced:
        shapes = [(-(-(width - x) // dx), -(-(height - y) // dy)) for x, y, dx, dy in PASSES]
    rows = (
        bytes([rng.randrange(5)]) + rng.randbytes(_row_bytes(columns, depth, color))
        for columns, lines in shapes
        for _ in range(lines if columns > 0 else 0)
    )
    extra: list[Chunk] = []
    if color == 3:
        extra.append((b"PLTE", rng.randbytes(3 * 2**depth)))
    if color in (0, 2, 3) and rng.random() < 0.3:
        size = {0: 2, 2: 6, 3: rng.randint(1, 2**depth)}[color]
        extra.append((b"tRNS", rng.randbytes(size)))
    pixels = zlib.compress(b"".join(rows), 1)
    cut = rng.randrange(len(pixels))
    parts = [(b"IDAT", pixels[:cut]), (b"IDAT", pixels[cut:])]
    return assemble(header(width, height, depth, color, interlaced), *extra, *parts)


def _row_bytes(width: int, depth: int, color: int) -> int:
    return (width * depth * CHANNELS[color] + 7) // 8
