"""What must be known to use a saved model rightly, read from its ``metadata.json`` and checked; nothing is guessed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from model.crop import CropGeometry

SCHEMA_VERSION = 1
FILE_NAME = "metadata.json"


class MetadataError(Exception):
    """A saved model cannot be used: its metadata is missing, incomplete, of another version, or not its own."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """A saved model's description.

    ``target`` is whose word its answers are measured by: "fer2013" (the data set's label) or "ferplus" (most people's).
    ``labels`` are in output order; ``size`` is the side of the square gray input in pixels; ``crop`` is how a face's
    square follows from its box. Logits are averaged with the mirror image's where ``flip_average`` is set, divided
    by ``temperature``, and a confidence under ``confidence_threshold`` counts as "not sure". ``raw`` is the whole
    file, with metrics, data and training, for pages and reports.
    """

    name: str
    version: str
    target: Literal["fer2013", "ferplus"]
    labels: tuple[str, ...]
    size: int
    crop: CropGeometry
    flip_average: bool
    temperature: float
    confidence_threshold: float
    sha256: Mapping[str, str]
    raw: Mapping[str, Any]

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
                target=raw["target"],
                labels=tuple(str(label) for label in raw["labels"]),
                size=int(raw["input"]["width"]),
                crop=CropGeometry(float(raw["crop"]["scale"])),
                flip_average=bool(raw["flip_average"]),
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
        described = self.raw["input"]
        checks = {
            "target must be fer2013 or ferplus": self.target in ("fer2013", "ferplus"),
            "labels must be at least two different names": len(set(self.labels)) == len(self.labels) >= 2,
            "input must be square and gray": described["height"] == self.size > 0
            and described["color"] == "gray",
            "region must be face": self.raw["region"] == "face",
            "crop.reference must be box_height": self.raw["crop"]["reference"] == "box_height",
            "crop.scale must be positive": self.crop.scale > 0,
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
