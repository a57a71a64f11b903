"""Split a large photo into overlapping tiles, so that searching it takes the memory of one tile."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from ..types import Face


@dataclass(frozen=True, slots=True)
class Tile:
    """A part of the photo, and the core inside it that no other tile's core overlaps; edges in pixels of the photo."""

    left: int
    top: int
    right: int
    bottom: int
    core: tuple[float, float, float, float]  # Left, top, right, bottom; infinite at the photo's own border.

    def owns(self, face: Face) -> bool:
        """Return whether the face's middle, in pixels of the photo, is in the core: each face has one such tile."""
        x, y, width, height = face.box
        left, top, right, bottom = self.core
        return left <= x + width / 2 < right and top <= y + height / 2 < bottom


def tiles_of(width: int, height: int, side: int, overlap: int) -> Iterator[Tile]:
    """Split a photo into tiles of at most about ``side`` × ``side`` pixels; neighbours share ``overlap`` pixels."""
    columns = [*_spans(width, side, overlap)]
    for top, bottom, low, high in _spans(height, side, overlap):
        for left, right, start, end in columns:
            yield Tile(left, top, right, bottom, (start, low, end, high))


def _spans(length: int, side: int, overlap: int) -> Iterator[tuple[int, int, float, float]]:
    """Yield (first, last, start and end of the core) of equal spans that cover 0…``length``."""
    count = max(1, math.ceil((length - overlap) / max(side - overlap, 1)))
    edges = [round(number * length / count) for number in range(count + 1)]
    for number in range(count):
        first, last = edges[number], edges[number + 1]
        yield (
            max(0, first - overlap // 2),
            min(length, last + overlap // 2),
            -math.inf if number == 0 else first,
            math.inf if number == count - 1 else last,
        )
