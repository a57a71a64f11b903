"""All saved models behind one face detector, loaded on demand.

A cache of limited size (least recently used) lets a small server offer more models than fit its memory.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from .classifier import Classifier
from .detection.search import DEFAULT_DETECTOR, Detector, DetectorName, load_detector
from .faces.face_mesh import FaceMesh
from .geometry import Box
from .inside.feature_maps import FeatureMaps, has_maps
from .photo.sources import PhotoSource
from .recognizer import DEFAULT_MODEL, Recognizer, current_name
from .store.files import SAVED, SavedModelError, UnknownModelError, saved_models
from .store.forks import ForkSafeLock
from .store.metadata import Metadata
from .store.reports import load_report
from .types import Analysis, Detection

__all__ = ["ModelRegistry", "UnknownModelError", "load_all_metadata"]

CACHE_SIZE = 4  # Models, in addition to the default.


class ModelRegistry:
    """The saved models of a folder, each a ``Recognizer``; safe for threads.

    The default stays loaded, and with it the ``cache_size`` most recently used others (None: all). They share the face
    detector and the face mesh.
    """

    def __init__(
        self,
        default: Recognizer,
        detector: Detector,
        root: Path,
        threads: int | None,
        cache_size: int | None = CACHE_SIZE,
    ) -> None:
        self.default = default
        self._detector, self._root, self._threads = detector, root, threads
        self._metadata = {metadata.name: metadata for metadata in load_all_metadata(root)}
        self._cache_size = len(self._metadata) if cache_size is None else cache_size
        # Without the default; most recently used last.
        self._loaded: OrderedDict[str, Recognizer] = OrderedDict()
        self._reports: dict[str, dict[str, Any] | None] = {}
        self._mesh: FaceMesh | None = default.mesh
        self._lock = ForkSafeLock()

    @classmethod
    def load(
        cls,
        default: str = DEFAULT_MODEL,
        *,
        root: Path = SAVED,
        threads: int | None = None,
        detector: DetectorName = DEFAULT_DETECTOR,
        cache_size: int | None = CACHE_SIZE,
    ) -> ModelRegistry:
        """Load the face detector and the ``default`` model; raises as ``Recognizer.load``."""
        loaded = load_detector(detector, root, threads)
        recognizer = Recognizer.load(default, root=root, threads=threads, detector=loaded)
        return cls(recognizer, loaded, root, threads, cache_size)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the usable models, the default first."""
        first = self.default.metadata.name
        return (first, *(name for name in self._metadata if name != first))

    def current(self, name: str) -> str:
        """Return what a model is called now; a former name is logged as a warning."""
        return current_name(name, self.names)

    def metadata(self, name: str) -> Metadata:
        """Return a model's metadata without loading it. Raises UnknownModelError."""
        if name not in self._metadata:
            name = self.current(name)
        if name == self.default.metadata.name:
            return self.default.metadata
        try:
            return self._metadata[name]
        except KeyError:
            listed = ", ".join(self.names)
            raise UnknownModelError(f"There is no model “{name[:40]}”; there are: {listed}.") from None

    def report(self, name: str) -> dict[str, Any] | None:
        """Return what was measured of a model, None if its ``report.json`` is missing. Raises UnknownModelError."""
        if name not in self._reports:
            self._reports[name] = load_report(self._root / name, self.metadata(name))
        return self._reports[name]

    def get(self, name: str | None = None) -> Recognizer:
        """Return the recognizer of a model (None: the default), loading it into the cache if needed.

        Raises UnknownModelError, and SavedModelError if a file is missing or altered.
        """
        return self.default if name is None else self._get_cached(name, make_room=True)

    def compare(
        self,
        photo: PhotoSource,
        names: Sequence[str] | None = None,
        *,
        region: Box | None = None,
        rotate: bool = True,
        left_out: Callable[[str, SavedModelError], None] | None = None,
    ) -> tuple[Analysis, ...]:
        """Analyze one photo with each of ``names`` (None: all); faces are detected only once.

        The result is in the order of the names, with the same faces in the same order in each. Free places of the cache
        are filled, but nothing is evicted. Raises as ``get`` and ``analyze``; with ``left_out``, a model with a missing
        or altered file is reported to it instead and has no analysis.
        """
        chosen = names or self.names
        for name in chosen:
            self.metadata(name)
        detection = self.default.detect(photo, region=region, rotate=rotate)
        return tuple(self.classify_by_each(detection, chosen, left_out=left_out))

    def classify_by_each(
        self,
        detection: Detection,
        names: Sequence[str] | None = None,
        *,
        left_out: Callable[[str, SavedModelError], None] | None = None,
        crop_side: int | None = None,
    ) -> Iterator[Analysis]:
        """Yield the analysis of the same faces by one model of ``names`` (None: all) after the other.

        A caller that drops each before it asks for the next never holds more than one. Otherwise as ``compare``; for
        ``crop_side`` see ``Recognizer.classify``.
        """
        for name in names or self.names:
            try:
                recognizer = self._get_cached(name, make_room=False)
            except SavedModelError as error:
                if left_out is None:
                    raise
                left_out(name, error)
                continue
            yield recognizer.classify(detection, crop_side=crop_side)
            del recognizer

    def has_maps(self, name: str) -> bool:
        """Return whether a model's blocks can be looked at. Raises UnknownModelError."""
        return has_maps(self.metadata(name))

    def load_maps(self, name: str) -> FeatureMaps:
        """Load a model's network with its feature maps, for the caller to keep. Raises as ``FeatureMaps.load``."""
        return FeatureMaps.load(self._root / self.metadata(name).name, threads=self._threads)

    def mesh(self) -> FaceMesh:
        """Return the face mesh that all models share, loaded when it is first needed. Raises SavedModelError."""
        with self._lock:
            return self._load_mesh()

    def shrink(self) -> None:
        """Drop all models but the default; they are read again from their files when they are asked for."""
        with self._lock:
            self._loaded.clear()

    def _get_cached(self, name: str, *, make_room: bool) -> Recognizer:
        """Return the recognizer of a model; ``make_room`` evicts the least recently used one if the cache is full."""
        name = self.current(name)
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
        mesh = self._load_mesh() if metadata.input.points else None
        classifier = Classifier.load(self._root / name, threads=self._threads)
        return Recognizer(self._detector, classifier, mesh)

    def _load_mesh(self) -> FaceMesh:
        if self._mesh is None:
            self._mesh = FaceMesh.load(self._root / "face_mesh", threads=self._threads)
        return self._mesh


def load_all_metadata(root: Path = SAVED) -> tuple[Metadata, ...]:
    """Return the metadata of the usable saved classifiers below ``root``, sorted by name."""
    found = []
    for name in saved_models(root):
        try:
            found.append(Metadata.load(root / name))
        except SavedModelError:
            # Of another schema version, or incomplete. Loading it by name raises the reason.
            continue
    return tuple(found)
