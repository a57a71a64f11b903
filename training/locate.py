"""Find the five landmarks of one face in an image that is framed as FER-2013's are.

The images are cut so closely around the face that MTCNN's P-Net misses one in seven of them. But there it has
nothing to search for: where the face is, is known. So each image goes through the whole cascade first, as an upload
does, and where that finds nothing, straight to the O-Net, with squares about the size of the image as proposals.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from model import cascade
from model.eye_band import FRAMED_LANDMARKS
from model.faces import FaceDetector
from model.stages import LANDMARK_NAMES, Pixels

Floats = NDArray[np.float32]

# Where an image's points come from.
CASCADE, REFINED, MEAN = 0, 1, 2
SOURCES = ("whole cascade", "O-Net alone", "mean geometry")
ENLARGE = 3  # Images of 144 pixels are quick to search, and no more faces are found in images of 192.
BORDER = 36  # Pixels around the enlarged image: MTCNN expects something around a face.
# Proposals for the O-Net, as (shift in x, shift in y, side), in parts of the image's side.
PROPOSALS: tuple[tuple[float, float, float], ...] = (
    (0, 0, 1.05),
    (0, 0.04, 1.05),
    (0, -0.04, 1.05),
    (0.04, 0, 1.05),
    (-0.04, 0, 1.05),
    (0, 0, 0.9),
    (0, 0, 1.2),
    (0, 0, 1.35),
)
ROUNDS = 2  # The second looks at the boxes that the first one moved.
# What the cascade asks of its O-Net. Asking less finds more, but the eyes of those lie no nearer to the truth than
# the mean geometry's: measured on faces under a mask, whose unmasked landmarks are known.
MIN_SCORE = 0.8
MAX_ROLL = 60.0  # Degrees. Over this, eyes and mouth were mistaken for each other.


def locate(detector: FaceDetector, image: Pixels) -> tuple[Floats, int]:
    """Return the five points (5, 2) of one gray image uint8 (side, side), and where they come from."""
    framed = _framed(image)
    side = image.shape[0]
    mean = np.array(FRAMED_LANDMARKS, np.float32) * (side / 48)
    faces = detector.detect(framed, look_closer=False)
    finds: list[tuple[Floats, int]] = []
    if faces:
        # The largest: what else is found there is a part of a face, or somebody behind it.
        finds.append((np.array([faces[0].landmarks[n] for n in LANDMARK_NAMES], np.float32), CASCADE))
    elif (refined := _refined(detector, framed)) is not None:
        finds.append((refined, REFINED))
    for points, source in finds:
        moved = ((points - BORDER + 0.5) / ENLARGE - 0.5).astype(np.float32)
        if _believable(moved, side):
            return moved, source
    return mean, MEAN


def _framed(image: Pixels) -> Pixels:
    """The image enlarged, with a border that repeats its edges, as RGB."""
    large = cv2.resize(image, None, fx=ENLARGE, fy=ENLARGE, interpolation=cv2.INTER_CUBIC)
    framed = cv2.copyMakeBorder(large, BORDER, BORDER, BORDER, BORDER, cv2.BORDER_REPLICATE)
    return np.asarray(cv2.cvtColor(framed, cv2.COLOR_GRAY2RGB), np.uint8)


def _refined(detector: FaceDetector, framed: Pixels) -> Floats | None:
    """Let the O-Net judge and move squares around the middle; the points (5, 2) of the best, or None."""
    packed, side = cascade.pack(framed), framed.shape[0] - 2 * BORDER
    shifts = np.array(PROPOSALS, np.float32) * side
    centre = shifts[:, :2] + framed.shape[0] / 2
    boxes = np.concatenate([centre - shifts[:, 2:] / 2, centre + shifts[:, 2:] / 2], axis=1).astype(
        np.float32
    )
    points, best = np.empty((0, 5, 2), np.float32), np.zeros(1, np.float32)
    for _ in range(ROUNDS):
        shift, best, marks = detector.cascade.onet.run(
            ["regression", "score", "landmarks"], {"pixels": cascade.cut(packed, boxes, 48)}
        )
        points = cascade.place_landmarks(boxes, marks)
        boxes = cascade.squares(cascade.refine(boxes, shift))
    index = int(np.argmax(best))
    return points[index] if best[index] > MIN_SCORE else None


def _believable(points: Floats, side: int) -> bool:
    """Whether the eyes lie apart, about above the mouth, and everything near the image."""
    left, right, _, mouth_left, mouth_right = points.astype(np.float64)
    across = right - left
    down = (mouth_left + mouth_right) / 2 - (left + right) / 2
    apart, tall = float(np.hypot(*across)), float(np.hypot(*down))
    near = bool(np.all(points > -0.2 * side) and np.all(points < 1.2 * side))
    if not near or across[0] <= 0 or tall < 0.15 * side or apart < 0.1 * side:
        return False
    return abs(math.degrees(math.atan2(across[1], across[0]))) <= MAX_ROLL and down[1] > 0
