"""The list of pictures without a face, the same on every machine: made with seeds, or shipped with a package."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from model.geometry import Pixels

from . import drawings, masks, patterns
from .photographs import photographs

Half = Literal["choose", "report"]


@dataclass(frozen=True, slots=True, eq=False)
class Thing:
    """One picture without a face."""

    name: str
    kind: str  # "photograph", "noise", "texture", "drawn thing", "drawn face", "statue" …
    pixels: Pixels  # RGB uint8 (height, width, 3).
    half: Half  # Limits are chosen on one half, figures reported on the other.


# Pictures of each maker of a kind.
EACH = {
    "noise": 4,
    "gradient": 4,
    "texture": 4,
    "page or chart": 4,
    "drawn thing": 5,
    "drawn face": 12,
    "statue": 24,
}


def things() -> Iterator[Thing]:
    """All of them, kind by kind."""
    kinds = {
        **patterns.PATTERNS,
        "drawn thing": drawings.THINGS,
        "drawn face": drawings.FACES,
        "statue": (masks.statue,),
    }
    for place, (name, pixels) in enumerate(photographs()):
        yield Thing(name, "photograph", pixels, _half(place))
    for kind, makers in kinds.items():
        for maker in makers:
            for number in range(EACH[kind]):
                seed = zlib.crc32(f"{maker.__name__} {number}".encode())
                pixels = maker(np.random.default_rng(seed))
                yield Thing(f"{maker.__name__} {number}", kind, pixels, _half(number))


def _half(number: int) -> Half:
    return "report" if number % 2 else "choose"
