"""Rotate photos, and place in a photo the faces that were found in a rotated one."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ..geometry import Pixels
from ..types import Face, Photo
from .shrink import shrunk

BETWEEN_SIDE = 480  # Pixels; a photo that is rotated by other than 90° is shrunk to this long side first.


def rotate_clockwise(photo: Photo, degrees: int) -> Photo:
    """Return the photo rotated clockwise by a multiple of 90 degrees."""
    rotated = np.ascontiguousarray(np.rot90(photo.pixels, -degrees // 90))
    size = photo.full_size
    return replace(photo, pixels=rotated, full_size=size[::-1] if size and degrees % 180 else size)


def rotate_by(pixels: Pixels, degrees: float, side: int = BETWEEN_SIDE) -> tuple[Pixels, NDArray[np.float64]]:
    """Return the photo, shrunk to a long side of ``side`` and rotated clockwise, and the matrix (2, 3) back.

    It is rotated about its centre, the corners are kept, and what lies outside the photo is gray. The matrix leads from
    the rotated photo's pixels to the photo's.
    """
    height, width = pixels.shape[:2]
    resized = shrunk(pixels, side)
    small = resized.shape[1], resized.shape[0]
    # cv2 turns counter-clockwise for positive angles.
    matrix = cv2.getRotationMatrix2D(((small[0] - 1) / 2, (small[1] - 1) / 2), -degrees, 1.0)
    across, along = abs(matrix[0, 0]), abs(matrix[0, 1])
    size = round(small[0] * across + small[1] * along), round(small[0] * along + small[1] * across)
    matrix[:, 2] += ((size[0] - small[0]) / 2, (size[1] - small[1]) / 2)
    rotated = cv2.warpAffine(
        resized, matrix, size, borderMode=cv2.BORDER_CONSTANT, borderValue=(127, 127, 127)
    )
    back = np.array(cv2.invertAffineTransform(matrix), np.float64)
    back *= np.array([[width / small[0]], [height / small[1]]])
    return np.asarray(rotated, np.uint8), back


def from_rotated(face: Face, back: NDArray[np.float64], photo: Photo) -> Face:
    """Return a face of the rotated photo in pixels of the photo: its box upright around the same centre, clipped."""
    scale = float(np.sqrt(abs(np.linalg.det(back[:, :2]))))
    x, y, width, height = face.box
    centre_x, centre_y = back @ (x + width / 2, y + height / 2, 1)
    # A face leans to a square rather than to its own box.
    side = scale * max(width, height)
    left, top = max(0.0, centre_x - side / 2), max(0.0, centre_y - side / 2)
    right = min(photo.width - 1.0, centre_x + side / 2)
    bottom = min(photo.height - 1.0, centre_y + side / 2)
    points = {}
    for name, point in face.landmarks.items():
        moved = back @ (*point, 1)
        points[name] = (float(moved[0]), float(moved[1]))
    box = (float(left), float(top), float(right - left), float(bottom - top))
    return Face(box, points, face.score)


def lean(face: Face) -> float:
    """Degrees, 0…180, between straight down and the line from the eyes' midpoint to the mouth's; 180 if unknown."""
    if not face.landmarks.keys() >= {"left_eye", "right_eye", "mouth_left", "mouth_right"}:
        return 180.0
    points = {name: np.asarray(point) for name, point in face.landmarks.items()}
    across, down = points["mouth_left"] + points["mouth_right"] - points["left_eye"] - points["right_eye"]
    return float(np.degrees(np.arctan2(abs(across), down)))
