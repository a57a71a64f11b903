"""All saved models behind one face finder: the default is loaded at once, the others when they are first asked for."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.classifier import Classifier
from model.faces import FaceDetector
from model.haar import HaarDetector
from model.mesh import FaceMesh
from model.metadata import Metadata, MetadataError
from model.paths import SAVED, saved_models
from model.recognizer import Recognizer
from model.sight import Finder, load_finder
from model.stages import Analysis, Box

DEFAULT = "attention_cnn"


class UnknownModelError(LookupError):
    """There is no usable saved model of that name; the message says which there are."""


class Recognizers:
    """The saved models of a folder, each a ``Recognizer`` that stays in memory once it was asked for.

    Face finder and face mesh are shared between them. Safe for threads.
    """

    def __init__(
        self, default: Recognizer, finder: FaceDetector | HaarDetector, root: Path, threads: int | None
    ) -> None:
        self.default = default
        self._finder, self._root, self._threads = finder, root, threads
        self._metadata = {metadata.name: metadata for metadata in usable(root)}
        self._loaded = {default.metadata.name: default}
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
    ) -> Recognizers:
        """Load the face finder and the ``default`` model; raises what ``Recognizer.load`` raises."""
        found = load_finder(finder, root, threads)
        return cls(Recognizer.load(default, root=root, threads=threads, finder=found), found, root, threads)

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
        """The recognizer of one, loaded now if it never was; None is the default.

        Raises UnknownModelError, and MetadataError or MeshError where a file was altered since.
        """
        if name is None:
            return self.default
        metadata = self.metadata(name)
        with self._lock:
            if name not in self._loaded:
                if metadata.input.points and self._mesh is None:
                    self._mesh = FaceMesh.load(self._root / "face_mesh", threads=self._threads)
                classifier = Classifier.load(self._root / name, threads=self._threads)
                mesh = self._mesh if metadata.input.points else None
                self._loaded[name] = Recognizer(self._finder, classifier, mesh)
            return self._loaded[name]

    def compare(
        self,
        photo: bytes | str | os.PathLike[str] | NDArray[np.uint8],
        names: Sequence[str] | None = None,
        *,
        region: Box | None = None,
    ) -> tuple[Analysis, ...]:
        """What each of ``names`` (None: all) says of the same photo, whose faces are searched only once.

        In the order of the names; the faces are the same and in the same order everywhere. Raises as ``analyze``.
        """
        recognizers = [self.get(name) for name in (names or self.names)]
        sight = recognizers[0].look(photo, region=region)
        return tuple(recognizer.read(sight) for recognizer in recognizers)


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
