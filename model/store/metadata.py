"""A saved classifier's ``metadata.json``: everything needed to use the model, checked on loading; no defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..types import BandGeometry, CropGeometry, Target
from .files import METADATA_FILE, MODEL_FILE, SavedModelError, read_metadata

SCHEMA_VERSION = 3
CHANNELS = {"gray": 1, "rgb": 3}
# What a network answers, by what it learned from.
TARGETS: Mapping[str, Target] = {"ferplus": "people_votes", "fer2013": "label", "own": "label"}


@dataclass(frozen=True, slots=True)
class InputShape:
    """What the network takes."""

    width: int  # Of the image, in pixels.
    height: int
    channels: int  # 1, or 3 times the same gray: the networks were trained on gray images.
    points: int  # Mesh points whose (x, y, z) are a second input; 0: none.


@dataclass(frozen=True, slots=True, eq=False)
class PointScale:
    """How mesh points are standardized: by their mean and standard deviation in training."""

    mean: NDArray[np.float32]  # (3 · points,): x, y, z of the first point, of the second, …
    std: NDArray[np.float32]  # The same, all positive.


@dataclass(frozen=True, slots=True)
class Metadata:
    """A saved model's description."""

    name: str
    version: str
    label_source: Literal[
        "fer2013", "ferplus", "own"
    ]  # What accuracy is against: label, majority vote, folder.
    labels: tuple[str, ...]  # In the order of the network's outputs.
    input: InputShape
    region: Literal["face", "upper_face"]  # The part of the face that the network takes.
    crop: CropGeometry  # From MTCNN's box to the face's square.
    band: BandGeometry | None  # Where ``region`` is "upper_face".
    points: PointScale | None  # Where the input has mesh points.
    tta_zooms: tuple[float, ...]  # Test-time augmentation: magnifications about the centre, the first is 1.
    tta_flip: bool  # Whether each of those is also classified mirrored; the logits are averaged.
    temperature: float  # The averaged logits are divided by it before the softmax.
    confidence_threshold: float  # A confidence below it, 0…1, counts as "not sure".
    sha256: Mapping[str, str]  # By file name.
    raw: Mapping[str, Any]  # The whole file, with data and training, for pages and reports.

    @property
    def size(self) -> int:
        """The input's width in pixels, which for a whole face is its height too."""
        return self.input.width

    @property
    def target(self) -> Target:
        """What the probabilities are of."""
        return TARGETS[self.label_source]

    @property
    def explainable(self) -> bool:
        """Whether ``model.explain`` works: mesh points would have to be covered as well as pixels."""
        return not self.input.points

    @property
    def covered_threshold(self) -> float | None:
        """Probability from which on the lower face counts as covered; None if the network has no such output."""
        covered = self.raw.get("covered")
        return None if covered is None else float(covered["threshold"])

    @property
    def description(self) -> str:
        """One sentence about the network, or empty."""
        return str(self.raw.get("description", ""))

    @property
    def created(self) -> str:
        """Date of the export, YYYY-MM-DD, or empty."""
        return str(self.raw.get("created") or "")

    @property
    def protocol(self) -> str:
        """The evaluation protocol, or empty."""
        return str(self.raw.get("protocol", ""))

    @property
    def parameters(self) -> int | None:
        """Number of trained parameters."""
        number = self.raw.get("parameters")
        return None if number is None else int(number)

    @property
    def file_bytes(self) -> int | None:
        """Size of ``model.onnx``."""
        number = self.raw["files"][MODEL_FILE].get("bytes")
        return None if number is None else int(number)

    @property
    def dataset(self) -> str:
        """Name of the training data set, or empty."""
        return str((self.raw.get("data") or {}).get("name") or "")

    @property
    def training_images(self) -> int | None:
        """Number of training images."""
        return ((self.raw.get("data") or {}).get("images") or {}).get("Training")

    @property
    def epochs(self) -> int | None:
        """Number of epochs of the training."""
        return (self.raw.get("training") or {}).get("epochs_run")

    @property
    def configuration(self) -> str:
        """Name of the training configuration, or empty."""
        return str((self.raw.get("training") or {}).get("configuration") or "")

    @property
    def has_attention(self) -> bool:
        """Whether the training configuration has an attention block."""
        settings = (self.raw.get("training") or {}).get("settings", {})
        return bool(settings.get("network", {}).get("attention", True))

    @classmethod
    def load(cls, directory: Path) -> Metadata:
        """Read ``directory/metadata.json``. Raises SavedModelError if a field is missing or not usable."""
        path = directory / METADATA_FILE
        if not path.exists():
            raise SavedModelError(f"There is no saved model at {directory}: {METADATA_FILE} is missing.")
        return cls.from_dict(read_metadata(directory, SCHEMA_VERSION), path)

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any], path: Path) -> Metadata:
        """Check and take the fields of parsed JSON; ``path`` is named in the errors. Raises SavedModelError."""
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
            raise SavedModelError(f"{path}: a field is missing or of the wrong type ({error!r}).") from error
        if problem:
            raise SavedModelError(f"{path}: {problem}.")
        return metadata

    def _problem(self) -> str | None:
        """The first thing that makes the fields unusable, or None."""
        shape, band, points = self.input, self.band, self.points
        checks = {
            "target must be fer2013, ferplus or own": self.label_source in TARGETS,
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
            "covered.threshold must lie in 0…1": self.covered_threshold is None
            or 0 <= self.covered_threshold <= 1,
            "files must name model.onnx": MODEL_FILE in self.sha256,
        }
        return next((problem for problem, holds in checks.items() if not holds), None)


def _input(raw: Mapping[str, Any]) -> InputShape:
    return InputShape(
        int(raw["width"]), int(raw["height"]), CHANNELS.get(raw["color"], 0), int(raw["points"])
    )


def _band(raw: Mapping[str, Any]) -> BandGeometry:
    numbers = {name: float(raw[name]) for name in ("width", "above", "below", "detail")}
    return BandGeometry(columns=int(raw["columns"]), **numbers)


def _points(raw: Mapping[str, Any]) -> PointScale:
    return PointScale(np.array(raw["mean"], np.float32), np.array(raw["std"], np.float32))
