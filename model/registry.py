"""All saved models behind one face detector: the default is loaded at once, the others when they are asked for.

Only a few stay loaded, so that a small server can offer more models than it could hold.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .classifier import Classifier
from .detection.detector import MtcnnDetector
from .detection.haar import HaarDetector
from .detection.search import DetectorName, load_detector
from .faces.face_mesh import FaceMesh
from .geometry import Box
from .recognizer import Recognizer
from .store.files import SAVED, saved_models
from .store.metadata import Metadata, MetadataError
from .types import Analysis

DEFAULT = "attention_cnn"
CACHE_SIZE = 4  # Beside the default.


class UnknownModelError(LookupError):
    """There is no usable saved model of that name; the message says which there are."""


class ModelRegistry:
    """The saved models of a folder, each a ``Recognizer``; the default and the last ones asked for stay loaded.

    ``cache_size`` is how many others beside the default, None all. Face detector and face mesh are shared between
    them. Safe for threads.
    """

    def __init__(
        self,
        default: Recognizer,
        detector: MtcnnDetector | HaarDetector,
        root: Path,
        threads: int | None,
        cache_size: int | None = CACHE_SIZE,
    ) -> None:
        self.default = default
        self._detector, self._root, self._threads = detector, root, threads
        self._metadata = {metadata.name: metadata for metadata in load_all_metadata(root)}
        self._cache_size = len(self._metadata) if cache_size is None else cache_size
        self._loaded: OrderedDict[str, Recognizer] = OrderedDict()  # Without the default, the latest last.
        self._mesh: FaceMesh | None = default.mesh
        self._lock = threading.Lock()

    @classmethod
    def load(
        cls,
        default: str = DEFAULT,
        *,
        root: Path = SAVED,
        threads: int | None = None,
        detector: DetectorName = "mtcnn",
        cache_size: int | None = CACHE_SIZE,
    ) -> ModelRegistry:
        """Load the face detector and the ``default`` model; raises what ``Recognizer.load`` raises."""
        loaded = load_detector(detector, root, threads)
        recognizer = Recognizer.load(default, root=root, threads=threads, detector=loaded)
        return cls(recognizer, loaded, root, threads, cache_size)

    @property
    def names(self) -> tuple[str, ...]:
        """The usable models' names, the default first."""
        first = self.default.metadata.name
        return (first, *(name for name in self._metadata if name != first))

    def metadata(self, name: str) -> Metadata:
        """The metadata of one, without loading it. Raises UnknownModelError."""
        if name == self.default.metadata.name:
            return self.default.metadata
        try:
            return self._metadata[name]
        except KeyError:
            listed = ", ".join(self.names)
            raise UnknownModelError(f"There is no model “{name[:40]}”; there are: {listed}.") from None

    def get(self, name: str | None = None) -> Recognizer:
        """The recognizer of one, loaded now if it is not; None is the default.

        It stays in place of the one that was not asked for the longest. Raises UnknownModelError, and MetadataError
        or MeshError where a file was altered since.
        """
        return self.default if name is None else self._get_cached(name, make_room=True)

    def compare(
        self,
        photo: bytes | str | os.PathLike[str] | NDArray[np.uint8],
        names: Sequence[str] | None = None,
        *,
        region: Box | None = None,
    ) -> tuple[Analysis, ...]:
        """What each of ``names`` (None: all) says of the same photo, whose faces are searched only once.

        In the order of the names; the faces are the same and in the same order everywhere. What stays loaded is not
        changed, but for filling its places. Raises as ``get`` and ``analyze``.
        """
        chosen = names or self.names
        for name in chosen:
            self.metadata(name)
        detection = self.default.detect(photo, region=region)
        return tuple(self._get_cached(name, make_room=False).classify(detection) for name in chosen)

    def _get_cached(self, name: str, *, make_room: bool) -> Recognizer:
        """The recognizer of one; where no place is free, it stays only if another is to ``make_room``."""
        if name == self.default.metadata.name:
            return self.default
        with self._lock:
            recognizer = self._loaded.get(name) or self._load(name)
            if make_room or name in self._loaded or len(self._loaded) < self._cache_size:
                self._loaded[name] = recognizer
                self._loaded.move_to_end(name)
            while len(self._loaded) > self._cache_size:
                self._loaded.popitem(last=False)
        return recognizer

    def _load(self, name: str) -> Recognizer:
        metadata = self.metadata(name)
        if metadata.input.points and self._mesh is None:
            self._mesh = FaceMesh.load(self._root / "face_mesh", threads=self._threads)
        classifier = Classifier.load(self._root / name, threads=self._threads)
        return Recognizer(self._detector, classifier, self._mesh if metadata.input.points else None)


def load_all_metadata(root: Path = SAVED) -> tuple[Metadata, ...]:
    """The metadata of the saved classifiers below ``root`` that this program can read, by name."""
    found = []
    for name in saved_models(root):
        try:
            found.append(Metadata.load(root / name))
        except MetadataError:
            # An older export, or half a copy: whoever asks for it by name hears why.
            continue
    return tuple(found)
