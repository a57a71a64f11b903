"""Decompression bombs: small files that need many pixels, much memory or time."""

from __future__ import annotations

import struct
import zlib
from functools import cache
from random import Random

from PIL import Image

from tests.fuzz import pictures, png
from tests.fuzz.pictures import BYTES, CORRUPT, PIXELS, READ, File

MEBIBYTE = 1024 * 1024
SEGMENT = b"\xff\xe2\0\x02"


@cache
def _deflated_zeros(mebibytes: int) -> bytes:
    deflate = zlib.compressobj(9)
    part = bytes(MEBIBYTE)
    return b"".join([*(deflate.compress(part) for _ in range(mebibytes)), deflate.flush()])


def oversized(rng: Random) -> File:
    """A header that promises more pixels than the memory for one photo holds."""
    most = rng.choice((12_000, 16_000, 16_383))
    width, height = rng.choice(((most, most), (most, 11_001), (11_001, most)))
    way = rng.randrange(8)
    if way > 3:
        return _oversized_phone_photo(rng, way, width, height)
    if way == 0:
        large = rng.choice((width, 65_535, 2**31 - 1, 2**32 - 1))
        claims = png.header(large, height, rng.choice((8, 16)), rng.choice((0, 2, 6)))
        return File(png.assemble(claims, (b"IDAT", zlib.compress(b""))), frozenset({PIXELS}))
    if way == 1:
        # A baseline JPEG is reduced as it is decoded.
        content = bytearray(pictures.encoded(pictures.noise(rng, 16, 16), "JPEG", progressive=True))
        start = content.find(b"\xff\xc2")
        content[start + 5 : start + 9] = struct.pack(">HH", rng.choice((height, 65_535)), width)
        return File(bytes(content), frozenset({PIXELS}))
    if way == 2:
        canvas = (2**24 - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
        return File(_riff(b"VP8X", b"\x02\0\0\0" + canvas), frozenset({PIXELS}))
    bits = (width - 1) | (height - 1) << 14
    return File(_riff(b"VP8L", b"\x2f" + struct.pack("<I", bits) + bytes(30)), frozenset({PIXELS}))


def _oversized_phone_photo(rng: Random, way: int, width: int, height: int) -> File:
    """The same of a HEIC, AVIF, GIF or BMP; an AVIF whose boxes claim less than its picture is, too."""
    if way == 4:
        name, size = rng.choice((("corners", (96, 64)), ("tiles", (120, 100)), ("large", (4032, 3024))))
        content = next(path for path in pictures.HEIC_FILES if path.stem == name).read_bytes()
        claims = struct.pack(">II", width, height)
        return File(content.replace(struct.pack(">II", *size), claims), frozenset({PIXELS}))
    if way == 5:
        side = 4400
        content = _flat_avif(side)
        lie = rng.choice((1, 16, side))
        return File(
            content.replace(struct.pack(">II", side, side), struct.pack(">II", lie, lie)), frozenset({PIXELS})
        )
    kind = "GIF" if way == 6 else "BMP"
    image = bytearray(pictures.encoded(pictures.noise(rng, 16, 16).quantize(16), kind))
    if kind == "GIF":
        image[6:10] = struct.pack("<HH", width, height)
    else:
        image[18:26] = struct.pack("<II", width, rng.choice((height, 2**31 - 1)))
        image[30] = rng.choice((0, 1, 2))
    return File(bytes(image), frozenset({PIXELS} if image[30] == 0 or kind == "GIF" else {PIXELS, CORRUPT}))


@cache
def _flat_avif(side: int) -> bytes:
    return pictures.encoded(Image.new("RGB", (side, side), "gray"), "AVIF", quality=1, speed=10)


def no_pixels(rng: Random) -> File:
    """A header that promises none."""
    if rng.random() < 0.5:
        side = rng.choice(((0, 7), (7, 0), (0, 0)))
        return File(png.assemble(png.header(*side), (b"IDAT", zlib.compress(b""))), frozenset({CORRUPT}))
    content = bytearray(pictures.encoded(pictures.noise(rng, 16, 16), "JPEG"))
    start = content.find(b"\xff\xc0")
    content[start + 5 : start + 9] = struct.pack(">HH", *rng.choice(((0, 16), (16, 0), (0, 0))))
    return File(bytes(content), frozenset({CORRUPT}))


def inflating(rng: Random) -> File:
    """A PNG whose compressed parts become far more than they are: pixels, text, profile."""
    zeros = _deflated_zeros(rng.choice((2, 40, 200)))
    way = rng.randrange(4)
    if way == 0:
        return File(png.assemble(png.header(8, 8), (b"IDAT", zeros)), frozenset({READ, CORRUPT}))
    kinds = ((b"zTXt", b"a\0\0"), (b"iTXt", b"a\0\1\0\0\0"), (b"iCCP", b"a\0\0"))
    kind, start = kinds[way - 1]
    times = rng.choice((1, 1, 20))
    return File(png.plain(8, 8, before=((kind, start + zeros),) * times), frozenset({READ, CORRUPT}))


def endless(rng: Random) -> File:
    """Parts without end: chunks, segments, scans, bytes between segments."""
    way = rng.randrange(8)
    count = rng.randint(20_000, 200_000)
    if way > 3:
        return File(_endless_phone_photo(rng, way, count), frozenset({CORRUPT}))
    if way == 0:
        content = png.SIGNATURE + png.chunk(*png.header(8, 8)) + png.chunk(b"teSt", b"") * count
        return File(content, frozenset({CORRUPT}))
    jpeg = pictures.encoded(pictures.noise(rng, 16, 16), "JPEG", progressive=True)
    if way == 1:
        return File(jpeg[:2] + SEGMENT * count + jpeg[2:], frozenset({CORRUPT}))
    if way == 2:
        # Between the first segment, which the signature needs, and the next.
        first = 4 + int.from_bytes(jpeg[4:6], "big")
        return File(jpeg[:first] + bytes(10 * count) + jpeg[first:], frozenset({CORRUPT}))
    start = jpeg.rindex(b"\xff\xda")
    return File(jpeg[:start] + jpeg[start:-2] * 300 + jpeg[-2:], frozenset({CORRUPT}))


def _endless_phone_photo(rng: Random, way: int, count: int) -> bytes:
    """Comments, boxes and runs without end."""
    if way == 4:
        gif = pictures.encoded(pictures.noise(rng, 16, 16).quantize(16), "GIF")
        # Behind the table of 16 colours.
        return gif[:61] + b"!\xfe" + b"\1x" * count + b"\0" + gif[61:]
    if way == 5:
        bmp = bytearray(pictures.encoded(pictures.noise(rng, 16, 16).quantize(16), "BMP"))
        bmp[18:26], bmp[30] = struct.pack("<II", 2000, 1500), 1
        return bytes(bmp[: int.from_bytes(bmp[10:14], "little")] + b"\1\0" * (count + 300_000))
    heic = rng.choice(pictures.HEIC).read_bytes()
    start = int.from_bytes(heic[:4], "big")
    if way == 6:
        return heic[:start] + b"\0\0\0\x08free" * count + heic[start:]
    # A box in a box, without end.
    depth = count // 10
    nested = b"".join(struct.pack(">I", 12 * (depth - place)) + b"meta\0\0\0\0" for place in range(depth))
    return heic[:start] + nested


def padded(rng: Random) -> File:
    """A photo with megabytes behind it, up to the limit of 8 MB and beyond."""
    content = pictures.photo(rng)
    size = rng.choice((1, 8)) * MEBIBYTE + rng.choice((0, 1))
    return File(content.ljust(size, b"\0"), frozenset({BYTES if size > 8 * MEBIBYTE else READ}))


@cache
def _large(depth: int, color: int, width: int) -> bytes:
    return png.plain(width, 24_900_000 // width, depth, color)


def large(rng: Random) -> File:
    """As many pixels as are read, in a few kilobytes."""
    way = rng.randrange(6)
    if way > 3:
        content = _flat_avif(3400) if way == 4 else pictures.LARGE_HEIC.read_bytes()
        return File(content, frozenset({READ}))
    if way == 0:
        return File(_large(1, 0, rng.choice((4990, 20_000, 400_000))), frozenset({READ}))
    if way == 1:
        return File(_large(*rng.choice(((8, 2), (16, 6), (16, 2))), 4990), frozenset({READ}))
    if way == 2:
        image = pictures.head().resize((4990, 4990))
        return File(
            pictures.encoded(image, "JPEG", quality=30, progressive=rng.random() < 0.5), frozenset({READ})
        )
    side = rng.choice((2600, 3500))
    # An animation takes four times as much.
    return File(_large_animation(side), frozenset({READ if side == 2600 else PIXELS}))


@cache
def _large_animation(side: int) -> bytes:
    """A WebP of two small frames on a canvas of ``side`` × ``side``."""
    frames = [pictures.head().resize((400, 400)).rotate(90 * turn).convert("RGB") for turn in range(2)]
    small = pictures.encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:], method=0)
    # The canvas is only claimed, as in a file made to take memory.
    canvas = (side - 1).to_bytes(3, "little") * 2
    return small[:24] + canvas + small[30:]


def _riff(kind: bytes, body: bytes) -> bytes:
    body += b"\0" * (len(body) % 2)
    whole = b"WEBP" + kind + struct.pack("<I", len(body)) + body + b"VP8L" + struct.pack("<I", 0)
    return b"RIFF" + struct.pack("<I", len(whole)) + whole
