"""What visitors send: ordinary photos, groups, large photos, and pictures made to cost much; Linux only.

``bench.memory`` and ``bench.load`` send the same.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from PIL import Image

from tests.helpers import photos as faces_photos
from tests.helpers.photos import Pixels

SIDES = (320, 512, 800, 1200, 2000, 3464)
# The face of the portrait, and how often it stands in a row and in a column of the picture of 600 faces.
FACE, TILES = (slice(60, 190), slice(150, 290)), 25
# The largest side that is decoded whole.
WHOLE_SIDE = 3190
SEGMENTS = 3000


def file_of(pixels: Pixels, kind: str = "JPEG", **options: Any) -> bytes:
    """Return the pixels as a file."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind, **({"quality": 90} if kind == "JPEG" else {}), **options)
    return buffer.getvalue()


def ordinary(side: int) -> bytes:
    """The portrait of one face, ``side`` pixels a side."""
    return file_of(faces_photos.scaled(faces_photos.portrait(), side))


def two_faces() -> bytes:
    """A photo of 3,000 × 2,000 pixels with two faces."""
    half = faces_photos.scaled(faces_photos.portrait(), 1500)
    photo = np.full((2000, 3000, 3), 90, np.uint8)
    photo[250:1750] = np.hstack([half, faces_photos.mirrored(half)])
    return file_of(photo)


def tiles(side: int = 32) -> bytes:
    """625 faces of ``side`` pixels, 96 kB."""
    face = cv2.resize(faces_photos.portrait()[FACE], (side, side), interpolation=cv2.INTER_AREA)
    return file_of(np.tile(face, (TILES, TILES, 1)), "PNG")


def lying(side: int = WHOLE_SIDE) -> bytes:
    """A photo that lies on its side, so that rotations are tried."""
    return file_of(np.rot90(faces_photos.scaled(faces_photos.portrait(), side)).copy())


def noise(side: int = 1024) -> bytes:
    """Nothing but noise, in which every search is tried."""
    coarse = np.random.default_rng(3).integers(0, 256, (side // 16, side // 16, 3), np.uint8)
    return file_of(np.asarray(cv2.resize(coarse, (side, side)), np.uint8))


def many_segments() -> bytes:
    """A JPEG of thousands of small segments before the picture."""
    photo = ordinary(320)
    return photo[:2] + b"\xff\xe1\x00\x08Exif\0\0" * SEGMENTS + photo[2:]


GROUPS: dict[str, Callable[[], bytes]] = {
    "12 faces, 1,000 × 820": lambda: file_of(faces_photos.crowd()),
    "4 faces, 1,024 × 1,024": lambda: file_of(faces_photos.collage()),
    "16 faces, 2,048 × 2,048": lambda: file_of(np.tile(faces_photos.portrait(), (4, 4, 1))),
}
LARGE: dict[str, Callable[[], bytes]] = {
    "two faces, 3,000 × 2,000": two_faces,
    "one face, 3,190 × 3,190": lambda: ordinary(WHOLE_SIDE),
    "one face, 5,000 × 5,000": lambda: ordinary(5000),
}
HOSTILE: dict[str, Callable[[], bytes]] = {
    "625 small faces, 96 kB": tiles,
    "lying, 3,190 × 3,190": lying,
    "PNG, 3,190 × 3,190": lambda: file_of(
        faces_photos.scaled(faces_photos.portrait(), WHOLE_SIDE), "PNG", compress_level=6
    ),
    "one colour, PNG, 5,000 × 5,000": lambda: file_of(np.full((5000, 5000, 3), 120, np.uint8), "PNG"),
    "progressive, 3,190 × 3,190": lambda: file_of(
        faces_photos.scaled(faces_photos.portrait(), WHOLE_SIDE), progressive=True
    ),
    "noise": noise,
    f"{SEGMENTS:,} segments": many_segments,
    "cut off": lambda: ordinary(1200)[:40_000],
    "no photo": lambda: b"no photo" * 10_000,
}
