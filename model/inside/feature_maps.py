"""The feature maps of a network's blocks for one face.

``model.maps.onnx`` holds the outputs that ``model.onnx`` lacks, and no weights: protocol buffers that are appended to
one another merge (https://protobuf.dev/programming-guides/encoding/#last-one-wins), so the two files one behind the
other are the same network with further outputs. ``training.export.onnx_maps`` writes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..geometry import Pixels
from ..store.files import MAPS_FILE, MODEL_FILE, SavedModelError, read_verified
from ..store.metadata import Metadata
from ..store.session import Session, open_session

FILTERS, BLOCK = "filters", "block"  # Names of the outputs: block1, block2, …

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class InnerMaps:
    """What a network computes on its way to the answer for one face."""

    logits: Floats  # (classes,).
    filters: (
        Floats  # (channels, rows, columns): what the first layer multiplies each place's surroundings with.
    )
    blocks: tuple[Floats, ...]  # Of each block: its feature maps (channels, rows, columns), 0 or more.


class FeatureMaps:
    """A saved network whose blocks can be looked at. Stateless between calls, so safe for threads."""

    def __init__(self, metadata: Metadata, session: Session) -> None:
        self.metadata = metadata
        self._session = session
        names = [output.name for output in session.get_outputs()]
        self._blocks = sorted(name for name in names if name.startswith(BLOCK))
        if FILTERS not in names or not self._blocks:
            raise SavedModelError(f"{MAPS_FILE} of {metadata.name} names no blocks: export the model again.")

    @classmethod
    def load(cls, directory: Path, *, threads: int | None = None) -> FeatureMaps:
        """Load ``directory``'s network with its maps.

        Raises SavedModelError if a file is missing, altered (sha256), or does not fit the other.
        """
        metadata = Metadata.load(directory)
        if MAPS_FILE not in metadata.sha256:
            raise SavedModelError(f"{metadata.name} has no {MAPS_FILE}: its blocks cannot be shown.")

        def read() -> bytes:
            files = (MODEL_FILE, MAPS_FILE)
            return b"".join(read_verified(directory, name, metadata.sha256[name]) for name in files)

        content = read()
        try:
            session = open_session(content, threads=threads, again=read)
        except Exception as error:  # ONNX Runtime's own exceptions have no public base class.
            raise SavedModelError(f"{directory / MAPS_FILE} does not fit {MODEL_FILE}: {error}") from error
        return cls(metadata, session)

    def read(self, network_input: Pixels) -> InnerMaps:
        """Return the maps for one network input, gray uint8 (height, width). Raises ValueError for another shape."""
        shape = (self.metadata.input.height, self.metadata.input.width)
        if network_input.dtype != np.uint8 or network_input.shape != shape:
            raise ValueError(f"expected uint8 {shape}, got {network_input.dtype} {network_input.shape}")
        pixels = network_input.astype(np.float32)[np.newaxis, ..., np.newaxis]
        logits = self._session.get_outputs()[0].name
        names = [logits, FILTERS, *self._blocks]
        found = self._session.run(names, {self._session.get_inputs()[0].name: pixels})
        return InnerMaps(found[0][0], found[1][:, 0], tuple(maps[0] for maps in found[2:]))


def has_maps(metadata: Metadata) -> bool:
    """Return whether a saved model's blocks can be looked at."""
    return MAPS_FILE in metadata.sha256
