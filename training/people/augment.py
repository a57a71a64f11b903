"""Photo-like random changes to batches of faces, computed on the device that trains.

Real photos differ from FER-2013's images in what cameras, editors and web sites did to them. ``Warp`` changes where the
face lies, ``Degrade`` how the pixels look. Only ``keras.ops`` and ``keras.random``: the same on every backend.
Images are float32 (batch, 48, 48, 1) in 0…255 throughout.
"""

from __future__ import annotations

import math
from typing import Any

import cv2
import keras
import numpy as np
from keras import ops

SIDE = 48
Tensor = Any

# ITU-T T.81, Annex K, table K.1: the luminance quantisation that "quality" scales.
JPEG_LUMINANCE = np.array(
    [
        [16, 11, 10, 16, 24, 40, 51, 61],
        [12, 12, 14, 19, 26, 58, 60, 55],
        [14, 13, 16, 24, 40, 57, 69, 56],
        [14, 17, 22, 29, 51, 87, 80, 62],
        [18, 22, 37, 56, 68, 109, 103, 77],
        [24, 35, 55, 64, 81, 104, 113, 92],
        [49, 64, 78, 87, 103, 121, 120, 101],
        [72, 92, 95, 98, 112, 100, 103, 99],
    ],
    np.float32,
)


def rescalings(low: int = 20, high: int = 44) -> np.ndarray:
    """Matrices (n, 48, 48), one a size: shrink 48 samples to it by area and enlarge them again, linearly."""
    identity = np.eye(SIDE, dtype=np.float32)
    matrices = []
    for size in range(low, high + 1):
        small = cv2.resize(identity, (SIDE, size), interpolation=cv2.INTER_AREA)
        matrices.append(cv2.resize(small, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR))
    return np.stack(matrices)


def blurs(sigmas: np.ndarray) -> np.ndarray:
    """Gaussian blurs as matrices (n, 48, 48), edges repeated."""
    places = np.arange(SIDE)
    matrices = []
    for sigma in sigmas:
        reach = int(np.ceil(4 * sigma)) + 1
        matrix = np.zeros((SIDE, SIDE), np.float32)
        for step in range(-reach, reach + 1):
            weight = math.exp(-0.5 * (step / sigma) ** 2)
            matrix[places, np.clip(places + step, 0, SIDE - 1)] += weight
        matrices.append(matrix / matrix.sum(axis=1, keepdims=True))
    return np.stack(matrices)


def cosine_transform() -> np.ndarray:
    """The orthonormal DCT-II matrix of 8 samples."""
    k, n = np.mgrid[:8, :8]
    matrix = np.cos(np.pi * (2 * n + 1) * k / 16) * np.sqrt(2 / 8)
    matrix[0] /= np.sqrt(2)
    return matrix.astype(np.float32)


RESCALINGS = rescalings()
SIGMAS = np.linspace(0.4, 6.0, 29)
BLURS = blurs(SIGMAS)
DCT = cosine_transform()
GRID_Y, GRID_X = np.mgrid[:SIDE, :SIDE].astype(np.float32)


class Draw:
    """Random numbers for one batch; every draw comes from ``seeds``, so a run can be repeated."""

    def __init__(self, seeds: keras.random.SeedGenerator, batch: Any) -> None:
        self.seeds, self.batch = seeds, batch
        # Tensors: NumPy's arithmetic comes first where an array stands before one of torch's.
        self.x, self.y = ops.convert_to_tensor(GRID_X), ops.convert_to_tensor(GRID_Y)

    def uniform(self, low: float = 0.0, high: float = 1.0, extra: tuple[int, ...] = (1, 1)) -> Tensor:
        """(batch, *extra) between low and high."""
        return keras.random.uniform((self.batch, *extra), low, high, seed=self.seeds)

    def normal(self, extra: tuple[int, ...] = (1, 1)) -> Tensor:
        """(batch, *extra) of mean 0 and deviation 1."""
        return keras.random.normal((self.batch, *extra), seed=self.seeds)

    def chance(self, probability: float) -> Tensor:
        """(batch, 1, 1): 1.0 as often as ``probability`` says, else 0.0."""
        return ops.cast(self.uniform() < probability, "float32")

    def index(self, count: int) -> Tensor:
        """(batch,) int32 below ``count``."""
        return keras.random.randint((self.batch,), 0, count, seed=self.seeds)


