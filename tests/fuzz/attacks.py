"""Requests that cost a site far more than they cost the sender."""

from __future__ import annotations

import base64
import io
import struct
from functools import cache
from random import Random

import numpy as np
from PIL import Image

from tests.fuzz import pictures
from tests.helpers.multipart import ANALYZE, COMPARE, RESULTS, Case, Part, file, form, text, token

MEBIBYTE = 1024 * 1024
METRICS, READY = "/metrics", "/readyz"


def forms(rng: Random) -> Case:
    """A part's head, a file name or a field of megabytes."""
    size = rng.randint(1, 15) * MEBIBYTE
    head = b'; name="photo"; filename="a.jpg"\r\n'
    parts, right = rng.choice(
        (
            ((Part(head + b":\n" * (size // 2), b"x"),), 400),
            ((Part(head + b"X: " + b"y" * size, b"x"),), 413),
            ((Part(head + b"X:y\r\n" * (size // 5), b"x"),), 413),
            (tuple(file(b"x", b'\\"' * (size // 10)) for _ in range(5)), 413),
            ((file(b"x"), text("name", b"n" * size)), 413),
            ((file(b"x"), *(text("image", b"A" * (size // 4)) for _ in range(4))), 413),
            (tuple(text(f"f{number}", b"v" * 10_000) for number in range(199)), None),
        )
    )
    address = rng.choice((RESULTS, ANALYZE))
    first = [token()] if address == RESULTS else []
    # Fields that nobody knows are refused by name, or not looked at.
    usual = {400} if address == RESULTS else {422}
    return Case("", address, form(*first, *parts), frozenset({right} if right else usual))


@cache
def _crowd(side: int, count: int) -> bytes:
    face = Image.open(pictures.PORTRAIT).convert("RGB").crop((150, 60, 290, 190)).resize((side, side))
    return pictures.encoded(Image.fromarray(np.tile(np.asarray(face), (count, count, 1))), "PNG")


def crowds(rng: Random) -> Case:
    """Hundreds of faces in a small file, for one model or all."""
    photo = file(_crowd(rng.choice((24, 32, 40)), rng.choice((10, 25))))
    address = rng.choice((RESULTS, ANALYZE, COMPARE))
    first = [] if address == ANALYZE else [token()]
    copies = 1 if address == COMPARE else rng.choice((1, 1, 3))
    return Case("", address, form(*first, *[photo] * copies), frozenset({200}))


@cache
def _exif(orientations: int) -> bytes:
    """EXIF data whose orientation is a list of so many fractions."""
    # Tag, type (fractions), number, place.
    entry = struct.pack("<HHII", 0x0112, 5, orientations, 26)
    return b"Exif\0\0II*\0" + struct.pack("<IH", 8, 1) + entry + bytes(4) + b"\1\0\0\0" * 2 * orientations


def metadata(rng: Random) -> Case:
    """Thousands of EXIF segments, or an orientation of thousands of fractions."""
    buffer = io.BytesIO()
    pictures.head().save(buffer, "JPEG")
    photo = buffer.getvalue()
    if rng.random() < 0.5:
        segment = b"\xff\xe1\0\x0cExif\0\0" + rng.randbytes(4)
        photo = photo[:2] + segment * rng.randint(1000, 9500) + photo[2:]
    else:
        content = _exif(rng.choice((10, 1000, 8000)))
        photo = photo[:2] + b"\xff\xe1" + (len(content) + 2).to_bytes(2, "big") + content + photo[2:]
    address = rng.choice((RESULTS, ANALYZE))
    first = [token()] if address == RESULTS else []
    return Case("", address, form(*first, file(photo)), frozenset({200, 400, 422}))


def doors(rng: Random) -> Case:
    """Strange bearer tokens for the figures, forwarded addresses, and the question whether the site is ready."""
    way = rng.randrange(3)
    if way == 0:
        given = rng.choice(
            ("Bearer \xff", "Bearer", "Bearer ", "Bearer " + "x" * 5000, "Basic \xff", "bearer a b")
        )
        headers = (("Authorization", given),)
        return Case("", METRICS, b"", frozenset({401, 404}), method="GET", content_type=None, headers=headers)
    if way == 1:
        return Case("", READY, b"", frozenset({200}), method="GET", content_type=None)
    given = rng.choice(
        ('"z, 203.0.113.4', "[2001:db8::1]:80", "unknown", ", ,", "203.0.113.4:99", '"' * 99, "::1%x")
    )
    body = form(file(pictures.photo(rng)))
    return Case("", ANALYZE, body, frozenset({200}), headers=(("X-Forwarded-For", given),))


def pictures_where_none_belong(rng: Random) -> Case:
    """Megabytes of a picture as text, at addresses that take no such field."""
    content = base64.b64encode(rng.randbytes(rng.randint(1, 6) * MEBIBYTE))
    address = rng.choice((RESULTS, ANALYZE))
    first = [token()] if address == RESULTS else []
    return Case("", address, form(*first, text("image", content)), frozenset({413}))
