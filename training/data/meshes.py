"""Place the face mesh on every FER-2013 image, once: ``python -m training.data.meshes --data …``.

Reads ``runs/landmarks.npz`` (``training.data.landmarks``), writes ``runs/meshes.npz`` (neither is part of the
repository) and prints in how many images no mesh could be placed. Nothing is dropped: such an image keeps its place,
with NaN.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from model.faces.face_mesh import FaceMesh
from model.geometry import Pixels
from model.types import Face
from training.data.fer2013 import Fer2013, load_fer2013
from training.data.formats import DatasetError
from training.data.landmarks import LANDMARKS_FILE, as_face, load_landmarks

MESHES_FILE = Path("runs/meshes.npz")
ENLARGE = 4  # The mesh's square is 192 pixels.
BATCH = 32
POINTS = 468

Floats = NDArray[np.float32]


def locate_meshes(mesh: FaceMesh, images: Pixels, landmarks: Floats) -> Floats:
    """The meshes of gray images uint8 (n, side, side) in parts of the image, float32 (n, 468, 3); NaN where none."""
    found = np.full((len(images), POINTS, 3), np.nan, np.float32)
    side = images.shape[1]
    for start in range(0, len(images), BATCH):
        chosen = range(start, min(start + BATCH, len(images)))
        pairs = [(_enlarged(images[i]), _enlarged_face(landmarks[i])) for i in chosen]
        for i, one in zip(chosen, mesh.locate_all(pairs), strict=True):
            if one.found:
                found[i] = one.points / (ENLARGE * side)
                # A pixel's place is its centre; parts count from the image's edge.
                found[i, :, :2] += 0.5 / (ENLARGE * side)
    return found


def save_meshes(path: Path, data: Fer2013, landmarks: Path) -> dict[str, Floats]:
    """Locate all three splits of ``data``, write them to ``path`` (16 bits a number) and return them by split."""
    marks = load_landmarks(landmarks, data)
    mesh, started = FaceMesh.load(), time.monotonic()
    done: dict[str, Floats] = {}
    for name, points in marks.items():
        images = getattr(data, name).images
        done[name] = locate_meshes(mesh, images, points.points)
        print(f"{name}: {len(images):,} images, {time.monotonic() - started:.0f} s", flush=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part.npz")
    short: dict[str, Any] = {name: array.astype(np.float16) for name, array in done.items()}
    np.savez_compressed(partial, fingerprint=np.array(data.fingerprint), **short)
    partial.replace(path)
    return done


def load_meshes(path: Path, data: Fer2013) -> dict[str, Floats]:
    """Read what ``save_meshes`` wrote for exactly this data, by split: training, public_test, private_test.

    Raises DatasetError when the file is missing or was computed from other images.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            fingerprint = str(file["fingerprint"])
            names = ("training", "public_test", "private_test")
            done = {name: file[name].astype(np.float32) for name in names}
    except (OSError, KeyError, ValueError) as error:
        raise DatasetError(
            f"{path} cannot be read ({error}). Write it with: python -m training.data.meshes --data …"
        ) from error
    if fingerprint != data.fingerprint:
        raise DatasetError(
            f"{path} belongs to other images. Write it again with: python -m training.data.meshes --data …"
        )
    return done


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
