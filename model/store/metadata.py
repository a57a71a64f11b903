"""What must be known to use a saved model rightly, read from its ``metadata.json`` and checked; nothing is guessed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..types import BandGeometry, CropGeometry

SCHEMA_VERSION = 2
FILE_NAME = "metadata.json"
CHANNELS = {"gray": 1, "rgb": 3}


class MetadataError(Exception):
    """A saved model cannot be used: its metadata is missing, incomplete, of another version, or not its own."""


@dataclass(frozen=True, slots=True)
class InputShape:
    """What the network takes: pixels of ``width`` × ``height`` in ``channels``, and ``points`` mesh points.

    The networks learned from gray images: three channels are the same gray three times. ``points`` is 0 or the
    number of mesh points whose (x, y, z) go in beside the pixels.
    """

    width: int
    height: int
    channels: int
    points: int


@dataclass(frozen=True, slots=True, eq=False)
class PointScale:
    """Mean and standard deviation of the mesh points in training, each float32 (3 · points,), x y z in turn."""

    mean: NDArray[np.float32]
    std: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Metadata:
    """A saved model's description.

    ``label_source`` is whose word its answers are measured by: "fer2013" (the data set's label) or "ferplus" (most
    people's). ``labels`` are in output order; ``input`` is what the network takes; ``region`` is the part of the face
    it reads, the whole ("face") or the band of eyes and eyebrows ("upper_face"), which ``band`` then places. ``crop``
    is how a face's square follows from its box. Logits are averaged over the face at each of the ``tta_zooms``
    (magnifications about the middle, the first is 1) and, where ``tta_flip`` is set, their mirror images, then
    divided by ``temperature``; a confidence under ``confidence_threshold`` counts as "not sure". ``raw`` is the whole
    file, with metrics, data and training, for pages and reports.
    """

    name: str
    version: str
    label_source: Literal["fer2013", "ferplus"]
    labels: tuple[str, ...]
    input: InputShape
    region: Literal["face", "upper_face"]
    crop: CropGeometry
    band: BandGeometry | None
    points: PointScale | None
    tta_zooms: tuple[float, ...]
    tta_flip: bool
    temperature: float
    confidence_threshold: float
    sha256: Mapping[str, str]
    raw: Mapping[str, Any]

    @property
    def size(self) -> int:
        """The input's width in pixels, which for a whole face is its height too."""
        return self.input.width

    @classmethod
    def load(cls, directory: Path) -> Metadata:
        """Read ``directory/metadata.json``; raises MetadataError where a field is missing or not usable."""
        path = directory / FILE_NAME
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise MetadataError(f"There is no saved model at {directory}: {FILE_NAME} is missing.") from error
        except (OSError, ValueError) as error:
            raise MetadataError(f"{path} cannot be read: {error}.") from error
        return cls.from_dict(raw, path)

    @classmethod
    def from_dict(cls, raw: Any, path: Path) -> Metadata:
        """Check and take the fields of parsed JSON; ``path`` is named in the errors."""
        if not isinstance(raw, dict) or raw.get("schema_version") != SCHEMA_VERSION:
            found = raw.get("schema_version") if isinstance(raw, dict) else None
            raise MetadataError(
                f"{path} has schema version {found!r}, this code reads {SCHEMA_VERSION}. "
                "Export the model again with this version's training."
            )
        try:
            metadata = cls(
                name=str(raw["name"]),
                version=str(raw["version"]),
                label_source=raw["target"],
                labels=tuple(str(label) for label in raw["labels"]),
                input=_input(raw["input"]),
                region=raw["region"],
                crop=CropGeometry(float(raw["crop"]["scale"])),
                band=_band(raw["band"]) if raw["region"] == "upper_face" else None,
                points=_points(raw["points"]) if raw["input"]["points"] else None,
                tta_zooms=tuple(float(zoom) for zoom in raw["zooms"]),
                tta_flip=bool(raw["flip_average"]),
                temperature=float(raw["temperature"]),
                confidence_threshold=float(raw["confidence_threshold"]),
                sha256={name: str(file["sha256"]) for name, file in raw["files"].items()},
                raw=raw,
            )
            problem = metadata._problem()
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise MetadataError(f"{path}: a field is missing or of the wrong type ({error!r}).") from error
        if problem:
            raise MetadataError(f"{path}: {problem}.")
        return metadata

    def _problem(self) -> str | None:
        """The first thing that makes the fields unusable, or None."""
        shape, band, points = self.input, self.band, self.points
        checks = {
            "target must be fer2013 or ferplus": self.label_source in ("fer2013", "ferplus"),
            "labels must be at least two different names": len(set(self.labels)) == len(self.labels) >= 2,
            "input must have a size, and gray or rgb for its color": min(shape.width, shape.height) > 0
            and self.raw["input"]["color"] in CHANNELS,
            "region must be face, with a square input, or upper_face": self.region == "upper_face"
            or (self.region == "face" and shape.width == shape.height),
            "band must give the input's size": band is None
            or (band.columns, band.rows) == (shape.width, shape.height),
            "points must have a mean and a positive std for each number": points is None
            or (len(points.mean) == len(points.std) == 3 * shape.points and bool((points.std > 0).all())),
            "crop.reference must be box_height": self.raw["crop"]["reference"] == "box_height",
            "crop.scale must be positive": self.crop.scale > 0,
            "zooms must begin with 1, and none may be under a half or over 2": self.tta_zooms[:1] == (1.0,)
            and all(0.5 <= zoom <= 2 for zoom in self.tta_zooms),
            "temperature must be positive": self.temperature > 0,
            "confidence_threshold must lie in 0…1": 0 <= self.confidence_threshold <= 1,
            "files must name model.onnx": "model.onnx" in self.sha256,
        }
        return next((problem for problem, holds in checks.items() if not holds), None)

    def read_verified(self, directory: Path, name: str) -> bytes:
        """The bytes of one of the model's files; raises MetadataError if missing or not the one described."""
        try:
            content = (directory / name).read_bytes()
        except OSError as error:
            raise MetadataError(f"{directory / name} cannot be read: {error.strerror}.") from error
        if hashlib.sha256(content).hexdigest() != self.sha256[name]:
            raise MetadataError(
                f"{directory / name} is not the file that {FILE_NAME} describes (its sha256 differs). "
                "Restore both from the same commit, or export the model again."
            )
        return content


def _input(raw: Mapping[str, Any]) -> InputShape:
    return InputShape(
        int(raw["width"]), int(raw["height"]), CHANNELS.get(raw["color"], 0), int(raw["points"])
    )


def _band(raw: Mapping[str, Any]) -> BandGeometry:
    numbers = {name: float(raw[name]) for name in ("width", "above", "below", "detail")}
    return BandGeometry(columns=int(raw["columns"]), **numbers)


def _points(raw: Mapping[str, Any]) -> PointScale:
    return PointScale(np.array(raw["mean"], np.float32), np.array(raw["std"], np.float32))
