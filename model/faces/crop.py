"""Crop faces as FER-2013 frames them, and preprocess a crop to the network input.

Measured on 500 FER-2013 training images enlarged four times: MTCNN's box is centred in the 48-pixel frame and on
average 50 pixels high there, so a square of 0.95 × the box height around the box's centre is FER-2013's framing.
Faces there are nearly upright, so a tilted one is aligned first.

``preprocess`` is the only implementation: training, site, API and command line share it.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from ..geometry import Box, Pixels, eye_angle
from ..types import CropGeometry, Face, FaceCrop

ROLL_STEPS = 8  # Of a degree: an eighth is exact in binary.


def crop_face(pixels: Pixels, face: Face, geometry: CropGeometry) -> FaceCrop:
    """Crop the face's square from an RGB photo (height, width, 3), as it is and aligned.

    The side is rounded to whole pixels, at least 1. Raises ValueError for a box that does not touch the photo.
    """
    x, y, width, height = face.box
    side = max(1, round(geometry.scale * height))
    left, top = round(x + width / 2 - side / 2), round(y + height / 2 - side / 2)
    rows, columns = pixels.shape[:2]
    if height <= 0 or left >= columns or top >= rows or left + side <= 0 or top + side <= 0:
        raise ValueError(f"the box {face.box} does not touch the photo of {columns}×{rows} pixels")
    roll = roll_of(face)
    return FaceCrop(
        pixels=_cut(pixels, left, top, side),
        square=(float(left), float(top), float(side), float(side)),
        aligned=_aligned_crop(pixels, left, top, side, roll),
        roll=roll,
    )


def crop_region(pixels: Pixels, region: Box) -> FaceCrop:
    """Crop the central square of a region given by the caller: its side is the shorter side, and nothing is aligned."""
    x, y, width, height = region
    side = max(1, round(min(width, height)))
    left, top = round(x + width / 2 - side / 2), round(y + height / 2 - side / 2)
    square = _cut(pixels, left, top, side)
    return FaceCrop(square, (float(left), float(top), float(side), float(side)), square, 0.0)


def shrink_crop(crop: FaceCrop, side: int) -> FaceCrop:
    """Return the crop with both images shrunk to at most ``side`` pixels a side; ``square`` and ``roll`` stay."""
    if crop.pixels.shape[0] <= side:
        return crop
    pixels = _shrunk(crop.pixels, side)
    return replace(
        crop, pixels=pixels, aligned=pixels if crop.aligned is crop.pixels else _shrunk(crop.aligned, side)
    )


def _shrunk(pixels: Pixels, side: int) -> Pixels:
    return np.asarray(cv2.resize(pixels, (side, side), interpolation=cv2.INTER_AREA), np.uint8)


def roll_of(face: Face) -> float:
    """Roll of the head from the line through the eyes, in degrees clockwise as the viewer sees it, to an eighth.

    Up to ±180, for a head upside down; 0 if the eyes are unknown. Rounded, so that the reader in the browser, whose
    landmarks differ in the last digits, aligns by the very same angle.
    """
    if "left_eye" not in face.landmarks or "right_eye" not in face.landmarks:
        return 0.0
    angle = eye_angle(face.landmarks["left_eye"], face.landmarks["right_eye"])
    return round(angle * ROLL_STEPS) / ROLL_STEPS


def _cut(pixels: Pixels, left: int, top: int, side: int) -> Pixels:
    """Crop a square of whole pixels, (side, side, 3), repeating the photo's border pixels."""
    rows, columns = pixels.shape[:2]
    inside = pixels[max(top, 0) : min(top + side, rows), max(left, 0) : min(left + side, columns)]
    square = cv2.copyMakeBorder(
        inside,
        max(-top, 0),
        max(top + side - rows, 0),
        max(-left, 0),
        max(left + side - columns, 0),
        cv2.BORDER_REPLICATE,
    )
    return np.asarray(square, np.uint8)


def _aligned_crop(pixels: Pixels, left: int, top: int, side: int, roll: float) -> Pixels:
    """Crop the same square from the photo rotated by −roll about the square's centre, (side, side, 3)."""
    if roll == 0:
        return _cut(pixels, left, top, side)
    # A view of the pixels that can reach into the square (its diagonal, and one for the interpolation), since OpenCV
    # takes no image with a side of 32,767 pixels or more here.
    margin = int(np.ceil(side * (np.sqrt(2) - 1) / 2)) + 1
    x, y = max(left - margin, 0), max(top - margin, 0)
    around = pixels[y : top + side + margin, x : left + side + margin]
    matrix = cv2.getRotationMatrix2D((left - x + (side - 1) / 2, top - y + (side - 1) / 2), roll, 1.0)
    # Straight into the square: a rotated copy of what is around it would have twice its pixels.
    matrix[:, 2] -= (left - x, top - y)
    rotated = cv2.warpAffine(
        around, matrix, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(rotated, np.uint8)


def enlarge(images: Pixels, zoom: float) -> Pixels:
    """Zoom images, uint8 (n, height, width), about their centres; below 1 the border pixels are repeated."""
    height, width = images.shape[1:]
    centre = np.array([[(width - 1) / 2], [(height - 1) / 2]])
    warp = np.hstack([zoom * np.eye(2), (1 - zoom) * centre])
    larger = np.empty(images.shape, np.uint8)
    for image, place in zip(images, larger, strict=True):
        cv2.warpAffine(image, warp, (width, height), dst=place, borderMode=cv2.BORDER_REPLICATE)
    return larger


def preprocess(crop: Pixels, size: int) -> Pixels:
    """RGB (h, w, 3) or gray (h, w) uint8 → gray uint8 (size, size).

    Gray is the luma of ITU-R BT.601. Shrinking averages over the covered area, enlarging is bilinear; a gray image of
    this size, as in FER-2013, is returned unchanged. Pixel scaling is part of the saved graph. Raises ValueError for
    any other type or shape.
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
