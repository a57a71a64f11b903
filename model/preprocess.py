"""Turn a crop into the network's input. The only implementation: training, site, API and command line share it."""

from __future__ import annotations

import cv2
import numpy as np

from model.stages import Pixels


def enlarge(images: Pixels, zoom: float) -> Pixels:
    """uint8 (n, height, width) → the same, each enlarged ``zoom`` times about its middle; edges repeat under 1."""
    height, width = images.shape[1:]
    middle = np.array([[(width - 1) / 2], [(height - 1) / 2]])
    warp = np.hstack([zoom * np.eye(2), (1 - zoom) * middle])
    larger = np.empty(images.shape, np.uint8)
    for image, place in zip(images, larger, strict=True):
        cv2.warpAffine(image, warp, (width, height), dst=place, borderMode=cv2.BORDER_REPLICATE)
    return larger


def preprocess(crop: Pixels, size: int) -> Pixels:
    """RGB (h, w, 3) or gray (h, w) uint8 → gray uint8 (size, size).

    Gray is the luma of ITU-R BT.601. Shrinking averages over the covered area, enlarging interpolates between
    pixels; an image that is gray and of this size already, as in FER-2013, comes back unchanged. Pixel scaling is
    not done here: it lives inside the saved graph. Raises ValueError for any other type or shape.
    """
    if (
        crop.dtype != np.uint8
        or crop.ndim not in (2, 3)
        or 0 in crop.shape
        or crop.shape[2:] not in ((), (3,))
    ):
        raise ValueError(f"expected uint8 (h, w, 3) or (h, w), got {crop.dtype} {crop.shape}")
    gray = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY) if crop.ndim == 3 else crop
    if gray.shape == (size, size):
        return np.asarray(gray, np.uint8)
    shrinks = max(gray.shape) > size
    resized = cv2.resize(gray, (size, size), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    return np.asarray(resized, np.uint8)
