"""Cover parts of a face, as the network sees it, and read it again.

What is covered becomes the mean gray of the face: a patch without any expression in it, and plainly seen as one.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..explain import filled
from ..faces.eye_band import FER2013_SIDE, MEAN_LANDMARKS
from ..faces.mesh_points import crop_region_of
from ..geometry import Floats, Pixels
from ..types import LANDMARK_NAMES, FaceResult

Part = Literal["mouth", "eyes", "left", "right"]
PARTS: tuple[Part, ...] = ("mouth", "eyes", "left", "right")
# Of the brush: places of its grid along a side, whatever the network's input is.
GRID = 48
# In interocular distances: from the eyes' line up and down, from the mouth's middle up and down, and to its sides.
EYES_ABOVE, EYES_BELOW, MOUTH_ABOVE, MOUTH_BELOW, MOUTH_BESIDE = 0.6, 0.35, 0.38, 0.42, 0.8

Mask = NDArray[np.bool_]


def landmarks_in(reading: FaceResult) -> Floats:
    """Return the five landmarks (5, 2) in the aligned crop, 0…1; where there are none, FER-2013's mean ones."""
    found = reading.face.landmarks
    if set(LANDMARK_NAMES) <= set(found):
        points = np.array([found[name] for name in LANDMARK_NAMES], np.float32)
        return np.asarray(crop_region_of(reading.crop).to_normalized(points), np.float32)
    return np.asarray((np.array(MEAN_LANDMARKS) + 0.5) / FER2013_SIDE, np.float32)


def mask_of(parts: Collection[Part], landmarks: Floats, side: int) -> Mask:
    """Return what the parts cover, bool (side, side); "left" is the viewer's. ``landmarks`` as ``landmarks_in``."""
    left_eye, right_eye, nose, left_mouth, right_mouth = landmarks * side
    apart = max(float(np.linalg.norm(right_eye - left_eye)), 0.1 * side)
    eyes, mouth = (left_eye + right_eye) / 2, (left_mouth + right_mouth) / 2
    y, x = np.mgrid[0:side, 0:side] + 0.5
    inside = {
        "mouth": (y > mouth[1] - MOUTH_ABOVE * apart)
        & (y < mouth[1] + MOUTH_BELOW * apart)
        & (np.abs(x - mouth[0]) < MOUTH_BESIDE * apart),
        "eyes": (y > eyes[1] - EYES_ABOVE * apart) & (y < eyes[1] + EYES_BELOW * apart),
        "left": x < nose[0],
        "right": x >= nose[0],
    }
    return np.any([inside[part] for part in parts], axis=0) if parts else np.zeros((side, side), np.bool_)


def brushed(text: str, side: int) -> Mask:
    """Return what a brush covered, bool (side, side), from its ``GRID`` × ``GRID`` bits by rows in base64.

    Raises ValueError for anything else.
    """
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("the brush's mask is no base64") from error
    if len(content) != GRID * GRID // 8:
        raise ValueError(f"the brush's mask has {len(content)} bytes, not {GRID * GRID // 8}")
    mask = np.unpackbits(np.frombuffer(content, np.uint8)).reshape(GRID, GRID)
    places = np.arange(side) * GRID // side
    return mask[np.ix_(places, places)] > 0


def cover(network_input: Pixels, mask: Mask) -> Pixels:
    """Return the input, gray uint8 (side, side), with the mean gray in place of what the mask covers."""
    return np.where(mask, filled(network_input, "gray"), network_input)
