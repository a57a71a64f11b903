"""The eye-and-eyebrow band of a face: what a mask leaves to be read.

One function for FER-2013's images and for photos: the landmarks level the face and give the unit in which the band
is measured, and a sharper image is brought down to FER-2013's detail first, so that a network trained on the one
is not surprised by the other.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..geometry import AffineCrop, Box, Pixels, RotatedRect, eye_angle, plan_crop, warp_crop
from ..types import BandGeometry, EyeBand, Face

# Where the five landmarks of ``LANDMARK_NAMES`` lie on average in FER-2013's 48-pixel images: the mean of the
# 34,910 images in which ``training.data.landmarks`` finds them and of their mirror images, counted from the centre of
# the first pixel.
FER2013_SIDE = 48
MEAN_LANDMARKS = ((14.9, 17.5), (32.1, 17.5), (23.5, 27.8), (16.3, 36.8), (30.7, 36.8))
# In those means the distance from the eyes to the mouth is 1.12 × the distance between the eyes. Where the eyes
# seem much closer together, the head is turned away, and they no longer tell how large the face is.
EYE_MOUTH_RATIO = 1.12
MIN_EYE_RATIO = 0.75


def eye_band(pixels: Pixels, face: Face, geometry: BandGeometry | None = None) -> EyeBand:
    """Return the band of one face of a photo, RGB (h, w, 3) or gray (h, w), uint8.

    The face's eyes place the band; without landmarks FER-2013's mean geometry is laid into the square that
    ``model.faces.crop`` would cut around its box. Raises ValueError for a box without an area in that case.
    """
    geometry = geometry or BandGeometry()
    frame, whole, band, measured = _place(face, geometry)
    gray = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8) if pixels.ndim == 3 else pixels
    aligned = warp_crop(gray, whole, (frame.all[2], frame.all[3]), detail=frame.detail(geometry))
    x, y, columns, rows = frame.band
    box = (float(x), float(y), float(columns), float(rows))
    return EyeBand(aligned, box, aligned[y : y + rows, x : x + columns].copy(), band, measured)


def band_cut(rows: int, columns: int, face: Face, geometry: BandGeometry) -> AffineCrop:
    """How ``eye_band`` cuts the band out of a gray image of so many rows and columns.

    For training, which lays its random changes into the same warp.
    """
    frame, whole, _, _ = _place(face, geometry)
    cut = plan_crop(rows, columns, whole, (frame.all[2], frame.all[3]), frame.detail(geometry))
    return cut.moved(*frame.band[:2])


def _place(face: Face, geometry: BandGeometry) -> tuple[_Frame, RotatedRect, RotatedRect, bool]:
    """The frame, where all of it and where the band lie in the photo, and whether landmarks say so."""
    measured = {"left_eye", "right_eye"} <= set(face.landmarks)
    left, right, interocular_distance = _eyes(face) if measured else _mean_eyes(face.box)
    roll = eye_angle(left, right)
    frame = _Frame.around(geometry)
    whole, band = (
        frame.region(part, (left + right) / 2, interocular_distance, roll) for part in (frame.all, frame.band)
    )
    return frame, whole, band, measured


def _eyes(face: Face) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Both eyes (2,) and their distance, which is not taken for much less than the face's height says."""
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
    """The mean eyes in the square of 0.95 × the box's height around its centre: FER-2013's framing."""
    x, y, width, height = box
    if width <= 0 or height <= 0:
        raise ValueError(f"the box {box} has no area")
    side = 0.95 * height
    corner = np.array([x + (width - side) / 2, y + (height - side) / 2])
    left, right = (corner + (np.array(eye) + 0.5) / FER2013_SIDE * side for eye in MEAN_LANDMARKS[:2])
    return left, right, float(right[0] - left[0])


@dataclass(frozen=True, slots=True)
class _Frame:
    """The level face as FER-2013 frames it, at the scale of the network input, and the band in it.

    Both are (x, y, width, height) in whole pixels; the eyes lie on the line ``eyes`` pixels down, ``scale`` pixels
    apart.
    """

    all: tuple[int, int, int, int]
    band: tuple[int, int, int, int]
    eyes: float
    scale: float

    @classmethod
    def around(cls, geometry: BandGeometry) -> _Frame:
        """The frame is as wide as FER-2013's 48 pixels, or as the band if that is wider, and holds all of it."""
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
        """The finest detail that is kept, in pixels across the frame."""
        return self.all[2] * geometry.detail / geometry.scale

    def region(
        self,
        part: tuple[int, int, int, int],
        centre: NDArray[np.float64],
        interocular_distance: float,
        roll: float,
    ) -> RotatedRect:
        """Where a part of the frame lies in the photo.

        Its eyes are ``interocular_distance`` pixels apart around ``centre``.
        """
        x, y, width, height = part
        steps = np.array([x + width / 2 - self.all[2] / 2, y + height / 2 - self.eyes]) * (
            interocular_distance / self.scale
        )
        centre = centre + RotatedRect((0.0, 0.0), 1.0, 1.0, roll).axes() @ steps
        size = np.array([width, height]) * (interocular_distance / self.scale)
        return RotatedRect((float(centre[0]), float(centre[1])), float(size[0]), float(size[1]), roll)
