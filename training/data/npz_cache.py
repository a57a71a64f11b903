"""What is computed of the images once, kept as one compressed npz file that knows which images it belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.data.formats import DatasetError


def save_cache(path: Path, fingerprint: str, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write ``arrays`` with the ``fingerprint`` of what they were computed from; a stop leaves no half file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part.npz")
    content: dict[str, Any] = dict(arrays)
    np.savez_compressed(partial, fingerprint=np.array(fingerprint), **content)
    partial.replace(path)


def load_cache(path: Path, fingerprint: str, names: tuple[str, ...], command: str) -> dict[str, NDArray[Any]]:
    """The arrays ``names`` of a file that ``save_cache`` wrote with this ``fingerprint``.

    Raises DatasetError, which names the ``command`` that writes the file, if it is missing, damaged or of other images.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            found = str(file["fingerprint"])
            arrays = {name: file[name] for name in names}
    except (OSError, KeyError, ValueError) as error:
        raise DatasetError(f"{path} cannot be read ({error}). Write it with: {command}") from error
    if found != fingerprint:
        raise DatasetError(f"{path} belongs to other images. Write it again with: {command}")
    return arrays
