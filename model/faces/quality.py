"""Image quality of a face, and warnings where it makes the prediction unreliable.

The limits on sharpness, brightness and contrast are the 2.5th and 97.5th percentiles of FER-2013's training images
(``python -m training.reports.quality_limits`` prints them).
"""

from __future__ import annotations

import cv2
import numpy as np

from ..geometry import Pixels
from ..types import Face, FaceCrop, Quality

SMALL = 48.0  # Pixels of the box's shorter side; below, the crop is enlarged to the network input.
BLURRED = 0.27  # Variance of the Laplacian over that of the gray levels.
DARK, BRIGHT = 63.0, 194.0  # Mean gray level.
FLAT = 29.0  # Standard deviation of the gray levels.
TILTED = 25.0  # Degrees.
DOUBTFUL = 0.95  # The detector's score.


def assess(face: Face, crop: FaceCrop, network_input: Pixels) -> Quality:
    """Assess one face; warnings are "small", "blurred", "dark", "bright", "flat", "tilted" and "doubtful".

    ``network_input`` is gray uint8 (48, 48). A face that no detector found (score 0) is not "doubtful".
    """
    size = float(min(face.box[2:]))
    sharpness, brightness, contrast = measure(network_input)
    holds = {
        "small": size < SMALL,
        "blurred": sharpness < BLURRED,
        "dark": brightness < DARK,
        "bright": brightness > BRIGHT,
        "flat": contrast < FLAT,
        "tilted": abs(crop.roll) > TILTED,
        "doubtful": 0 < face.score < DOUBTFUL,
    }
    warnings = tuple(code for code, true in holds.items() if true)
    return Quality(size, sharpness, brightness, contrast, crop.roll, face.score, warnings)


def measure(gray: Pixels) -> tuple[float, float, float]:
    """Return (sharpness, brightness, contrast) of a gray uint8 image (48, 48).

    Sharpness is the variance of the Laplacian over the variance of the gray levels; without the division, a dim image
    would count as blurred. Brightness is the mean and contrast the standard deviation of the gray levels, 0…255.
    """
    real = gray.astype(np.float32)
    variance = float(real.var())
    sharpness = float(cv2.Laplacian(real, cv2.CV_32F).var()) / max(variance, 1.0)
    return sharpness, float(real.mean()), variance**0.5
