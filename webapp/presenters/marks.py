"""Marks on a photo: a box for each face with its answer beside it, drawn as SVG over the plain picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from model.geometry import Box, Point
from webapp.presenters.expressions import NOBODY
from webapp.presenters.sheet import SheetRow

# Height of the letters by the picture's long side: 13 pixels on a phone, 17 beside a card; less for small boxes.
TEXT, SMALLEST_TEXT = 0.036, 0.024
BY_BOX = 0.26  # The same by the width of the box.
LETTER = 0.56  # Mean width of a letter by the height of the text.
FEW = 3  # Faces whose plates have room for words beside their boxes.
PAD = 0.4  # Around the text of a plate, by the height of the text.


@dataclass(frozen=True, slots=True)
class Plate:
    """The answer at a box, in units of the picture."""

    text: str  # The number, the answer, or both; what fits.
    sign: bool  # Whether the face of the expression stands before it.
    x: float  # Left edge.
    y: float  # Upper edge.
    width: float
    height: float
    size: float  # Height of the text.


@dataclass(frozen=True, slots=True)
class Mark:
    """One face on the photo, in units of the picture."""

    anchor: str  # id of the mark.
    card: str  # id of the card.
    words: str  # What a screen reader says.
    tone: str  # Of the answer, see ``webapp.presenters.expressions``.
    letter: str  # What stands in place of a face in that tone.
    box: Box  # (x, y, width, height).
    points: tuple[Point, ...]  # Eyes, nose and mouth.
    plate: Plate


def marks(rows: Sequence[SheetRow], photo: tuple[int, int], size: tuple[int, int]) -> tuple[Mark, ...]:
    """Return the marks on a picture of ``size`` (width, height) of faces whose boxes are in pixels of ``photo``."""
    scale = size[0] / photo[0], size[1] / photo[1]
    return tuple(_mark(row, scale, size, len(rows)) for row in rows)


def _mark(row: SheetRow, scale: tuple[float, float], size: tuple[int, int], faces: int) -> Mark:
    right, down = scale
    x, y, width, height = row.box
    box = (round(x * right, 1), round(y * down, 1), round(width * right, 1), round(height * down, 1))
    return Mark(
        anchor=f"{row.anchor}-mark",
        card=row.anchor,
        words=f"Face {row.number}: {row.brief}",
        tone=row.tone if row.confident else NOBODY,
        letter=row.letter if row.confident else "",
        box=box,
        points=tuple((round(a * right, 1), round(b * down, 1)) for a, b in row.landmarks),
        plate=_plate(row, box, size, faces),
    )


def _plate(face: SheetRow, box: Box, size: tuple[int, int], faces: int) -> Plate:
    """Return the plate above the box, or inside where the photo ends; small boxes of many get the number only."""
    longest = max(size)
    text = min(TEXT * longest, max(SMALLEST_TEXT * longest, BY_BOX * box[2]))
    sign = face.confident
    number = "" if faces == 1 else str(face.number)
    for words in (f"{number} {face.brief}".strip(), number):
        width = (len(words) * LETTER + 2 * PAD + (1.6 if sign else 0)) * text
        if faces <= FEW or width <= 1.25 * box[2]:
            break
    height = (1 + 1.4 * PAD) * text
    left = min(max(0.0, box[0]), max(0.0, size[0] - width))
    top = min(max(0.0, box[1] - height), max(0.0, size[1] - height))
    return Plate(
        words, sign, round(left, 1), round(top, 1), round(width, 1), round(height, 1), round(text, 1)
    )
