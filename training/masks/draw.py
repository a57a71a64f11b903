"""Draw synthetic face masks on faces, for the model that reads the eyes alone.

What a mask looks like follows from the image's name and a seed alone, so the same command draws the same masks again.
Three styles (surgical, cloth, FFP2) in several colours and patterns, worn over the nose or, one time in six, under it;
the shape follows the five landmarks, turn of the head included, and the cloth takes the light of the face.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from model.geometry import Pixels
from training.masks.cloth import CLOTH_COLORS, FFP2_COLORS, SURGICAL_COLORS, Cloth, Color, Pattern, Style
from training.masks.render import paint
from training.masks.shapes import Shape, pose_of

STYLES: tuple[Style, ...] = ("surgical", "cloth", "ffp2")
STYLE_SHARES = (0.5, 0.27, 0.23)
UNDER_THE_NOSE = 1 / 6
COLORS = {"surgical": SURGICAL_COLORS, "cloth": CLOTH_COLORS, "ffp2": FFP2_COLORS}
PATTERNS: tuple[Pattern, ...] = ("plain", "stripes", "dots", "checks")
CUTS = {
    "surgical": Shape(0.34, 0.27, 1.92, 0.58, 1.3, 1.05, 0.36, 2.6),
    "cloth": Shape(0.38, 0.22, 1.94, 0.66, 1.16, 1.02, 0.38, 2.1),
    "ffp2": Shape(0.32, 0.28, 1.92, 0.74, 1.12, 0.99, 0.55, 1.8),
}


@dataclass(frozen=True, slots=True)
class MaskStyle:
    """The style of one mask."""

    shape: Shape  # cut and fit
    cloth: Cloth  # colours and pattern
    under_nose: bool  # whether it leaves the nose free


def choose_mask_style(rng: np.random.Generator) -> MaskStyle:
    """Take a style, colours and a fit at random."""
    style = STYLES[int(rng.choice(len(STYLES), p=STYLE_SHARES))]
    under_nose = bool(rng.random() < UNDER_THE_NOSE)
    shape = CUTS[style]
    lift, stretch = rng.normal(0, 0.035), rng.normal(0, 0.03)
    shape = replace(
        shape,
        top=shape.top + lift + rng.normal(0, 0.02),
        chin=shape.chin + 0.5 * lift + rng.normal(0, 0.04),
        side_top=shape.side_top + lift,
        width=shape.width * (1 + stretch),
        peak=shape.peak * (1 + rng.normal(0, 0.1)),
    )
    if under_nose:
        lower = 0.8 + abs(rng.normal(0, 0.05)) - shape.top
        shape = replace(
            shape,
            top=shape.top + lower,
            cheek=0.3 * shape.cheek,
            side_top=shape.side_top + 0.4 * lower,
            chin=shape.chin + 0.08,
            peak=0.5 * shape.peak,
        )
    return MaskStyle(shape, _choose_cloth(style, rng), under_nose)


def _choose_cloth(style: Style, rng: np.random.Generator) -> Cloth:
    colors = COLORS[style]
    color, accent = (_varied(colors[int(rng.integers(len(colors)))], rng) for _ in range(2))
    patterned = style == "cloth" and rng.random() < 0.55
    pattern = PATTERNS[int(rng.integers(1, len(PATTERNS)))] if patterned else PATTERNS[0]
    first, second, third = (float(v) for v in rng.uniform(0, 1, 3))
    return Cloth(style, color, accent, pattern, float(rng.uniform(0.12, 0.24)), (first, second, third))


def _varied(color: Color, rng: np.random.Generator) -> Color:
    """The colour, a little lighter or darker and a little off."""
    varied = np.clip(np.array(color) * rng.normal(1, 0.06) + rng.normal(0, 4, 3), 5, 250)
    red, green, blue = (int(v) for v in varied)
    return red, green, blue


def mask_rng(name: str, seed: int) -> np.random.Generator:
    """A generator for one image's mask: the same for the same name and seed, on every machine."""
    digest = hashlib.sha256(f"{seed}/{name}".encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "big"))


def draw_mask(image: Pixels, points: NDArray[np.floating], rng: np.random.Generator) -> Pixels:
    """Return a copy of the image, gray (h, w) or RGB (h, w, 3) uint8, in which the face wears a mask.

    ``points`` (5, 2) are the face's landmarks in the image's pixels, in the order of ``LANDMARK_NAMES``.
    """
    style = choose_mask_style(rng)
    return paint(image, pose_of(points), style.shape, style.cloth, rng)
