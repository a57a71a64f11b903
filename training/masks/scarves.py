"""Draw a scarf pulled up over mouth and nose tip: one wide cloth with folds and a weave, down to the image's edge.

For measuring only: no network learned on these scarves. They are placed by the face's five landmarks and take its
light.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from model.geometry import Pixels
from training.masks.hands import OVER, face_grid, laid_over
from training.masks.render import light_on
from training.masks.shapes import pose_of


def draw_scarf(image: Pixels, points: NDArray[np.floating], rng: np.random.Generator) -> Pixels:
    """A copy of the gray image uint8 (h, w) in which a scarf covers the lower face of ``points`` (5, 2)."""
    pose, light = pose_of(points), light_on(image, pose_of(points))
    u, v = face_grid(image.shape, pose, OVER)
    slant, sag = float(rng.normal(0, 0.07)), float(rng.uniform(0.1, 0.25))
    # The edge lies on the nose, falls to the cheeks, and waves.
    top = 0.62 + float(rng.normal(0, 0.05)) + slant * u + sag * np.abs(u) ** 1.5
    top += 0.03 * np.sin(float(rng.uniform(3, 6)) * u + float(rng.uniform(0, 6)))
    cover = ((v > top) & ((np.abs(u) < 1.15) | (v > 1.35 + 0.2 * np.abs(u)))).astype(np.float64)
    depth = v - top
    tone = 1 - 0.3 * np.clip(np.abs(u) / 1.3, 0, 1) ** 2
    for _ in range(4):
        place, width, bend = rng.uniform(0.1, 1.1), rng.uniform(0.04, 0.1), rng.normal(0, 0.25)
        fold = (depth - place - bend * u * np.abs(u)) / width
        tone -= 0.22 * np.exp(-(fold**2)) - 0.1 * np.exp(-((fold + 1.4) ** 2))
    tone += 0.05 * np.sin(float(rng.uniform(25, 45)) * (u + 0.4 * depth)) * np.sin(30 * depth)
    tone += 0.08 * np.exp(-((depth / 0.05) ** 2))  # The rolled hem catches the light.
    if rng.random() < 0.4:
        stripe = np.mod(depth / float(rng.uniform(0.25, 0.5)), 1) < 0.4
        tone = np.where(stripe, tone * float(rng.uniform(0.5, 0.8)), tone)
    level = light.black + float(rng.uniform(0.15, 0.95)) * (light.white - light.black)
    return laid_over(image, pose, np.clip(tone, 0.1, 1.2), cover, level, rng)
