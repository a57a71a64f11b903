"""Place the face mesh on every FER-2013 image, once: ``python -m training.data.meshes --data …``.

Reads ``runs/landmarks.npz`` (``training.data.landmarks``), writes ``runs/meshes.npz`` (neither is part of the
repository) and prints in how many images no mesh could be placed. Nothing is dropped: such an image keeps its place,
with NaN.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from model.faces.face_mesh import FaceMesh
from model.geometry import Pixels
from model.types import Face
from training.data.fer2013 import Fer2013, load_fer2013
from training.data.formats import DatasetError
from training.data.landmarks import LANDMARKS_FILE, as_face, load_landmarks
from training.data.npz_cache import load_cache, save_cache

MESHES_FILE = Path("runs/meshes.npz")
COMMAND = "python -m training.data.meshes --data …"
SPLITS = ("training", "public_test", "private_test")
ENLARGE = 4  # The mesh's square is 192 pixels.
BATCH = 32
POINTS = 468

Floats = NDArray[np.float32]


def locate_meshes(mesh: FaceMesh, images: Pixels, landmarks: Floats, label: str | None = None) -> Floats:
    """The meshes of gray images uint8 (n, side, side), normalized to the image: float32 (n, 468, 3); NaN where none.

    With a ``label`` a progress bar is shown.
    """
    found = np.full((len(images), POINTS, 3), np.nan, np.float32)
    side = images.shape[1]
    for start in tqdm(range(0, len(images), BATCH), label, disable=label is None):
        chosen = range(start, min(start + BATCH, len(images)))
        pairs = [(_enlarged(images[i]), _enlarged_face(landmarks[i])) for i in chosen]
        for i, one in zip(chosen, mesh.locate_all(pairs), strict=True):
            if one.found:
                found[i] = one.points / (ENLARGE * side)
                # A pixel's place is its centre; normalized coordinates count from the image's edge.
                found[i, :, :2] += 0.5 / (ENLARGE * side)
    return found


def save_meshes(path: Path, data: Fer2013, landmarks: Path) -> dict[str, Floats]:
    """Locate all three splits of ``data``, write them to ``path`` (16 bits a number) and return them by split."""
    marks = load_landmarks(landmarks, data)
    mesh = FaceMesh.load()
    done = {
        name: locate_meshes(mesh, getattr(data, name).images, points.points, name)
        for name, points in marks.items()
    }
    save_cache(path, data.fingerprint, {name: array.astype(np.float16) for name, array in done.items()})
    return done


def load_meshes(path: Path, data: Fer2013) -> dict[str, Floats]:
    """Read what ``save_meshes`` wrote for exactly this data, by split: training, public_test, private_test.

    Raises DatasetError when the file is missing or was computed from other images.
    """
    arrays = load_cache(path, data.fingerprint, SPLITS, COMMAND)
    return {name: array.astype(np.float32) for name, array in arrays.items()}


def _enlarged(image: Pixels) -> Pixels:
    large = cv2.resize(image, None, fx=ENLARGE, fy=ENLARGE, interpolation=cv2.INTER_CUBIC)
    return np.asarray(cv2.cvtColor(large, cv2.COLOR_GRAY2RGB), np.uint8)


def _enlarged_face(points: Floats) -> Face:
    return as_face((points + 0.5) * ENLARGE - 0.5)


def main(argv: list[str] | None = None) -> int:
    """Exit codes: 0 done, 2 the data or the landmarks cannot be used."""
    parser = argparse.ArgumentParser(
        prog="python -m training.data.meshes", description=__doc__.split("\n")[0]
    )
    parser.add_argument("--data", required=True, help="FER-2013: a zip, a folder, a csv file, or 'kaggle'")
    parser.add_argument("--landmarks", type=Path, default=LANDMARKS_FILE, help="%(default)s")
    parser.add_argument("--out", type=Path, default=MESHES_FILE, help="the file to write (%(default)s)")
    options = parser.parse_args(argv)
    try:
        done = save_meshes(options.out, load_fer2013(options.data), options.landmarks)
    except DatasetError as error:
        print(error, file=sys.stderr)
        return 2
    for name, points in done.items():
        missing = int(np.isnan(points[:, 0, 0]).sum())
        print(f"{name}: no mesh in {missing:,} of {len(points):,} images ({missing / len(points):.1%})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
