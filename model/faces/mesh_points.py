"""Mesh points as a network takes them: normalized to the aligned crop, so that photo and training image agree."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..geometry import Floats, RotatedRect
from ..types import FaceCrop


def crop_region_of(crop: FaceCrop) -> RotatedRect:
    """Where the aligned crop lies in the photo: the square, turned by the roll."""
    left, top, width, height = crop.square
    return RotatedRect((left + (width - 1) / 2, top + (height - 1) / 2), width, height, crop.roll)


def in_crop(points: Floats, crop: FaceCrop) -> Floats:
    """Points (n, 3) in pixels of the photo → normalized to the aligned crop.

    x and y are in 0…1, the depth in the same unit.
    """
    region = crop_region_of(crop)
    flat = region.to_normalized(points[:, :2])
    return np.column_stack([flat, points[:, 2] / region.width]).astype(np.float32)


def mirrored(points: Floats, mirror: NDArray[np.int64]) -> Floats:
    """Points (…, n, 3) normalized to the crop as the mirrored crop has them; ``mirror`` is each point's other side."""
    turned = points[..., mirror, :].copy()
    turned[..., 0] = 1 - turned[..., 0]
    return turned


def enlarged(points: Floats, zoom: float) -> Floats:
    """Points (…, n, 3) normalized to the crop as the crop has them when it is enlarged about its middle."""
    centre = np.array([0.5, 0.5, 0.0], np.float32)
    return np.asarray((points - centre) * zoom + centre, np.float32)
