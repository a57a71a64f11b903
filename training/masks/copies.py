"""Masked copies of FER-2013's images, drawn once and kept: drawing one takes longer than training on it.

Every training image gets two, every test image one. A copy stays with its original: same split, same label, same
place. Beside each copy are the landmarks that the detector finds in it, as it would on a masked visitor; where it
finds none (a quarter of these small images), those of the uncovered original, because on the site such a face would
not have been found at all. Face meshes are placed on the copies anew.
"""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from model.detection.detector import MtcnnDetector
from model.faces.face_mesh import FaceMesh
from model.geometry import Pixels
from training.data.annotations import require_landmarks, require_masked_copies
from training.data.fer2013 import Fer2013, Split
from training.data.formats import DatasetError
from training.data.landmarks import MEAN, locate
from training.data.meshes import locate_meshes
from training.data.npz_cache import load_cache, save_cache
from training.masks.draw import draw_mask, mask_rng

MASKS_FOLDER = Path("runs/masks")
COPIES = {"training": 2, "public_test": 1, "private_test": 1}
TESTS = ("public_test", "private_test")
PROBES = 3  # Copies that are drawn again to see that the kept ones are what this code draws.

Floats = NDArray[np.float32]


def with_masks(data: Fer2013, folder: Path, splits: tuple[str, ...] = tuple(COPIES)) -> Fer2013:
    """The same data, the named splits with their masked copies: read from ``folder``, else drawn and kept there.

    The splits need their landmarks. All of FER-2013 takes a quarter of an hour, the tests alone two minutes.
    """
    parts: dict[str, Any] = {
        name: _with_copies(getattr(data, name), folder / f"{name}.npz", COPIES[name]) for name in splits
    }
    return dataclasses.replace(data, **parts)


def with_masked_meshes(data: Fer2013) -> Fer2013:
    """The same data, the test splits with the face meshes that are found in their masked copies.

    The uncovered face's mesh would tell what lies under the mask. Raises ValueError where a split has no copies.
    """
    mesh = FaceMesh.load()
    parts: dict[str, Any] = {}
    for name in TESTS:
        split: Split = getattr(data, name)
        images, landmarks = require_masked_copies(split)
        copies = range(images.shape[1])
        found = [locate_meshes(mesh, images[:, copy], landmarks[:, copy]) for copy in copies]
        parts[name] = dataclasses.replace(split, masked_mesh=np.stack(found, axis=1))
    return dataclasses.replace(data, **parts)


def draw_copies(split: Split, copies: int, label: str | None = None) -> tuple[Pixels, Floats]:
    """Masked images uint8 (n, copies, h, w) and their landmarks float32 (n, copies, 5, 2).

    With a ``label`` a progress bar is shown.
    """
    detector, landmarks = MtcnnDetector.load(threads=1), require_landmarks(split)
    images = np.empty((len(split), copies, *split.images.shape[1:]), np.uint8)
    points = np.repeat(landmarks[:, np.newaxis], copies, axis=1)
    for index in tqdm(range(len(split)), label, disable=label is None):
        for copy in range(copies):
            images[index, copy] = draw_copy(split, index, copy)
            found, source = locate(detector, images[index, copy])
            if source != MEAN:
                points[index, copy] = found
    return images, points


def draw_copy(split: Split, index: int, copy: int) -> Pixels:
    """One image under a mask that follows from its name and the copy's number."""
    rng = mask_rng(split.names[index], copy)
    return draw_mask(split.images[index], require_landmarks(split)[index], rng)


def _with_copies(split: Split, path: Path, copies: int) -> Split:
    fingerprint = _fingerprint(split, copies)
    try:
        cached = load_cache(path, fingerprint, ("images", "points"), "python -m training.train")
        images, points = cached["images"], cached["points"]
        usable = _still_drawn(split, images)
    except DatasetError:
        usable = False
    if not usable:
        images, points = draw_copies(split, copies, f"masks, {path.stem}")
        save_cache(path, fingerprint, {"images": images, "points": points})
    return dataclasses.replace(split, masked=images, masked_landmarks=points)


def _fingerprint(split: Split, copies: int) -> str:
    """What the copies follow from, but for the code that draws them."""
    digest = hashlib.sha256(f"{copies} {' '.join(split.names)}".encode())
    digest.update(split.images.tobytes())
    digest.update(require_landmarks(split).tobytes())
    return digest.hexdigest()


def _still_drawn(split: Split, images: Pixels) -> bool:
    some = range(min(PROBES, len(split)))
    return all(np.array_equal(draw_copy(split, index, 0), images[index, 0]) for index in some)
