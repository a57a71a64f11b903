"""What a face is among the others of its photo: its number, and whether it belongs to the background."""

from __future__ import annotations

from collections.abc import Sequence

from ..geometry import Box
from ..types import Quality

# Of the height of the face before it in its row, by which a face may lie higher or lower and still be in that row.
ROW_STEP = 0.6
FAINT_SIDE = 0.4  # Of the largest face's side; a larger face is not of the background.
FAINT_MOST = 8  # More of them are no background, but the group that was photographed.
FAINT_WARNINGS = frozenset(("blurred", "flat", "dark", "doubtful"))


def reading_order(boxes: Sequence[Box]) -> list[int]:
    """Return the number of each face, from 1: by rows from top to bottom, in each from left to right.

    A row is followed from face to face, so that it may rise or fall, as heads in a group do.
    """
    left = sorted(range(len(boxes)), key=lambda i: _middle(boxes[i])[1])
    numbers = [0] * len(boxes)
    given = 0
    while left:
        for index in sorted(_row(boxes, left), key=lambda i: _middle(boxes[i])[0]):
            given += 1
            numbers[index] = given
            left.remove(index)
    return numbers


def _row(boxes: Sequence[Box], left: Sequence[int]) -> list[int]:
    """Return the faces of the row of the topmost face of ``left``, which are sorted from top to bottom."""
    row = [left[0]]
    for direction in (1, -1):
        last = left[0]
        beside = [i for i in left[1:] if direction * (_middle(boxes[i])[0] - _middle(boxes[last])[0]) > 0]
        for index in sorted(beside, key=lambda i: direction * _middle(boxes[i])[0]):
            step = abs(_middle(boxes[index])[1] - _middle(boxes[last])[1])
            if step <= ROW_STEP * min(boxes[index][3], boxes[last][3]):
                row.append(index)
                last = index
    return row


def _middle(box: Box) -> tuple[float, float]:
    x, y, width, height = box
    return x + width / 2, y + height / 2


def which_are_faint(qualities: Sequence[Quality]) -> list[bool]:
    """Return of each face whether it is small and unclear beside a face that is far larger: one of the background."""
    largest = max((quality.face_size for quality in qualities), default=0.0)
    faint = [
        "small" in quality.warnings
        and quality.face_size < FAINT_SIDE * largest
        and not FAINT_WARNINGS.isdisjoint(quality.warnings)
        for quality in qualities
    ]
    return faint if sum(faint) <= FAINT_MOST else [False] * len(faint)
