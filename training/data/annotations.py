"""What some systems need beside the images, joined to the splits: landmarks, meshes, masked copies."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.geometry import Pixels
from training.data.fer2013 import Fer2013, Split
from training.data.landmarks import load_landmarks
from training.data.meshes import load_meshes

Floats = NDArray[np.float32]


def with_landmarks(data: Fer2013, path: Path) -> Fer2013:
    """The same splits with their five ``landmarks``; raises DatasetError where the file is not that of this data."""
    marks = load_landmarks(path, data)
    data = _joined(data, "landmarks", {name: found.points for name, found in marks.items()})
    return _joined(data, "has_landmarks", {name: found.found() for name, found in marks.items()})


def with_meshes(data: Fer2013, path: Path) -> Fer2013:
    """The same splits with their ``mesh``; raises DatasetError where the file is not that of this data."""
    return _joined(data, "mesh", load_meshes(path, data))


def require_landmarks(split: Split) -> Floats:
    """The split's landmarks (n, 5, 2); raises ValueError where ``with_landmarks`` was not called."""
    if split.landmarks is None:
        raise ValueError("this split has no landmarks: see training.data.annotations.with_landmarks")
    return split.landmarks


def require_mesh(split: Split) -> Floats:
    """The split's meshes (n, 468, 3); raises ValueError where ``with_meshes`` was not called."""
    if split.mesh is None:
        raise ValueError("this split has no meshes: see training.data.annotations.with_meshes")
    return split.mesh


def require_masked_copies(split: Split) -> tuple[Pixels, Floats]:
    """The split's masked copies (n, copies, h, w) and their landmarks (n, copies, 5, 2); raises ValueError for none."""
    if split.masked is None or split.masked_landmarks is None:
        raise ValueError("this split has no masked copies: see training.masks.copies.with_masks")
    return split.masked, split.masked_landmarks


def under_masks(split: Split, copy: int = 0) -> Split:
    """The same images, labels and names in the same order, every face masked.

    Raises ValueError where the split has face meshes, but only those of the uncovered faces.
    """
    images, landmarks = require_masked_copies(split)
    if split.mesh is not None and split.masked_mesh is None:
        raise ValueError(
            "these meshes are of the uncovered faces: see training.masks.copies.with_masked_meshes"
        )
    mesh = None if split.masked_mesh is None else split.masked_mesh[:, copy]
    return dataclasses.replace(split, images=images[:, copy], landmarks=landmarks[:, copy], mesh=mesh)


def not_found_under_masks(split: Split) -> int:
    """Of how many masked copies the landmarks are those of the uncovered original."""
    same = require_masked_copies(split)[1] == require_landmarks(split)[:, np.newaxis]
    return int(same.all(axis=(2, 3)).sum())


def _joined(data: Fer2013, field: str, arrays: Mapping[str, NDArray[Any]]) -> Fer2013:
    """``arrays`` are by the names of the data's splits, in their order."""
    parts: dict[str, Any] = {
        name: dataclasses.replace(getattr(data, name), **{field: array}) for name, array in arrays.items()
    }
    return dataclasses.replace(data, **parts)
