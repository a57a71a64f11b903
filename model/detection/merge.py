"""Merge the faces of several passes, and keep the surest."""

from __future__ import annotations

from collections.abc import Iterable

from ..geometry import Box
from ..types import Face

MAX_FACES = 100  # Faces of a photo that are kept, the surest first: each is cropped, read and drawn.
SAME_IOU = 0.4  # Two boxes that overlap by more are of one face …
SAME_IOS = 0.7  # … and so are two of which the smaller lies in the larger.


def merged(*passes: Iterable[Face]) -> tuple[Face, ...]:
    """Return the faces of all passes, each once, largest first: of those that overlap, the surest stays."""
    kept: list[Face] = []
    for face in sorted((face for faces in passes for face in faces), key=lambda face: -face.score):
        if not any(_same(face.box, other.box) for other in kept):
            kept.append(face)
    return largest_first(kept)


def surest(faces: Iterable[Face], most: int = MAX_FACES) -> tuple[Face, ...]:
    """Return the ``most`` faces of the highest scores, largest first."""
    return largest_first(sorted(faces, key=lambda face: -face.score)[:most])


def largest_first(faces: Iterable[Face]) -> tuple[Face, ...]:
    """Sort faces by the area of their boxes."""
    return tuple(sorted(faces, key=lambda face: -face.box[2] * face.box[3]))


def _same(one: Box, other: Box) -> bool:
    across = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    down = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    if across <= 0 or down <= 0:
        return False
    common, areas = across * down, (one[2] * one[3], other[2] * other[3])
    return common > SAME_IOU * (sum(areas) - common) or common > SAME_IOS * min(areas)
