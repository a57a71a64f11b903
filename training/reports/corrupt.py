"""Ten ways in which an image can be worse than those of the data set, at five strengths each.

The idea is Hendrycks and Dietterich 2019, "Benchmarking Neural Network Robustness to Common Corruptions and
Perturbations" (https://arxiv.org/abs/1903.12261); kinds and strengths are chosen for gray faces of 48 pixels: the first
strength is hardly seen, at the fifth a person begins to fail. Nothing is trained or selected on these.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from model.geometry import Pixels

Rng = np.random.Generator


def gaussian_blur(image: Pixels, sigma: float, rng: Rng) -> Pixels:
    """Out of focus: ``sigma`` pixels."""
    return _pixels(cv2.GaussianBlur(image, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE))


def motion_blur(image: Pixels, length: float, rng: Rng) -> Pixels:
    """Moved while the image was taken: by ``length`` pixels in a random direction."""
    angle, reach = rng.uniform(0, np.pi), np.linspace(-length / 2, length / 2, 15)
    shifted = [
        cv2.warpAffine(
            image.astype(np.float32),
            np.array([[1, 0, r * np.cos(angle)], [0, 1, r * np.sin(angle)]]),
            image.shape[::-1],
            borderMode=cv2.BORDER_REPLICATE,
        )
        for r in reach
    ]
    return _pixels(np.mean(shifted, axis=0))


def noise(image: Pixels, sigma: float, rng: Rng) -> Pixels:
    """Too little light for the sensor: normal noise of ``sigma`` gray levels."""
    return _pixels(image + rng.normal(0, sigma, image.shape))


def jpeg(image: Pixels, quality: float, rng: Rng) -> Pixels:
    """Saved too small: JPEG of this ``quality``."""
    _, encoded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, int(quality)])
    return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE), np.uint8)


def low_contrast(image: Pixels, share: float, rng: Rng) -> Pixels:
    """Fog: this ``share`` of the contrast is left."""
    return _pixels(image.mean() + share * (image.astype(np.float64) - image.mean()))


def dark(image: Pixels, share: float, rng: Rng) -> Pixels:
    """Under-exposed: this ``share`` of the light is left, rounded to whole gray levels."""
    return _pixels(share * image.astype(np.float64))


def side_light(image: Pixels, slope: float, rng: Rng) -> Pixels:
    """Light from one side, any: at the bright edge 1 + ``slope`` times as bright, at the other 1 − ``slope``."""
    angle = rng.uniform(0, 2 * np.pi)
    y, x = np.meshgrid(*(np.linspace(-1, 1, length) for length in image.shape), indexing="ij")
    ramp = x * np.cos(angle) + y * np.sin(angle)
    return _pixels(image * (1 + slope * np.clip(ramp, -1, 1)))


def pixelation(image: Pixels, side: float, rng: Rng) -> Pixels:
    """A small face enlarged: only ``side`` × ``side`` pixels are left."""
    small = cv2.resize(image, (int(side), int(side)), interpolation=cv2.INTER_AREA)
    return _pixels(cv2.resize(small, image.shape[::-1], interpolation=cv2.INTER_NEAREST))


def occlusion(image: Pixels, side: float, rng: Rng) -> Pixels:
    """Something before the face: a gray square of ``side`` pixels at a random place."""
    top, left = (int(rng.integers(0, max(1, length - int(side) + 1))) for length in image.shape)
    covered = image.copy()
    covered[top : top + int(side), left : left + int(side)] = 128
    return covered


def sharpening(image: Pixels, amount: float, rng: Rng) -> Pixels:
    """Sharpened too much, as phones do: ``amount`` times what a blur of one pixel takes away is added."""
    real = image.astype(np.float64)
    return _pixels(real + amount * (real - cv2.GaussianBlur(real, (0, 0), 1.0)))


CORRUPTIONS: dict[str, tuple[Callable[[Pixels, float, Rng], Pixels], tuple[float, ...]]] = {
    "gaussian_blur": (gaussian_blur, (0.6, 0.9, 1.2, 1.6, 2.1)),
    "motion_blur": (motion_blur, (2, 4, 6, 8, 10)),
    "noise": (noise, (6, 10, 15, 22, 30)),
    "jpeg": (jpeg, (50, 35, 22, 14, 8)),
    "low_contrast": (low_contrast, (0.6, 0.45, 0.32, 0.22, 0.14)),
    "dark": (dark, (0.6, 0.45, 0.32, 0.22, 0.14)),
    "side_light": (side_light, (0.3, 0.45, 0.6, 0.75, 0.9)),
    "pixelation": (pixelation, (32, 26, 20, 16, 12)),
    "occlusion": (occlusion, (8, 12, 16, 20, 24)),
    "sharpening": (sharpening, (0.6, 1.2, 2, 3, 4.5)),
}


def corrupted(images: Pixels, name: str, strength: int) -> Pixels:
    """The images uint8 (n, h, w) under this corruption at ``strength`` 1…5, always the same."""
    corrupt, levels = CORRUPTIONS[name]
    rng = np.random.default_rng([list(CORRUPTIONS).index(name), strength])
    return np.stack([corrupt(image, levels[strength - 1], rng) for image in images])


def _pixels(image: np.ndarray) -> Pixels:
    return np.asarray(np.clip(np.rint(image), 0, 255), np.uint8)
