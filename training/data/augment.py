"""Random, mild changes to training images: a face seen a little differently is still the same expression."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from model.geometry import Pixels
from training.configs.schema import AugmentConfig

Matrix = NDArray[np.float64]


def random_warp(config: AugmentConfig, height: int, width: int, rng: np.random.Generator) -> Matrix:
    """The 2×3 matrix of a random flip, rotation, scale and shift about the centre of an image of this size."""
    angle = np.deg2rad(rng.uniform(-config.rotation, config.rotation))
    scale = np.exp(rng.uniform(*np.log(config.scale)))
    mirror = -1.0 if config.flip and rng.random() < 0.5 else 1.0
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    turn = turn @ np.diag([mirror, 1.0])
    centre = np.array([(width - 1) / 2, (height - 1) / 2])
    shift = config.shift * width / 48
    offset = centre - turn @ centre + rng.uniform(-shift, shift, 2)
    return np.column_stack([turn, offset])


def warp(image: Pixels, matrix: Matrix, size: tuple[int, int]) -> Pixels:
    """The image moved by the 2×3 matrix into one of ``size`` (width, height); its border repeats."""
    moved = cv2.warpAffine(image, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.uint8)


def augment_pixels(image: Pixels, config: AugmentConfig, rng: np.random.Generator) -> Pixels:
    """Random changes to the values of a gray uint8 image (height, width): contrast and brightness, random erasing."""
    if config.contrast or config.brightness:
        image = jitter_brightness_contrast(image, config, rng)
    if config.random_erasing and rng.random() < config.random_erasing:
        image = random_erasing(image, rng)
    return image


def jitter_brightness_contrast(image: Pixels, config: AugmentConfig, rng: np.random.Generator) -> Pixels:
    """Scale the contrast about the image's mean, then add a constant; clipped to 0…255."""
    gain = 1 + rng.uniform(-config.contrast, config.contrast)
    light = 255 * rng.uniform(-config.brightness, config.brightness)
    mean = float(image.mean())
    table = np.clip((np.arange(256) - mean) * gain + mean + light, 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(image, table), np.uint8)


def random_erasing(image: Pixels, rng: np.random.Generator) -> Pixels:
    """A copy with one rectangle of 5–25 % of the area in one gray (Zhong et al. 2020, "Random Erasing")."""
    image = image.copy()
    height, width = image.shape
    area = rng.uniform(0.05, 0.25) * height * width
    aspect = np.exp(rng.uniform(np.log(0.4), np.log(2.5)))
    rows = min(height, max(1, round(np.sqrt(area * aspect))))
    columns = min(width, max(1, round(np.sqrt(area / aspect))))
    top, left = rng.integers(0, height - rows + 1), rng.integers(0, width - columns + 1)
    image[top : top + rows, left : left + columns] = rng.integers(0, 256)
    return image
