"""The face mesh as a picture: its edges over the face, finer where it is denser."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from model.mesh_files import Topology
from model.stages import Pixels

LIGHT = (255, 236, 64)  # The colour of the boxes and dots that ``model.draw`` puts on a photo.
SHIFT = 4  # OpenCV draws between pixels when coordinates are given in sixteenths.


def mesh_on_crop(
    crop: Pixels, points: NDArray[np.floating], topology: Topology, *, side: int = 384, strength: float = 0.5
) -> Pixels:
    """Return the square RGB crop (n, n, 3), brought to ``side`` pixels, with the mesh's edges drawn over it.

    ``points`` (468, 2 or 3) are in pixels of the crop; ``strength`` 0…1 is how much of the photo a line covers.
    """
    if crop.ndim != 3 or crop.shape[0] != crop.shape[1]:
        raise ValueError(f"expected a square RGB crop, got {crop.shape}")
    how = cv2.INTER_AREA if side < crop.shape[0] else cv2.INTER_CUBIC
    canvas = np.asarray(cv2.resize(crop, (side, side), interpolation=how), np.uint8)
    scale = side / crop.shape[0]
    # Points may lie far outside where a face was cut off; OpenCV's 16-bit drawing must not wrap around.
    flat = np.clip((points[:, :2] + 0.5) * scale - 0.5, -side, 2 * side)
    ends = np.rint(flat * 2**SHIFT).astype(np.int32)
    lines = canvas.copy()
    cv2.polylines(lines, list(ends[topology.edges]), False, LIGHT, 1, cv2.LINE_AA, SHIFT)
    return np.asarray(cv2.addWeighted(lines, strength, canvas, 1 - strength, 0), np.uint8)
