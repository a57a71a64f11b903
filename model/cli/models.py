"""The saved models as the command line asks for them: one by name, or all on the same faces."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from ..detection.search import DetectorName
from ..explain import occlusion_map
from ..geometry import Floats, Pixels
from ..recognizer import DEFAULT_MODEL, FORMER_NAMES, renamed
from ..registry import ModelRegistry, load_all_metadata
from ..store.files import SAVED, saved_models
from ..types import Analysis, FaceResult
from .options import ALL, PROG


class Reader(Protocol):
    """What the command line needs of the models."""

    @property
    def names(self) -> Sequence[str]: ...

    @property
    def labels(self) -> Sequence[str]: ...

    @property
    def explained(self) -> Sequence[str]: ...

    def analyze(self, photo: bytes | str, *, rotate: bool = True) -> Sequence[Analysis]: ...

    def explain(self, model: str, reading: FaceResult, expression: str | None) -> Floats: ...

    def look(self, pixels: Pixels) -> Analysis: ...


class Models:
    """One model, or every usable one if the name is ``ALL``, on the same faces of a photo.

    All are loaded at once, so that a damaged one is reported before anything is printed: raises SavedModelError.
    """

    def __init__(
        self, name: str, detector: DetectorName, root: Path = SAVED, *, threads: int | None = None
    ) -> None:
        self._models = ModelRegistry.load(
            DEFAULT_MODEL if name == ALL else current(name, root),
            root=root,
            threads=threads,
            detector=detector,
            cache_size=None,
        )
        self._names = self._models.names if name == ALL else self._models.names[:1]
        for each in self._names:
            self._models.get(each)

    @property
    def names(self) -> Sequence[str]:
        """The models' names, in the order of their results."""
        return tuple(self._names)

    @property
    def labels(self) -> Sequence[str]:
        """The labels of all models, each in the order of the first that has it."""
        known = (label for name in self._names for label in self._models.metadata(name).labels)
        return tuple(dict.fromkeys(known))

    @property
    def explained(self) -> Sequence[str]:
        """The models whose answers can be explained, see ``model.explain``."""
        return [name for name in self._names if self._models.metadata(name).explainable]

    def analyze(self, photo: bytes | str, *, rotate: bool = True) -> Sequence[Analysis]:
        """Return the photo's analysis by each model; without ``rotate`` it is read as it came."""
        return self._models.compare(photo, self._names, rotate=rotate)

    def look(self, pixels: Pixels) -> Analysis:
        """Return the analysis of a film's frame, see ``Recognizer.look``."""
        return self._models.default.look(pixels)

    def explain(self, model: str, reading: FaceResult, expression: str | None) -> Floats:
        """Return what pointed to the expression (None: the answer), see ``model.explain.occlusion_map``."""
        return occlusion_map(self._models.get(model).classifier, reading.network_input, expression)


def available_models(root: Path = SAVED) -> list[str]:
    """Return the names of the usable saved models."""
    return [metadata.name for metadata in load_all_metadata(root)]


def current(name: str, root: Path = SAVED) -> str:
    """Return what a model is called now; a former name is noted on standard error."""
    if name not in FORMER_NAMES or name in saved_models(root):
        return name
    print(f"{PROG}: note: {renamed(name)}", file=sys.stderr)
    return FORMER_NAMES[name]
