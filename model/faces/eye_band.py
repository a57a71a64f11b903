"""Crop the band of eyes and eyebrows, the part of a face that a mask leaves visible.

The same function for FER-2013's images and for photos: the landmarks align the face and give the unit of length, and
a sharper image is shrunk to FER-2013's resolution first, so that inputs in training and at run time look alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..geometry import AffineCrop, Box, Pixels, RotatedRect, eye_angle, plan_crop, warp_crop
from ..types import BandGeometry, EyeBand, Face

# Mean positions of ``LANDMARK_NAMES`` in FER-2013's 48-pixel images, over the 34,910 images in which
# ``training.data.landmarks`` finds them and their mirror images, from the centre of the first pixel.
FER2013_SIDE = 48
MEAN_LANDMARKS = ((14.9, 17.5), (32.1, 17.5), (23.5, 27.8), (16.3, 36.8), (30.7, 36.8))
# In that mean shape the distance from the eyes to the mouth is 1.12 × the interocular distance. If the eyes are much
# closer together, the face is seen in profile, and they no longer measure its size.
EYE_MOUTH_RATIO = 1.12
MIN_EYE_RATIO = 0.75


def eye_band(pixels: Pixels, face: Face, geometry: BandGeometry | None = None) -> EyeBand:
    """Crop the band of one face from a photo, RGB (h, w, 3) or gray (h, w), uint8.

    The band is placed by the eyes; without landmarks, by FER-2013's mean shape in the square that ``model.faces.crop``
    crops around the box. In that case, raises ValueError for a box without an area.
    """
    geometry = geometry or BandGeometry()
    frame, whole, band, measured = _place(face, geometry)
    gray = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8) if pixels.ndim == 3 else pixels
    aligned = warp_crop(gray, whole, (frame.all[2], frame.all[3]), detail=frame.detail(geometry))
    x, y, columns, rows = frame.band
    box = (float(x), float(y), float(columns), float(rows))
    return EyeBand(aligned, box, aligned[y : y + rows, x : x + columns].copy(), band, measured)


def band_cut(rows: int, columns: int, face: Face, geometry: BandGeometry) -> AffineCrop:
    """Return how ``eye_band`` crops the band from a gray image of ``rows`` × ``columns`` pixels.

    For training, which combines its random augmentation with the same warp.
    """
    frame, whole, _, _ = _place(face, geometry)
    cut = plan_crop(rows, columns, whole, (frame.all[2], frame.all[3]), frame.detail(geometry))
    return cut.moved(*frame.band[:2])


def _place(face: Face, geometry: BandGeometry) -> tuple[_Frame, RotatedRect, RotatedRect, bool]:
    """Return the frame, the frame and the band in the photo, and whether they are placed by landmarks."""
    measured = {"left_eye", "right_eye"} <= set(face.landmarks)
    left, right, interocular_distance = _eyes(face) if measured else _mean_eyes(face.box)
    roll = eye_angle(left, right)
    frame = _Frame.around(geometry)
    whole, band = (
        frame.region(part, (left + right) / 2, interocular_distance, roll) for part in (frame.all, frame.band)
    )
    return frame, whole, band, measured


def _eyes(face: Face) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Return both eyes (2,) and their distance, which is at least ``MIN_EYE_RATIO`` × that of a frontal face."""
    left, right = (np.array(face.landmarks[name], np.float64) for name in ("left_eye", "right_eye"))
    interocular_distance = float(np.linalg.norm(right - left))
    if {"mouth_left", "mouth_right"} <= set(face.landmarks):
        mouth = (np.array(face.landmarks["mouth_left"]) + np.array(face.landmarks["mouth_right"])) / 2
        interocular_distance = max(
            interocular_distance,
            MIN_EYE_RATIO * float(np.linalg.norm(mouth - (left + right) / 2)) / EYE_MOUTH_RATIO,
        )
    return left, right, max(interocular_distance, 1e-3)


def _mean_eyes(box: Box) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Return the eyes of the mean shape in the square of 0.95 × the box's height, FER-2013's framing."""
    x, y, width, height = box
    if width <= 0 or height <= 0:
        raise ValueError(f"the box {box} has no area")
    side = 0.95 * height
    corner = np.array([x + (width - side) / 2, y + (height - side) / 2])
    left, right = (corner + (np.array(eye) + 0.5) / FER2013_SIDE * side for eye in MEAN_LANDMARKS[:2])
    return left, right, float(right[0] - left[0])


@dataclass(frozen=True, slots=True)
class _Frame:
    """The aligned face in FER-2013's framing at the scale of the network input; in pixels."""

    all: tuple[int, int, int, int]  # (x, y, width, height) of the whole frame.
    band: tuple[int, int, int, int]  # The same of the band in it.
    eyes: float  # y of the line through the eyes.
    scale: float  # Interocular distance.

    @classmethod
    def around(cls, geometry: BandGeometry) -> _Frame:
        """Return the frame of FER-2013's 48 pixels, extended if the band does not fit into it."""
        (left, line), (right, _) = MEAN_LANDMARKS[:2]
        face_side = FER2013_SIDE / (right - left) * geometry.scale
        margin = max(0, round((face_side - geometry.columns) / 2))
        side = geometry.columns + 2 * margin
        top = max(0, round((line + 0.5) / FER2013_SIDE * side - geometry.above * geometry.scale))
        band = (margin, top, geometry.columns, geometry.rows)
        return cls(
            (0, 0, side, max(side, top + geometry.rows)),
            band,
            top + geometry.above * geometry.scale,
            geometry.scale,
        )

    def detail(self, geometry: BandGeometry) -> float:
        """Return the resolution that is kept, in pixels across the frame."""
        return self.all[2] * geometry.detail / geometry.scale

    def region(
        self,
        part: tuple[int, int, int, int],
        centre: NDArray[np.float64],
        interocular_distance: float,
        roll: float,
    ) -> RotatedRect:
        """Return a part of the frame in the photo.

        ``centre`` is the midpoint of the eyes and ``interocular_distance`` their distance, in pixels of the photo.
        """
        x, y, width, height = part
        steps = np.array([x + width / 2 - self.all[2] / 2, y + height / 2 - self.eyes]) * (
            interocular_distance / self.scale
        )
        centre = centre + RotatedRect((0.0, 0.0), 1.0, 1.0, roll).axes() @ steps
        size = np.array([width, height]) * (interocular_distance / self.scale)
        return RotatedRect((float(centre[0]), float(centre[1])), float(size[0]), float(size[1]), roll)
