"""The landmarks and meshes that some systems need, joined to the splits from the files that compute them once."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.datasets import Fer2013, Split
from training.landmarks import load_landmarks
from training.meshes import load_meshes

Floats = NDArray[np.float32]


def with_landmarks(data: Fer2013, path: Path) -> Fer2013:
    """The same splits with their five ``landmarks``; raises DatasetError where the file is not that of this data."""
    return _joined(data, "landmarks", {k: marks.points for k, marks in load_landmarks(path, data).items()})


def with_meshes(data: Fer2013, path: Path) -> Fer2013:
    """The same splits with their ``mesh``; raises DatasetError where the file is not that of this data."""
    return _joined(data, "mesh", load_meshes(path, data))


def landmarks_of(split: Split) -> Floats:
    """The split's landmarks (n, 5, 2); raises ValueError where ``with_landmarks`` was not called."""
    if split.landmarks is None:
        raise ValueError("this split has no landmarks: see training.face_parts.with_landmarks")
    return split.landmarks


def mesh_of(split: Split) -> Floats:
    """The split's meshes (n, 468, 3); raises ValueError where ``with_meshes`` was not called."""
    if split.mesh is None:
        raise ValueError("this split has no meshes: see training.face_parts.with_meshes")
    return split.mesh


def _joined(data: Fer2013, field: str, arrays: Mapping[str, NDArray[Any]]) -> Fer2013:
    """``arrays`` are by the names of the data's splits, in their order."""
    parts: dict[str, Any] = {
        name: dataclasses.replace(getattr(data, name), **{field: array}) for name, array in arrays.items()
    }
    return dataclasses.replace(data, **parts)
