"""Draw a hand before the mouth: four fingers across it, the palm at one cheek, the wrist leaving below.

For measuring only: no network learned on these hands. They are placed by the face's five landmarks, take the gray of
the cheeks and the light of the face, and follow from the random numbers alone.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from model.geometry import Pixels
from training.masks.render import light_on
from training.masks.shapes import MOUTH, Pose, pose_of

Array = NDArray[np.float64]
OVER = 4  # Pixels painted for one, along each side; averaging them smooths the edges.
FINGERS = 4
THICK = 0.125  # Half of a finger's width, in pupil distances, as every length here.
GAP = 0.23


def draw_hand(image: Pixels, points: NDArray[np.floating], rng: np.random.Generator) -> Pixels:
    """A copy of the gray image uint8 (h, w) in which a hand covers the mouth of the face of ``points`` (5, 2)."""
    pose = pose_of(points)
    u, v = face_grid(image.shape, pose, OVER)
    side = -1.0 if rng.random() < 0.5 else 1.0
    angle = side * float(rng.uniform(-0.15, 0.4))
    middle = MOUTH + float(rng.normal(0.02, 0.06))
    # The hand's own axes: x from the palm to the finger tips, y down over the fingers.
    x = -side * (u * math.cos(angle) + (v - middle) * math.sin(angle))
    y = -u * math.sin(angle) + (v - middle) * math.cos(angle)
    tone, cover = np.zeros_like(u), np.zeros_like(u)
    _limb(tone, cover, x, y, (-0.95, 0.2), (-1.5, 1.9), 0.42, 0.86)
    _limb(tone, cover, x, y, (-0.95, 0.0), (-0.75, 0.15), 0.5, 0.94)
    reach = np.array([0.5, 0.72, 0.66, 0.45]) + rng.normal(0, 0.05, FINGERS)
    for index in range(FINGERS):
        height = (index - (FINGERS - 1) / 2) * GAP + float(rng.normal(0, 0.015))
        thick = THICK * float(rng.normal(1, 0.06))
        _limb(tone, cover, x, y, (-0.8, 0.8 * height), (float(reach[index]), height), thick, 1.0)
    return laid_over(image, pose, tone, cover, skin_tone(image, pose) * float(rng.uniform(0.9, 1.1)), rng)


def _limb(
    tone: Array,
    cover: Array,
    x: Array,
    y: Array,
    start: tuple[float, float],
    end: tuple[float, float],
    radius: float,
    bright: float,
) -> None:
    """Lay a rounded limb over what is there: brightest along its middle, dark at its rim."""
    along = np.array(end) - start
    share = np.clip(((x - start[0]) * along[0] + (y - start[1]) * along[1]) / float(along @ along), 0, 1)
    distance = np.hypot(x - start[0] - share * along[0], y - start[1] - share * along[1]) / radius
    inside = distance < 1
    tone[inside] = bright * (1.04 - 0.42 * distance[inside] ** 3)
    cover[inside] = 1


def face_grid(shape: tuple[int, ...], pose: Pose, over: int) -> tuple[Array, Array]:
    """Where each painted point lies on the face, in pupil distances from between the eyes: to the right, and down."""
    rows, columns = shape[:2]
    py, px = (np.mgrid[: rows * over, : columns * over] + 0.5) / over - 0.5
    down = pose.down
    if abs(pose.across[0] * down[1] - pose.across[1] * down[0]) < 0.1 * pose.unit**2:
        # Points in one place, from a detector that failed, give no second direction.
        down = np.array([-pose.across[1], pose.across[0]])
    axes = np.stack([pose.across, down], axis=1)
    u, v = np.tensordot(np.linalg.inv(axes), np.stack([px - pose.middle[0], py - pose.middle[1]]), axes=1)
    return u, v


def skin_tone(image: Pixels, pose: Pose) -> float:
    """The gray of the cheeks."""
    levels = []
    for sign in (-1, 1):
        x, y = np.rint(pose.middle + sign * 0.42 * pose.across + 0.55 * pose.down).astype(int)
        top, left = int(np.clip(y, 1, image.shape[0] - 2)), int(np.clip(x, 1, image.shape[1] - 2))
        levels.append(image[top - 1 : top + 2, left - 1 : left + 2].astype(np.float64).mean())
    return float(np.mean(levels))


def laid_over(
    image: Pixels, pose: Pose, tone: Array, cover: Array, level: float, rng: np.random.Generator
) -> Pixels:
    """Average the painted points and lay them over the image, lit from the face's side, with a shadow around."""
    size = image.shape[1], image.shape[0]
    light = light_on(image, pose)
    slope = 1 + 0.35 * light.from_right * np.linspace(-1, 1, tone.shape[1])
    painted = np.clip(level * tone * slope, light.black, 255) * cover
    small = np.asarray(cv2.resize(painted, size, interpolation=cv2.INTER_AREA), np.float64)
    share = np.asarray(cv2.resize(cover, size, interpolation=cv2.INTER_AREA), np.float64)
    shadow = np.asarray(cv2.GaussianBlur(share, (0, 0), max(0.5, 0.09 * pose.unit)), np.float64)
    joined = image * (1 - share) * (1 - 0.3 * shadow) + small + share * rng.normal(0, 2, image.shape)
    return np.asarray(np.clip(np.rint(joined), 0, 255), np.uint8)
