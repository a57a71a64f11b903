"""All saved models behind one face finder: the default is loaded at once, the others when they are asked for.

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
from .detection.detector import FaceDetector
from .detection.haar import HaarDetector
from .detection.search import Finder, load_finder
from .faces.face_mesh import FaceMesh
from .geometry import Box
from .recognizer import Recognizer
from .store.files import SAVED, saved_models
from .store.metadata import Metadata, MetadataError
from .types import Analysis

DEFAULT = "attention_cnn"
KEPT = 4  # Beside the default.


class UnknownModelError(LookupError):
    """There is no usable saved model of that name; the message says which there are."""


class Recognizers:
    """The saved models of a folder, each a ``Recognizer``; the default and the last ones asked for stay loaded.

    ``kept`` is how many others beside the default, None all. Face finder and face mesh are shared between them. Safe
    for threads.
    """

    def __init__(
        self,
        default: Recognizer,
        finder: FaceDetector | HaarDetector,
        root: Path,
        threads: int | None,
        kept: int | None = KEPT,
    ) -> None:
        self.default = default
        self._finder, self._root, self._threads = finder, root, threads
        self._metadata = {metadata.name: metadata for metadata in usable(root)}
        self._kept = len(self._metadata) if kept is None else kept
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
        finder: Finder = "mtcnn",
        kept: int | None = KEPT,
    ) -> Recognizers:
        """Load the face finder and the ``default`` model; raises what ``Recognizer.load`` raises."""
        found = load_finder(finder, root, threads)
        recognizer = Recognizer.load(default, root=root, threads=threads, finder=found)
        return cls(recognizer, found, root, threads, kept)

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
        return self.default if name is None else self._take(name, make_room=True)

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
        sight = self.default.look(photo, region=region)
        return tuple(self._take(name, make_room=False).read(sight) for name in chosen)

    def _take(self, name: str, *, make_room: bool) -> Recognizer:
        """The recognizer of one; where no place is free, it stays only if another is to ``make_room``."""
        if name == self.default.metadata.name:
            return self.default
        with self._lock:
            recognizer = self._loaded.get(name) or self._load(name)
            if make_room or name in self._loaded or len(self._loaded) < self._kept:
                self._loaded[name] = recognizer
                self._loaded.move_to_end(name)
            while len(self._loaded) > self._kept:
                self._loaded.popitem(last=False)
        return recognizer

    def _load(self, name: str) -> Recognizer:
        metadata = self.metadata(name)
        if metadata.input.points and self._mesh is None:
            self._mesh = FaceMesh.load(self._root / "face_mesh", threads=self._threads)
        classifier = Classifier.load(self._root / name, threads=self._threads)
        return Recognizer(self._finder, classifier, self._mesh if metadata.input.points else None)


def usable(root: Path = SAVED) -> tuple[Metadata, ...]:
    """The metadata of the saved classifiers below ``root`` that this program can read, by name."""
    found = []
    for name in saved_models(root):
        try:
            found.append(Metadata.load(root / name))
        except MetadataError:
            # An older export, or half a copy: whoever asks for it by name hears why.
            continue
    return tuple(found)
