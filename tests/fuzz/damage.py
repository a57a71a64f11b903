"""Damaged photos: truncated, altered, mixed, or valid in two formats."""

from __future__ import annotations

import io
import struct
import zipfile
from random import Random

from tests.fuzz import pictures, png
from tests.fuzz.pictures import CORRUPT, EMPTY, FOREIGN, PIXELS, READ, File

SIGNATURES = {b"\xff\xd8\xff": 3, png.SIGNATURE: 8, b"RIFF": 12}
SCRIPT = b"<script>alert(document.domain)</script>"
PHP = b"<?php system($_GET['c']); ?>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
ENTITIES = b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]><svg>&a;</svg>'
PDF = b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n"

HEADS = (
    SVG,
    ENTITIES,
    PDF,
    PHP,
    b"<!doctype html>" + SCRIPT,
    b"\n \t<HTML><body>" + SCRIPT,
    b"\xef\xbb\xbf<svg width='9'></svg>",
    b"%!PS-Adobe-3.0 EPSF-3.0\n(w) file\n",
    b"MZ\x90\0\x03\0\0\0",
    b"\x7fELF\x02\x01\x01\0",
    b"#!/bin/sh\nid\n",
    b"\x1f\x8b\x08\0",
    b"PK\x03\x04",
    b"8BPS\0\x01",
    b"\xff\x0a",
    b"\0\0\0\x0cJXL \r\n\x87\n",
    b"\0\0\0\x0cjP  \r\n\x87\n",
    b"\0\0\0\x18ftypisom\0\0\x02\0isommp42",
    b"RIFF\x24\0\0\0WAVEfmt ",
    b"RIFF\x24\0\0\0AVI LIST",
    b"\xff\xd8",
    b"\x89PNG\n",
    b"P6\n4 4\n255\n",
    b"#define x_width 4\n#define x_height 4\n",
)
HEIC_HEAD = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"
OTHER_FORMATS = ("TIFF", "ICO", "PPM", "TGA", "PCX", "SGI", "JPEG2000", "PDF", "EPS")


def truncated(rng: Random) -> File:
    """A photo without its end, from one byte left to one byte missing."""
    content = pictures.photo(rng)
    length = rng.choice((rng.randrange(len(content)), len(content) - rng.randint(1, 12), rng.randrange(40)))
    cut = content[: max(1, min(length, len(content) - 1))]
    needed = next(size for start, size in SIGNATURES.items() if content.startswith(start))
    # A JPEG or PNG that lacks only its last bytes is read.
    outcomes = {CORRUPT} if content.startswith(b"RIFF") else {CORRUPT, READ}
    return File(cut, frozenset(outcomes if len(cut) >= needed else {FOREIGN}))


def phones(rng: Random) -> File:
    """A HEIC, AVIF, GIF or BMP that is cut off or changed: bits, bytes, pieces."""
    content = bytearray(pictures.phone_photo(rng))
    way = rng.random()
    if way < 0.2:
        content = content[: rng.randrange(1, len(content))]
    elif way < 0.8:
        end = len(content) if rng.random() < 0.5 else min(len(content), 400)
        for _ in range(rng.choice((1, 1, 2, 5, 20))):
            place = rng.randrange(end)
            content[place] = (
                content[place] ^ 1 << rng.randrange(8) if rng.random() < 0.6 else rng.randrange(256)
            )
    else:
        start, end = sorted(rng.randrange(len(content)) for _ in range(2))
        middle = rng.choice(
            (b"", content[start:end] * 2, bytes(end - start), rng.randbytes(rng.randint(1, 99)))
        )
        content = (content[:start] + middle + content[end:]) or bytearray(b"x")
    return File(bytes(content), frozenset({READ, CORRUPT, FOREIGN, PIXELS}))


