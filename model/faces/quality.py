"""Image quality of a face, and warnings where it makes the prediction unreliable.

The limits on sharpness, brightness and contrast are the 2.5th and 97.5th percentiles of FER-2013's training images
(``python -m training.reports.quality_limits`` prints them). Those of "doubtful" are chosen on photos of faces and on
pictures without one (``python -m bench.things`` measures them).
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
DOUBTFUL = 0.96  # The detector's score.
# The share of the face without any grain. Skin in a photo changes from pixel to pixel; drawings, renderings and plaster
# have even tones. Blur, JPEG and enlarging leave photos below this, too.
EVEN = 0.066
EVEN_STEP, EVEN_CONTRAST = (
    3.0,
    0.08,
)  # Gray levels within 3×3 pixels without grain; × contrast, if that is less.
CLIPPED = (4, 250)  # Gray levels; darker and lighter ones have no grain in photos either.


def assess(face: Face, crop: FaceCrop, network_input: Pixels) -> Quality:
    """Assess one face; warnings are "small", "blurred", "dark", "bright", "flat", "tilted" and "doubtful".

    ``network_input`` is gray uint8 (48, 48). "doubtful": this may not be a photograph of a face. A face that no
    detector found (score 0) is not.
    """
    size = float(min(face.box[2:]))
    sharpness, brightness, contrast = measure(network_input)
    even = evenness(network_input)
    holds = {
        "small": size < SMALL,
        "blurred": sharpness < BLURRED,
        "dark": brightness < DARK,
        "bright": brightness > BRIGHT,
        "flat": contrast < FLAT,
        "tilted": abs(crop.roll) > TILTED,
        "doubtful": 0 < face.score < DOUBTFUL or (face.score > 0 and even > EVEN),
    }
    warnings = tuple(code for code, true in holds.items() if true)
    return Quality(size, sharpness, brightness, contrast, crop.roll, face.score, warnings, even)


def measure(gray: Pixels) -> tuple[float, float, float]:
    """Return (sharpness, brightness, contrast) of a gray uint8 image (48, 48).

    Sharpness is the variance of the Laplacian over the variance of the gray levels; without the division, a dim image
    would count as blurred. Brightness is the mean and contrast the standard deviation of the gray levels, 0…255.
    """
    real = gray.astype(np.float32)
    variance = float(real.var())
    sharpness = float(cv2.Laplacian(real, cv2.CV_32F).var()) / max(variance, 1.0)
    return sharpness, float(real.mean()), variance**0.5


def evenness(gray: Pixels) -> float:
    """Return the share, 0…1, of a gray uint8 image (48, 48) that has even tones, without a photo's grain."""
    around = np.ones((3, 3), np.uint8)
    high = cv2.dilate(gray, around)[1:-1, 1:-1].astype(np.int16)
    low = cv2.erode(gray, around)[1:-1, 1:-1].astype(np.int16)
    step = min(EVEN_STEP, EVEN_CONTRAST * float(gray.std()))
    even = (high - low <= step) & (low > CLIPPED[0]) & (high < CLIPPED[1])
    return float(even.mean())
