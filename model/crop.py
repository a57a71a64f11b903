"""Cut the square that the network reads out of the photo, framed as FER-2013 frames its faces.

Measured on 500 FER-2013 training images enlarged four times: MTCNN's box is centred in the 48-pixel frame and on
average 50 pixels high there, so a square of 0.95 × the box height around the box's centre is FER-2013's framing.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from model.stages import Face, FaceCrop, Pixels


@dataclass(frozen=True, slots=True)
class CropGeometry:
    """How the square follows from the face's box: its side is ``scale`` × the box height, the centre is the box's."""

    scale: float


def crop_face(pixels: Pixels, face: Face, geometry: CropGeometry) -> FaceCrop:
    """Cut the face's square out of an RGB photo (height, width, 3).

    The side is rounded to whole pixels, at least 1. Where the square reaches over the border, the border's pixels
    repeat. Raises ValueError for a box without height or wholly outside the photo.
    """
    x, y, width, height = face.box
    side = max(1, round(geometry.scale * height))
    left, top = round(x + width / 2 - side / 2), round(y + height / 2 - side / 2)
    rows, columns = pixels.shape[:2]
    if height <= 0 or left >= columns or top >= rows or left + side <= 0 or top + side <= 0:
        raise ValueError(f"the box {face.box} does not touch the photo of {columns}×{rows} pixels")
    inside = pixels[max(top, 0) : min(top + side, rows), max(left, 0) : min(left + side, columns)]
    square = cv2.copyMakeBorder(
        inside,
        max(-top, 0),
        max(top + side - rows, 0),
        max(-left, 0),
        max(left + side - columns, 0),
        cv2.BORDER_REPLICATE,
    )
    return FaceCrop(np.asarray(square, np.uint8), (float(left), float(top), float(side), float(side)))
