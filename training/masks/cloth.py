"""What a mask is made of: colours, patterns, folds and seams over the sheet's own coordinates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Color = tuple[int, int, int]
Style = Literal["surgical", "cloth", "ffp2"]
Pattern = Literal["plain", "stripes", "dots", "checks"]

SURGICAL_COLORS: tuple[Color, ...] = (
    (148, 196, 222),
    (148, 196, 222),
    (238, 241, 243),
    (168, 212, 190),
    (232, 190, 204),
    (34, 35, 38),
)
FFP2_COLORS: tuple[Color, ...] = (
    (240, 240, 236),
    (240, 240, 236),
    (228, 230, 228),
    (36, 37, 40),
    (150, 156, 160),
)
CLOTH_COLORS: tuple[Color, ...] = (
    (28, 28, 31),
    (42, 56, 92),
    (150, 44, 48),
    (96, 110, 88),
    (206, 190, 164),
    (128, 130, 134),
    (222, 222, 218),
    (92, 62, 110),
    (196, 140, 60),
)


@dataclass(frozen=True, slots=True)
class Cloth:
    """What the sheet is made of."""

    style: Style
    color: Color  # RGB, 0…255
    accent: Color  # the pattern's second colour
    pattern: Pattern
    period: float  # the pattern's step, in the sheet's own coordinates
    wrinkles: tuple[float, float, float]  # random phases, 0…1


def color_of(cloth: Cloth, s: Array, t: Array, grain: Array) -> Array:
    """The cloth's own RGB 0…255 (..., 3) at the sheet's s and t; ``grain`` is noise of about −1…1."""
    color = np.broadcast_to(np.array(cloth.color, np.float64), (*s.shape, 3)).copy()
    color += _pattern(cloth, s, t)[..., None] * (np.array(cloth.accent, np.float64) - color)
    return color * (1 + 0.03 * grain)[..., None]


def relief(cloth: Cloth, s: Array, t: Array) -> Array:
    """How folds, seams and wrinkles brighten (> 1) or darken (< 1) the cloth (...)."""
    side = np.abs(s)
    light = np.ones_like(s)
    if cloth.style == "surgical":
        for fold in (0.3, 0.48, 0.66):
            # A pleat opens towards the middle: bright on its back, dark in the fold under it.
            place = fold + 0.03 * (1 - side**2)
            light -= 0.3 * np.exp(-(((t - place) / 0.016) ** 2))
            light += 0.1 * np.exp(-(((t - place + 0.05) / 0.035) ** 2))
        light += 0.1 * np.exp(-(((t - 0.035) / 0.02) ** 2)) * (side < 0.4)  # The wire over the nose.
    elif cloth.style == "ffp2":
        light -= 0.2 * np.exp(-((s / 0.02) ** 2)) * (t > 0.03)
        light += 0.08 * np.exp(-(((side - 0.05) / 0.04) ** 2))
        light -= 0.14 * np.exp(
            -(((t - 0.1 - 0.1 * side) / 0.014) ** 2)
        )  # A welded line along the upper edge.
        light -= 0.1 * np.exp(-(((t - 0.93) / 0.014) ** 2))
    else:
        light -= 0.16 * np.exp(-((s / 0.018) ** 2))
        light -= 0.07 * np.exp(-(((side - 0.9) / 0.02) ** 2))
    first, second, third = cloth.wrinkles
    light += 0.05 * np.sin(9 * s * (1 + 0.3 * first) + 6 * t + 6 * second) * np.sin(5 * t + 6 * third) * side
    hem = np.minimum(np.minimum(t, 1 - t) / 0.035, (1 - side) / 0.03)
    return np.asarray(light * (1 - 0.16 * np.exp(-(((hem - 0.9) / 0.35) ** 2))))


def _pattern(cloth: Cloth, s: Array, t: Array) -> Array:
    """The share of the accent colour, 0…1."""
    u, v = s / cloth.period * 1.6, t / cloth.period
    if cloth.pattern == "stripes":
        return (np.mod(v, 1) < 0.4).astype(np.float64)
    if cloth.pattern == "checks":
        return 0.5 * (np.mod(u, 1) < 0.5) + 0.5 * (np.mod(v, 1) < 0.5)
    if cloth.pattern == "dots":
        row = np.floor(v)
        return ((np.mod(u + 0.5 * np.mod(row, 2), 1) - 0.5) ** 2 + (v - row - 0.5) ** 2 < 0.07).astype(
            np.float64
        )
    return np.zeros_like(s)
