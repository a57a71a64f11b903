"""Mesh points normalized to the aligned crop, the same for photos and for training images."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..geometry import Floats, RotatedRect
from ..types import FaceCrop


def crop_region_of(crop: FaceCrop) -> RotatedRect:
    """Return the aligned crop's place in the photo: the square, rotated by the roll."""
    left, top, width, height = crop.square
    return RotatedRect((left + (width - 1) / 2, top + (height - 1) / 2), width, height, crop.roll)


def in_crop(points: Floats, crop: FaceCrop) -> Floats:
    """Convert points (n, 3) from pixels of the photo to normalized to the aligned crop.

    x and y are 0…1 inside the crop; depth is in the same unit.
    """
    region = crop_region_of(crop)
    flat = region.to_normalized(points[:, :2])
    return np.column_stack([flat, points[:, 2] / region.width]).astype(np.float32)


def mirrored(points: Floats, mirror: NDArray[np.int64]) -> Floats:
    """Mirror points (…, n, 3) normalized to the crop; ``mirror`` (n,) is each point's index on the other side."""
    flipped = points[..., mirror, :].copy()
    flipped[..., 0] = 1 - flipped[..., 0]
    return flipped


def enlarged(points: Floats, zoom: float) -> Floats:
    """Scale points (…, n, 3) normalized to the crop about its centre, as ``model.faces.crop.enlarge`` the pixels."""
    centre = np.array([0.5, 0.5, 0.0], np.float32)
    return np.asarray((points - centre) * zoom + centre, np.float32)
