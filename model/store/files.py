"""Where the saved models lie, and the files of detector and face mesh, each refused unless exactly what was saved."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..types import Topology

SAVED = Path(__file__).resolve().parent.parent / "saved"
SCHEMA_VERSION = 1
NETWORKS = ("pnet", "rnet", "onet")


class DetectorError(Exception):
    """The detector's saved files are missing, altered or of another version; the message says which."""


class MeshError(Exception):
    """The face mesh's saved files are missing, altered or of another version; the message says which."""


@dataclass(frozen=True, slots=True, eq=False)
class MeshFiles:
    """The network's bytes, the side of the crop that it takes, and from which presence on a face counts as found."""

    network: bytes
    topology: Topology
    side: int
    threshold: float


def saved_models(root: Path = SAVED) -> tuple[str, ...]:
    """The names of the saved classifiers below ``root``, in alphabetical order: the folders with a ``model.onnx``."""
    return tuple(sorted(path.parent.name for path in root.glob("*/model.onnx")))


def read_networks(directory: Path) -> dict[str, bytes]:
    """Return the bytes of each of the detector's ONNX files, by name.

    Raises DetectorError when a file is missing or differs from the sha256 in ``metadata.json``.
    """
    source = directory / "metadata.json"
    try:
        document = json.loads(_read_detector(source))
        version = document["schema_version"]
        expected = {name: document["files"][f"{name}.onnx"]["sha256"] for name in NETWORKS}
    except (ValueError, KeyError, TypeError) as error:
        raise DetectorError(f"The face detector's {source} is damaged: {error!r}.") from error
    if version != SCHEMA_VERSION:
        raise DetectorError(
            f"The face detector's {source} has version {version}; this needs {SCHEMA_VERSION}."
        )
    return {name: _checked_network(directory / f"{name}.onnx", digest) for name, digest in expected.items()}


def read_mesh(directory: Path) -> MeshFiles:
    """Read the face mesh's files in ``directory``.

    Raises MeshError when one is missing, differs from the sha256 in ``metadata.json``, or makes no sense.
    """
    source = directory / "metadata.json"
    try:
        document = json.loads(_read_mesh(source))
        version = document["schema_version"]
        side, threshold = int(document["input"]["side"]), float(document["presence_threshold"])
        digests = {name: document["files"][name]["sha256"] for name in ("face_mesh.onnx", "topology.json")}
    except (ValueError, KeyError, TypeError) as error:
        raise MeshError(f"The face mesh's {source} is damaged: {error!r}.") from error
    if version != SCHEMA_VERSION:
        raise MeshError(f"The face mesh's {source} has version {version}; this needs {SCHEMA_VERSION}.")
    files = {name: _checked_mesh(directory / name, digest) for name, digest in digests.items()}
    topology = _topology(json.loads(files["topology.json"]))
    return MeshFiles(files["face_mesh.onnx"], topology, side, threshold)


def _topology(document: dict[str, Any]) -> Topology:
    return Topology(np.array(document["edges"], np.intp), np.array(document["mirror"], np.intp))


def _checked_network(path: Path, digest: str) -> bytes:
    content = _read_detector(path)
    if hashlib.sha256(content).hexdigest() != digest:
        raise DetectorError(f"The face detector's {path} is not the file that its metadata.json describes.")
    return content


def _checked_mesh(path: Path, digest: str) -> bytes:
    content = _read_mesh(path)
    if hashlib.sha256(content).hexdigest() != digest:
        raise MeshError(f"The face mesh's {path} is not the file that its metadata.json describes.")
    return content


def _read_detector(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DetectorError(f"The face detector's {path} cannot be read: {error.strerror}.") from error


def _read_mesh(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise MeshError(f"The face mesh's {path} cannot be read: {error.strerror}.") from error