def separable(images: Tensor, matrices: Tensor) -> Tensor:
    """M·X·Mᵀ for each image (b, 48, 48) and its matrix (b, 48, 48)."""
    return ops.matmul(ops.matmul(matrices, images), ops.transpose(matrices, (0, 2, 1)))


def blurred(images: Tensor, low: float, high: float, draw: Draw) -> Tensor:
    """Each image blurred by a sigma between ``low`` and ``high`` pixels."""
    first, last = int(np.searchsorted(SIGMAS, low)), int(np.searchsorted(SIGMAS, high))
    chosen = ops.take(ops.convert_to_tensor(BLURS), draw.index(last - first) + first, axis=0)
    return separable(images, chosen)


def mixed(images: Tensor, changed: Tensor, on: Tensor) -> Tensor:
    """``changed`` where ``on`` is 1."""
    return images + on * (changed - images)


def random_places(
    draw: Draw, *, rotation: float, scale: tuple[float, float], shift: float
) -> tuple[Tensor, Tensor]:
    """Where each pixel of the changed image lies in the old one: x and y (b, 48, 48).

    Flip, rotation (degrees), scale, stretch, shear and shift (pixels), about the middle of the image.
    """
    angle = draw.uniform(-rotation, rotation, ()) * (math.pi / 180)
    zoom = ops.exp(draw.uniform(math.log(scale[0]), math.log(scale[1]), ()))
    stretch = ops.exp(draw.uniform(-0.07, 0.07, ()))
    shear = draw.uniform(-0.06, 0.06, ())
    mirror = ops.where(draw.uniform(0.0, 1.0, ()) < 0.5, -1.0, 1.0)
    # From output to input pixels, about the middle of the image.
    cos, sin = ops.cos(angle) / zoom, ops.sin(angle) / zoom
    a0, a1 = mirror * cos * stretch, mirror * (sin + shear)
    b0, b1 = -sin * stretch, cos
    middle = (SIDE - 1) / 2
    dx, dy = draw.uniform(-shift, shift, ()), draw.uniform(-shift, shift, ())
    a2 = middle + dx - a0 * middle - a1 * middle
    b2 = middle + dy - b0 * middle - b1 * middle
    x = a0[:, None, None] * draw.x + a1[:, None, None] * draw.y + a2[:, None, None]
    y = b0[:, None, None] * draw.x + b1[:, None, None] * draw.y + b2[:, None, None]
    return x, y


def bilinear(images: Tensor, x: Tensor, y: Tensor, batch: Any) -> Tensor:
    """Sample images (b, 48, 48) at x, y (b, 48, 48); outside, the edge repeats."""
    x, y = ops.clip(x, 0.0, SIDE - 1.0), ops.clip(y, 0.0, SIDE - 1.0)
    left, top = ops.clip(ops.floor(x), 0, SIDE - 2), ops.clip(ops.floor(y), 0, SIDE - 2)
    fx, fy = x - left, y - top
    flat = ops.reshape(images, (batch, SIDE * SIDE))
    corner = ops.cast(ops.reshape(top * SIDE + left, (batch, SIDE * SIDE)), "int32")

    def at(offset: int) -> Tensor:
        return ops.reshape(ops.take_along_axis(flat, corner + offset, axis=1), (batch, SIDE, SIDE))

    upper = at(0) * (1 - fx) + at(1) * fx
    lower = at(SIDE) * (1 - fx) + at(SIDE + 1) * fx
    return upper * (1 - fy) + lower * fy


