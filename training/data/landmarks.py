"""Find the five landmarks in every FER-2013 image, once: ``python -m training.data.landmarks --data …``.

Writes ``runs/landmarks.npz`` (not part of the repository) and prints how many faces were found.

The images are cut so closely around the face that MTCNN's P-Net misses one in seven of them. But there it has
nothing to search for: where the face is, is known. So each image goes through the whole cascade first, as an upload
does, and where that finds nothing, straight to the O-Net, with squares about the size of the image as proposals.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from model.detection import boxes as mtcnn_boxes
from model.detection.detector import MtcnnDetector
from model.faces.eye_band import MEAN_LANDMARKS
from model.geometry import Pixels
from model.types import LANDMARK_NAMES, Face
from training.data.fer2013 import Fer2013, Split, load_fer2013
from training.data.npz_cache import load_cache, save_cache

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


def locate(detector: MtcnnDetector, image: Pixels) -> tuple[Floats, int]:
    """Return the five points (5, 2) of one gray image uint8 (side, side), and where they come from."""
    framed = _framed(image)
    side = image.shape[0]
    mean = np.array(MEAN_LANDMARKS, np.float32) * (side / 48)
    faces = detector.detect_faces(framed, mirrored=False)
    finds: list[tuple[Floats, int]] = []
    if faces:
        # The largest: what else is found there is a part of a face, or a person behind it.
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


def _refined(detector: MtcnnDetector, framed: Pixels) -> Floats | None:
    """Let the O-Net judge and move squares around the middle; the points (5, 2) of the best, or None."""
    real, side = framed.astype(np.float32), framed.shape[0] - 2 * BORDER
    shifts = np.array(PROPOSALS, np.float32) * side
    centre = shifts[:, :2] + framed.shape[0] / 2
    boxes = np.concatenate([centre - shifts[:, 2:] / 2, centre + shifts[:, 2:] / 2], axis=1).astype(
        np.float32
    )
    points, best = np.empty((0, 5, 2), np.float32), np.zeros(1, np.float32)
    for _ in range(ROUNDS):
        shift, best, marks = detector.mtcnn.onet.run(
            ["regression", "score", "landmarks"], {"pixels": mtcnn_boxes.crop_and_resize(real, boxes, 48)}
        )
        points = mtcnn_boxes.place_landmarks(boxes, marks)
        boxes = mtcnn_boxes.to_square(mtcnn_boxes.apply_regression(boxes, shift))
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


LANDMARKS_FILE = Path("runs/landmarks.npz")
COMMAND = "python -m training.data.landmarks --data …"
_FIELDS = ("points", "sources")


@dataclass(frozen=True, slots=True, eq=False)
class Landmarks:
    """Five landmarks for each image of a split."""

    points: Floats  # (n, 5, 2): (x, y) in LANDMARK_NAMES' order, pixels, 0 at the centre of the first pixel
    sources: NDArray[np.int64]  # (n,): CASCADE, REFINED, or MEAN (not found: mean of those that were)

    def found(self) -> NDArray[np.bool_]:
        """Bool (n,): where the points are the image's own."""
        return self.sources != MEAN


def locate_all(detector: MtcnnDetector, images: Pixels, label: str | None = None) -> Landmarks:
    """Locate every image of uint8 (n, side, side), with a progress bar if it has a ``label``."""
    points, sources = np.zeros((len(images), 5, 2), np.float32), np.zeros(len(images), np.int64)
    for index, image in enumerate(tqdm(images, label, disable=label is None)):
        points[index], sources[index] = locate(detector, image)
    return Landmarks(points, sources)


def as_face(points: Floats) -> Face:
    """The points (5, 2) as a Face whose box is the smallest around them."""
    x1, y1, x2, y2 = (float(v) for v in (*points.min(axis=0), *points.max(axis=0)))
    marks = {name: (float(x), float(y)) for name, (x, y) in zip(LANDMARK_NAMES, points, strict=True)}
    return Face((x1, y1, x2 - x1, y2 - y1), marks, 1.0)


def save_landmarks(path: Path, data: Fer2013, detector: MtcnnDetector) -> dict[str, Landmarks]:
    """Locate all three splits of ``data``, write them to ``path`` and return them by the split's name."""
    done = {name: locate_all(detector, split.images, name) for name, split in _splits(data).items()}
    arrays = {f"{name}_{field}": getattr(marks, field) for name, marks in done.items() for field in _FIELDS}
    save_cache(path, data.fingerprint, arrays)
    return done


def load_landmarks(path: Path, data: Fer2013) -> dict[str, Landmarks]:
    """Read what ``save_landmarks`` wrote for exactly this data, by split: training, public_test, private_test.

    Raises DatasetError when the file is missing or was computed from other images.
    """
    names = tuple(f"{name}_{field}" for name in _splits(data) for field in _FIELDS)
    arrays = load_cache(path, data.fingerprint, names, COMMAND)
    return {name: Landmarks(*(arrays[f"{name}_{field}"] for field in _FIELDS)) for name in _splits(data)}


def _splits(data: Fer2013) -> dict[str, Split]:
    return {
        "training": data.training,
        "public_test": data.public_test,
        "private_test": data.private_test,
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", required=True, help="FER-2013: a zip, a folder, a csv file, or 'kaggle'")
    parser.add_argument("--out", type=Path, default=LANDMARKS_FILE, help="the file to write (%(default)s)")
    arguments = parser.parse_args()
    done = save_landmarks(arguments.out, load_fer2013(arguments.data), MtcnnDetector.load(threads=1))
    for name, marks in done.items():
        counts = np.bincount(marks.sources, minlength=len(SOURCES))
        shares = ", ".join(
            f"{what} {count:,} ({count / len(marks.sources):.1%})"
            for what, count in zip(SOURCES, counts, strict=True)
        )
        print(f"{name}: {shares}")
    points = np.concatenate([marks.points[marks.found()] for marks in done.values()])
    for name, mean, spread in zip(LANDMARK_NAMES, points.mean(axis=0), points.std(axis=0), strict=True):
        print(
            f"{name}: ({mean[0]:.2f}, {mean[1]:.2f}), standard deviation ({spread[0]:.2f}, {spread[1]:.2f})"
        )


if __name__ == "__main__":
    main()
