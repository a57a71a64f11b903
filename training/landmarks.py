"""Find the five landmarks in every FER-2013 image, once: ``python -m training.landmarks --data …``.

Writes ``runs/landmarks.npz`` (not part of the repository) and prints how many faces were found: how each one is
looked for is in ``training.locate``.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.faces import FaceDetector
from model.stages import LANDMARK_NAMES, Face, Pixels
from training.datasets import Fer2013, Split, load_fer2013
from training.locate import MEAN, SOURCES, Floats, locate
from training.sources import DatasetError

LANDMARKS_FILE = Path("runs/landmarks.npz")
_FIELDS = ("points", "sources")


@dataclass(frozen=True, slots=True, eq=False)
class Landmarks:
    """Five points for each image of a split.

    ``points`` float32 (n, 5, 2): (x, y) in the order of ``LANDMARK_NAMES``, in pixels of the 48-pixel image with
    0 at the centre of the first pixel; ``sources`` int (n,): CASCADE, REFINED or MEAN (not found: the mean
    geometry of those that were).
    """

    points: Floats
    sources: NDArray[np.int64]

    def found(self) -> NDArray[np.bool_]:
        """Bool (n,): where the points are the image's own."""
        return self.sources != MEAN


def locate_all(
    detector: FaceDetector, images: Pixels, progress: Callable[[int], None] = lambda done: None
) -> Landmarks:
    """Locate every image of uint8 (n, side, side); ``progress`` hears of each one that is done."""
    points, sources = np.zeros((len(images), 5, 2), np.float32), np.zeros(len(images), np.int64)
    for index, image in enumerate(images):
        points[index], sources[index] = locate(detector, image)
        progress(index + 1)
    return Landmarks(points, sources)


def as_face(points: Floats) -> Face:
    """The points (5, 2) as a Face whose box is the smallest around them."""
    x1, y1, x2, y2 = (float(v) for v in (*points.min(axis=0), *points.max(axis=0)))
    marks = {name: (float(x), float(y)) for name, (x, y) in zip(LANDMARK_NAMES, points, strict=True)}
    return Face((x1, y1, x2 - x1, y2 - y1), marks, 1.0)


def save_landmarks(path: Path, data: Fer2013, detector: FaceDetector) -> dict[str, Landmarks]:
    """Locate all three splits of ``data``, write them to ``path`` and return them by the split's name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    done: dict[str, Landmarks] = {}
    for name, split in _splits(data).items():

        def report(count: int, name: str = name, total: int = len(split)) -> None:
            if count % 2000 == 0 or count == total:
                print(f"{name}: {count:,} of {total:,}, {time.monotonic() - started:.0f} s", flush=True)

        done[name] = locate_all(detector, split.images, report)
    arrays = {f"{name}_{field}": getattr(marks, field) for name, marks in done.items() for field in _FIELDS}
    partial = path.with_suffix(".part.npz")
    np.savez_compressed(partial, fingerprint=np.array(data.fingerprint), **arrays)
    partial.replace(path)
    return done


def load_landmarks(path: Path, data: Fer2013) -> dict[str, Landmarks]:
    """Read what ``save_landmarks`` wrote for exactly this data, by split: training, public_test, private_test.

    Raises DatasetError when the file is missing or was computed from other images.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            fingerprint = str(file["fingerprint"])
            done = {name: Landmarks(*(file[f"{name}_{f}"] for f in _FIELDS)) for name in _splits(data)}
    except (OSError, KeyError, ValueError) as error:
        raise DatasetError(
            f"{path} cannot be read ({error}). Write it with: python -m training.landmarks --data …"
        ) from error
    if fingerprint != data.fingerprint:
        raise DatasetError(
            f"{path} belongs to other images. Write it again with: python -m training.landmarks --data …"
        )
    return done


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
    done = save_landmarks(arguments.out, load_fer2013(arguments.data), FaceDetector.load(threads=1))
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