def flipped(rng: Random) -> File:
    """A photo with some bits or bytes changed, half of the time near its head."""
    content = bytearray(pictures.photo(rng))
    end = len(content) if rng.random() < 0.5 else min(len(content), 120)
    for _ in range(rng.choice((1, 1, 2, 5, 20))):
        place = rng.randrange(end)
        content[place] = content[place] ^ 1 << rng.randrange(8) if rng.random() < 0.6 else rng.randrange(256)
    return File(bytes(content), frozenset({READ, CORRUPT, FOREIGN, PIXELS}))


def spliced(rng: Random) -> File:
    """A photo with a piece taken out, put in twice, moved or zeroed."""
    content = pictures.photo(rng)
    start, end = sorted(rng.randrange(len(content)) for _ in range(2))
    piece = content[start:end]
    middle = rng.choice((b"", piece * 2, bytes(len(piece)), piece[::-1], rng.randbytes(rng.randint(1, 300))))
    whole = content[:start] + middle + content[end:]
    return File(whole, frozenset({READ, CORRUPT, FOREIGN, PIXELS} if whole else {EMPTY}))


def mixed(rng: Random) -> File:
    """The head of one format on the body of another, or one file behind another."""
    one, other = pictures.photo(rng), pictures.photo(rng)
    if rng.random() < 0.3:
        return File(one + other, frozenset({READ}))
    cut = rng.choice((3, 8, 12, 20, 33, rng.randrange(len(one))))
    return File(one[:cut] + other[min(cut, len(other)) :], frozenset({READ, CORRUPT, FOREIGN, PIXELS}))


def polyglot(rng: Random) -> File:
    """A file that is a photo and something else as well, or only says that it is a photo."""
    payload = rng.choice((SCRIPT, PHP, SVG, PDF, _zip(rng)))
    way = rng.randrange(6)
    if way == 0:
        return File(pictures.photo(rng) + payload, frozenset({READ}))
    if way == 1:
        return File(pictures.encoded(pictures.scene(rng), "JPEG", comment=payload), frozenset({READ}))
    if way == 2:
        black = png.plain(5, 5, before=((b"tEXt", b"Comment\0" + payload), (b"prVt", payload)))
        return File(black, frozenset({READ}))
    if way == 3:
        return File(rng.choice((b"GIF8/*", b"%PDF-1.4\n", b"BM")) + pictures.photo(rng), frozenset({FOREIGN}))
    if way == 4:
        riff = b"RIFF" + struct.pack("<I", 99) + b"WEBP"
        start = rng.choice((b"\xff\xd8\xff", png.SIGNATURE, riff, HEIC_HEAD, b"GIF89a"))
        return File(start + payload, frozenset({CORRUPT}))
    chunk = b"HTML" + struct.pack("<I", len(payload)) + payload + b"\0" * (len(payload) % 2)
    webp = pictures.webp(rng)
    size = struct.pack("<I", len(webp) + len(chunk) - 8)
    return File(webp[:4] + size + webp[8:] + chunk, frozenset({READ}))


def renamed(rng: Random) -> File:
    """Something else that calls itself a photo."""
    if rng.random() < 0.3:
        kind = rng.choice(OTHER_FORMATS)
        return File(pictures.encoded(pictures.scene(rng), kind), frozenset({FOREIGN}))
    return File(rng.choice(HEADS) + b"\0" + rng.randbytes(rng.randrange(400)), frozenset({FOREIGN}))


def random_bytes(rng: Random) -> File:
    """Noise, with a photo's first bytes or without."""
    start = rng.choice((b"\0", *HEADS[:3], b"\xff\xd8\xff", png.SIGNATURE, b"RIFF\xff\0\0\0WEBP"))
    photo_like = start in (b"\xff\xd8\xff", png.SIGNATURE, b"RIFF\xff\0\0\0WEBP")
    outcomes = {CORRUPT, PIXELS} if photo_like else {FOREIGN}
    return File(start + rng.randbytes(rng.randrange(2000)), frozenset(outcomes))


def nothing(rng: Random) -> File:
    """Zero bytes."""
    return File(b"", frozenset({EMPTY}))


def _zip(rng: Random) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("../../evil.jsp", rng.randbytes(40))
    return buffer.getvalue()
