"""Large photos of many people, made of the sample portraits: heads on a drawn background, at known places."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from model.geometry import Box, Pixels
from tests.helpers.photos import mirrored

SAMPLES = Path(__file__).resolve().parents[2] / "static" / "samples"
HEAD = slice(10, 215), slice(110, 340)  # Of the portraits.
FACE: Box = (72.0, 54.0, 84.0, 107.0)  # In the head.


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """A photo, and the boxes of the faces in it."""

    pixels: Pixels  # RGB (height, width, 3).
    faces: tuple[Box, ...]

    def encoded(self) -> bytes:
        """Return the photo as a JPEG."""
        buffer = io.BytesIO()
        Image.fromarray(self.pixels).save(buffer, "JPEG", quality=90)
        return buffer.getvalue()


def heads() -> list[Pixels]:
    """Return heads that differ: as they are, mirrored, in less light, in more."""
    photo = np.asarray(Image.open(SAMPLES / "astronaut.jpg").convert("RGB"))[HEAD]
    darker = np.asarray(cv2.convertScaleAbs(photo, alpha=0.7), np.uint8)
    brighter = np.asarray(cv2.convertScaleAbs(mirrored(photo), alpha=1.15), np.uint8)
    return [photo, mirrored(photo), darker, brighter]


def background(width: int, height: int, seed: int = 0) -> Pixels:
    """Return blurred blotches under noise."""
    rng = np.random.default_rng(seed)
    blotches = rng.integers(60, 190, (height // 40 + 1, width // 40 + 1, 3), dtype=np.uint8)
    noise = rng.integers(0, 25, (256, 256, 3), dtype=np.uint8)
    tiled = np.tile(noise, (height // 256 + 1, width // 256 + 1, 1))[:height, :width]
    smooth = cv2.resize(blotches, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(cv2.add(smooth, tiled), np.uint8)


def put(canvas: Pixels, head: Pixels, left: int, top: int, face: float) -> Box:
    """Put a head whose face is ``face`` pixels high onto the canvas; return the face's box there."""
    factor = face / FACE[3]
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    small = cv2.resize(head, None, fx=factor, fy=factor, interpolation=how)
    canvas[top : top + small.shape[0], left : left + small.shape[1]] = small
    x, y, width, height = (factor * value for value in FACE)
    return left + x, top + y, width, height


def one_large_and_forty_small(times: float = 1.0) -> Group:
    """12 megapixels with a face of 400 pixels and 40 of 50; ``times`` scales all of it but the faces of 50."""
    canvas = background(round(4000 * times), round(3000 * times))
    each = heads()
    faces = [put(canvas, each[0], round(150 * times), round(200 * times), 400 * times)]
    for number in range(40):
        row, column = divmod(number, 8)
        left, top = round((1400 + 310 * column) * times), round((150 + 560 * row) * times)
        faces.append(put(canvas, each[number % 4], left, top, 50))
    return Group(canvas, tuple(faces))


def sixty_in_three_rows() -> Group:
    """8,000 × 1,500 pixels with 60 faces of 100."""
    canvas = background(8000, 1500, 1)
    each = heads()
    places = [(60 + 395 * (number % 20), 80 + 480 * (number // 20)) for number in range(60)]
    return Group(
        canvas, tuple(put(canvas, each[number % 4], *place, 100) for number, place in enumerate(places))
    )


def panorama(width: int = 16_000, left: int = 9100) -> Group:
    """A panorama 1,500 pixels high with one face of 63."""
    canvas = background(width, 1500, 2)
    return Group(canvas, (put(canvas, heads()[0], left, 600, 63),))


def carpet(columns: int = 25, rows: int = 25, side: int = 32) -> Group:
    """The portrait's face ``columns`` × ``rows`` times, each in a square of ``side`` pixels."""
    photo = np.asarray(Image.open(SAMPLES / "astronaut.jpg").convert("RGB"))[60:190, 150:290]
    one = np.asarray(cv2.resize(photo, (side, side), interpolation=cv2.INTER_AREA), np.uint8)
    squares = [
        (float(side * column), float(side * row), float(side), float(side))
        for row in range(rows)
        for column in range(columns)
    ]
    return Group(np.tile(one, (rows, columns, 1)), tuple(squares))
