"""Face points in training: their mean and deviation, and how they move with their image."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from model.store.metadata import PointScale
from training.configs.schema import TrainConfig
from training.data.annotations import require_mesh
from training.data.augment import Matrix
from training.data.fer2013 import Fer2013

Floats = NDArray[np.float32]
DIGITS = 6  # As metadata.json has them, so that training and site compute with the same numbers.


def point_scale(mesh: Floats) -> PointScale:
    """Mean and deviation of the points (n, points, 3) of the images in which they were found (not NaN).

    Of the images without augmentation. Raises ValueError where no image has points.
    """
    found = mesh[~np.isnan(mesh).any(axis=(1, 2))].reshape(-1, mesh.shape[1] * 3).astype(np.float64)
    if not len(found):
        raise ValueError("no training image has face points")
    # Points that never move (in a toy data set) must not divide by zero.
    std = np.maximum(found.std(axis=0), 10.0**-4)
    return PointScale(
        found.mean(axis=0).round(DIGITS).astype(np.float32), std.round(DIGITS).astype(np.float32)
    )


def scale_of(data: Fer2013, config: TrainConfig) -> PointScale | None:
    """The scale of the face points, from the training split alone; None where the network reads none."""
    return point_scale(require_mesh(data.training)) if config.input.points else None


def move_points(points: Floats, matrix: Matrix, size: tuple[int, int], mirror: NDArray[np.int64]) -> Floats:
    """Apply a 2×3 affine warp to mesh points (n, 3), normalized to an image of ``size`` (width, height).

    z is scaled by √|det|. If the warp mirrors, points are permuted by ``mirror``, each point's index on the other side
    of the face.
    """
    turn = matrix[:, :2]
    grown = float(np.linalg.det(turn))
    named = points[mirror] if grown < 0 else points
    pixels = (named[:, :2] * size - 0.5) @ turn.T + matrix[:, 2]
    flat = (pixels + 0.5) / size
    return np.column_stack([flat, named[:, 2] * np.sqrt(abs(grown))]).astype(np.float32)


def without_points(mesh: Floats) -> int:
    """In how many images of (n, points, 3) none were found."""
    return int(np.isnan(mesh).any(axis=(1, 2)).sum())