def degrade(x: Tensor, draw: Draw, strength: float = 1.0) -> Tensor:
    """Light, lens, editing, noise and compression, each with its own chance times ``strength``; (b, 48, 48)."""
    s = strength
    # Light from one side, then the camera's or the editor's tone curve.
    angle = draw.uniform(0.0, 2 * math.pi)
    slope = (ops.cos(angle) * (draw.x - 23.5) + ops.sin(angle) * (draw.y - 23.5)) / 24.0
    lit = x * (1.0 + draw.uniform(0.15, 0.75) * slope)
    x = mixed(x, lit, draw.chance(0.25 * s))
    unit = ops.clip(x, 0.0, 255.0) / 255.0
    gamma = ops.exp(draw.uniform(math.log(0.55), math.log(1.8)))
    x = mixed(x, 255.0 * ops.power(unit + 1e-4, gamma), draw.chance(0.3 * s))
    # Contrast that runs into black or white.
    gain, offset = draw.uniform(0.9, 1.7), draw.uniform(-45.0, 45.0)
    x = mixed(x, ops.clip((x - 127.5) * gain + 127.5 + offset, 0.0, 255.0), draw.chance(0.2 * s))
    # Local contrast, as CLAHE and phones' "clarity" raise it.
    around = blurred(x, 3.0, 6.0, draw)
    spread = ops.sqrt(blurred(ops.square(x - around), 4.0, 6.0, draw) + 100.0)
    local = (
        127.5 + (x - around) / spread * draw.uniform(35.0, 55.0) + (around - 127.5) * draw.uniform(0.2, 0.8)
    )
    x = mixed(x, local, draw.chance(0.2 * s) * draw.uniform(0.4, 1.0))
    # A face that is small in its photo, or a lens out of focus.
    smaller = separable(x, ops.take(ops.convert_to_tensor(RESCALINGS), draw.index(len(RESCALINGS)), axis=0))
    x = mixed(x, smaller, draw.chance(0.3 * s))
    x = mixed(x, blurred(x, 0.4, 1.4, draw), draw.chance(0.12 * s))
    # Sharpening, as photos have it after shrinking.
    sharp = x + draw.uniform(0.3, 1.4) * (x - blurred(x, 0.6, 1.4, draw))
    x = ops.clip(mixed(x, sharp, draw.chance(0.3 * s)), 0.0, 255.0)
    noise = draw.normal((SIDE, SIDE)) * draw.uniform(2.0, 12.0)
    x = ops.clip(x + draw.chance(0.2 * s) * noise, 0.0, 255.0)
    x = mixed(x, jpeg(x, draw), draw.chance(0.25 * s))
    return ops.clip(x, 0.0, 255.0)


def jpeg(x: Tensor, draw: Draw) -> Tensor:
    """JPEG's loss at a quality of 20 to 80: the DCT of blocks of 8×8, rounded to multiples of the table's steps."""
    quality = draw.uniform(20.0, 80.0)
    factor = ops.where(quality < 50.0, 50.0 / quality, 2.0 - quality / 50.0)
    steps = ops.maximum(ops.round(ops.convert_to_tensor(JPEG_LUMINANCE) * factor), 1.0)[:, None, :, None, :]
    blocks = ops.reshape(x - 128.0, (draw.batch, 6, 8, 6, 8))
    dct = ops.convert_to_tensor(DCT)
    there = ops.einsum("ki,brisj,lj->brksl", dct, blocks, dct)
    there = ops.round(there / steps) * steps
    back = ops.einsum("ki,brksl,lj->brisj", dct, there, dct)
    return ops.clip(ops.reshape(back, (draw.batch, SIDE, SIDE)) + 128.0, 0.0, 255.0)


def erase(x: Tensor, draw: Draw, chance: float) -> tuple[Tensor, Tensor]:
    """A rectangle of 4–25 % of the area in one gray or in noise (Zhong et al. 2020), and where it lies, (b, 48, 48)."""
    area = draw.uniform(0.04, 0.25) * SIDE * SIDE
    aspect = ops.exp(draw.uniform(math.log(0.4), math.log(2.5)))
    high, wide = ops.sqrt(area * aspect) / 2, ops.sqrt(area / aspect) / 2
    cx, cy = draw.uniform(0.0, SIDE - 1.0), draw.uniform(0.0, SIDE - 1.0)
    inside = ops.cast(ops.abs(draw.x - cx) < wide, "float32") * ops.cast(
        ops.abs(draw.y - cy) < high, "float32"
    )
    inside = inside * draw.chance(chance)
    fill = draw.uniform(0.0, 255.0) + draw.chance(0.4) * draw.normal((SIDE, SIDE)) * draw.uniform(10.0, 60.0)
    return mixed(x, ops.clip(fill, 0.0, 255.0), inside), inside
