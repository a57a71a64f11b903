"""Folders of real photos for tests."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray


def write_photos(root: Path, photos: dict[str, NDArray[np.uint8]]) -> Path:
    """Write RGB arrays to these places below ``root``, which is returned."""
    for name, pixels in photos.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
    return root
