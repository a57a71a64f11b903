"""Paint a mask into an image: the sheet's cloth in the face's light, its bands, its shadow on the skin."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from model.geometry import Pixels
from training.masks.cloth import Cloth, color_of, relief
from training.masks.shapes import Pose, Shape, ear_loops, normals, sheet

Array = NDArray[np.float64]
MAX_SAMPLES = 900  # Points of the sheet along a side; more would not be seen.
OVER = 3  # Pixels painted for one of a small image, along each side; averaging them smooths the edges.
OVER_LARGE = 2


@dataclass(frozen=True, slots=True)
class Light:
    """The light on a face: gray levels of its deepest shadow and of white, and where it comes from, −1 to 1."""

    black: float
    white: float
    from_right: float


def light_on(gray: Pixels, pose: Pose) -> Light:
    """Read the light from a gray image (h, w): how bright things get in it, and which cheek is the brighter."""
    sides = []
    for sign in (-1, 1):
        x, y = pose.middle + sign * 0.42 * pose.across + 0.55 * pose.down
        half = max(1, round(0.22 * pose.unit))
        row = int(np.clip(round(y), half, max(half, gray.shape[0] - 1 - half)))
        column = int(np.clip(round(x), half, max(half, gray.shape[1] - 1 - half)))
        patch = gray[max(0, row - half) : row + half + 1, max(0, column - half) : column + half + 1]
        sides.append(patch.astype(np.float64))
    skin = np.concatenate([side.ravel() for side in sides])
    left, right = (float(side.mean()) for side in sides)
    white = 0.5 * float(np.percentile(skin, 90)) + 0.5 * float(np.percentile(gray, 96))
    return Light(
        black=0.6 * float(np.percentile(gray, 2)),
        white=float(np.clip(1.08 * white, 90, 250)),
        from_right=float(np.clip(1.6 * (right - left) / max(left + right, 1), -0.7, 0.7)),
    )


def paint(image: Pixels, pose: Pose, shape: Shape, cloth: Cloth, rng: np.random.Generator) -> Pixels:
    """Return the image, gray (h, w) or RGB (h, w, 3) uint8, with the mask worn by the face of ``pose``."""
    gray = image if image.ndim == 2 else np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)
    over = OVER if pose.unit < 60 else OVER_LARGE
    across, down = (int(np.clip(part * pose.unit * over, 40, MAX_SAMPLES)) for part in (2.7, 2.1))
    points, s, t = sheet(shape, across, down)
    seen = pose.project(points)
    loops = ear_loops(shape, pose)
    everything = np.concatenate([seen[..., :2].reshape(-1, 2), *loops])
    margin = 2 + 0.3 * pose.unit
    left, top = (max(0, int(v)) for v in np.floor(everything.min(axis=0) - margin))
    right, bottom = (int(v) for v in np.ceil(everything.max(axis=0) + margin))
    right, bottom = min(image.shape[1], right + 1), min(image.shape[0], bottom + 1)
    if right - left < 2 or bottom - top < 2:
        return image.copy()
    light = light_on(gray, pose)
    canvas = np.zeros(((bottom - top) * over, (right - left) * over, 4), np.float32)
    _bands(canvas, [(line - (left, top) + 0.5) * over for line in loops], pose, light, over)
    colors = _lit(cloth, points, s, t, light, rng)
    spots = np.round((seen[..., :2] - (left, top) + 0.5) * over - 0.5).astype(np.intp)
    _lay(canvas, spots, seen[..., 2], colors)
    averaged = cv2.resize(canvas, (right - left, bottom - top), interpolation=cv2.INTER_AREA)
    small = np.asarray(averaged, np.float32)
    result = image.copy()
    result[top:bottom, left:right] = _join(image[top:bottom, left:right], small, pose, rng)
    return result


def _lit(cloth: Cloth, points: Array, s: Array, t: Array, light: Light, rng: np.random.Generator) -> Array:
    """The sheet's RGB 0…255 (..., 3) in this light: from above, from one side, a little from everywhere."""
    source = np.array([light.from_right, -0.55, 1.0])
    facing = np.clip(normals(points) @ (source / np.linalg.norm(source)), 0, 1)
    grain = rng.normal(0, 1, s.shape)
    brightness = (0.52 + 0.52 * facing) * relief(cloth, s, t)
    own = color_of(cloth, s, t, grain) / 255 * brightness[..., None]
    return np.asarray(light.black + np.clip(own, 0, 1.05) * (light.white - light.black))


def _bands(canvas: NDArray[np.float32], lines: list[Array], pose: Pose, light: Light, over: int) -> None:
    """Draw the bands to the ears onto the canvas (h, w, RGB and cover)."""
    thickness = max(1, round(0.03 * pose.unit * over))
    tone = light.black + 0.82 * (light.white - light.black)
    for line in lines:
        ends = [np.rint(line * 16).astype(np.int32)]
        cv2.polylines(canvas, ends, False, (tone, tone, tone, 1.0), thickness, cv2.LINE_8, 4)


def _lay(canvas: NDArray[np.float32], spots: NDArray[np.intp], near: Array, colors: Array) -> None:
    """Put every point of the sheet onto the canvas, the nearest last, so that what is behind is covered."""
    height, width = canvas.shape[:2]
    inside = np.all((spots >= 0) & (spots < (width, height)), axis=-1)
    order = np.argsort(near[inside], kind="stable")
    columns, rows = spots[inside][order].T
    cover = np.zeros((height, width), np.uint8)
    layer = np.zeros((height, width, 3), np.float32)
    layer[rows, columns] = colors[inside][order]
    cover[rows, columns] = 1
    # Where rounding left a pinhole, the neighbours close it.
    kernel = np.ones((3, 3), np.uint8)
    closed = cv2.morphologyEx(cover, cv2.MORPH_CLOSE, kernel)
    holes = (closed > cover).astype(bool)
    if holes.any():
        layer[holes] = cv2.dilate(layer, kernel)[holes]
    worn = closed.astype(bool)
    canvas[worn, :3] = layer[worn]
    canvas[worn, 3] = 1


def _join(part: Pixels, small: NDArray[np.float32], pose: Pose, rng: np.random.Generator) -> Pixels:
    """Lay the averaged canvas over the image, with a soft shadow on the skin around it and a little noise."""
    cover = small[..., 3]
    blur = max(0.5, 0.09 * pose.unit)
    drop = np.array([[1, 0, 0], [0, 1, 0.05 * pose.unit]], np.float64)
    size = (cover.shape[1], cover.shape[0])
    shadow = cv2.GaussianBlur(cv2.warpAffine(cover, drop, size), (0, 0), blur)
    mask = small[..., :3]  # Averaging has already multiplied it by the cover.
    if part.ndim == 2:
        mask, under = mask @ np.array([0.299, 0.587, 0.114], np.float32), part.astype(np.float32)
    else:
        cover, shadow, under = cover[..., None], shadow[..., None], part.astype(np.float32)
    joined = under * (1 - cover) * (1 - 0.32 * shadow) + mask
    joined += cover * rng.normal(0, 1.2, joined.shape)
    return np.asarray(np.clip(np.rint(joined), 0, 255), np.uint8)
