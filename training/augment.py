"""Random, mild changes to training images: a face seen a little differently is still the same expression."""

from __future__ import annotations

import cv2
import numpy as np

from model.stages import Pixels
from training.config import AugmentConfig

Matrix = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def augment(
    image: Pixels,
    config: AugmentConfig,
    rng: np.random.Generator,
    place: Matrix | None = None,
    size: tuple[int, int] | None = None,
) -> Pixels:
    """Return a changed copy of one gray uint8 image (height, width); same type and range.

    ``place`` is the 2×3 matrix from the image's pixels to those of the result, which has ``size`` (width, height); by
    default the result lies on the image. One affine warp (flip, rotation, scale, shift; the border repeats), then
    contrast around the mean and light, then with probability ``erase`` one rectangle of 5–25 % of the area becomes
    noise-gray (Zhong et al. 2020, "Random Erasing Data Augmentation").
    """
    width, height = size or image.shape[::-1]
    matrix = _affine(config, height, width, rng)
    if place is not None:
        matrix = matrix @ np.vstack([place, [0.0, 0.0, 1.0]])
    changed: Pixels = np.asarray(
        cv2.warpAffine(
            image, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        ),
        np.uint8,
    )
    if config.contrast or config.brightness:
        changed = _relight(changed, config, rng)
    if config.erase and rng.random() < config.erase:
        changed = _erase(changed.copy(), rng)
    return changed


def _affine(config: AugmentConfig, height: int, width: int, rng: np.random.Generator) -> Matrix:
    """The 2×3 matrix of the warp about the image's centre."""
    angle = np.deg2rad(rng.uniform(-config.rotation, config.rotation))
    scale = np.exp(rng.uniform(*np.log(config.scale)))
    mirror = -1.0 if config.flip and rng.random() < 0.5 else 1.0
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    turn = turn @ np.diag([mirror, 1.0])
    centre = np.array([(width - 1) / 2, (height - 1) / 2])
    shift = config.shift * width / 48
    offset = centre - turn @ centre + rng.uniform(-shift, shift, 2)
    return np.column_stack([turn, offset])


def _relight(image: Pixels, config: AugmentConfig, rng: np.random.Generator) -> Pixels:
    gain = 1 + rng.uniform(-config.contrast, config.contrast)
    light = 255 * rng.uniform(-config.brightness, config.brightness)
    mean = float(image.mean())
    table = np.clip((np.arange(256) - mean) * gain + mean + light, 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(image, table), np.uint8)


def _erase(image: Pixels, rng: np.random.Generator) -> Pixels:
    height, width = image.shape
    area = rng.uniform(0.05, 0.25) * height * width
    aspect = np.exp(rng.uniform(np.log(0.4), np.log(2.5)))
    rows = min(height, max(1, round(np.sqrt(area * aspect))))
    columns = min(width, max(1, round(np.sqrt(area / aspect))))
    top, left = rng.integers(0, height - rows + 1), rng.integers(0, width - columns + 1)
    image[top : top + rows, left : left + columns] = rng.integers(0, 256)
    return image
