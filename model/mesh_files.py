"""Read the face mesh's saved files, and refuse what is not exactly what was saved."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

SCHEMA_VERSION = 1


class MeshError(Exception):
    """The face mesh's saved files are missing, altered or of another version; the message says which."""


@dataclass(frozen=True, slots=True, eq=False)
class Topology:
    """How the points belong together.

    ``edges`` int (n, 2) are the pairs that a line joins; ``mirror`` int (468,) is each point's counterpart on the
    other half of the face, its own index on the midline.
    """

    edges: NDArray[np.intp]
    mirror: NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class MeshFiles:
    """The network's bytes, the side of the crop that it takes, and from which presence on a face counts as found."""

    network: bytes
    topology: Topology
    side: int
    threshold: float


def read_mesh(directory: Path) -> MeshFiles:
    """Read the files of ``directory``.

    Raises MeshError when one is missing, differs from the sha256 in ``metadata.json``, or makes no sense.
    """
    source = directory / "metadata.json"
    try:
        document = json.loads(_read(source))
        version = document["schema_version"]
        side, threshold = int(document["input"]["side"]), float(document["presence_threshold"])
        digests = {name: document["files"][name]["sha256"] for name in ("face_mesh.onnx", "topology.json")}
    except (ValueError, KeyError, TypeError) as error:
        raise MeshError(f"The face mesh's {source} is damaged: {error!r}.") from error
    if version != SCHEMA_VERSION:
        raise MeshError(f"The face mesh's {source} has version {version}; this needs {SCHEMA_VERSION}.")
    files = {name: _read_checked(directory / name, digest) for name, digest in digests.items()}
    topology = _topology(json.loads(files["topology.json"]))
    return MeshFiles(files["face_mesh.onnx"], topology, side, threshold)


def _topology(document: dict[str, Any]) -> Topology:
    return Topology(np.array(document["edges"], np.intp), np.array(document["mirror"], np.intp))


def _read_checked(path: Path, digest: str) -> bytes:
    content = _read(path)
    if hashlib.sha256(content).hexdigest() != digest:
        raise MeshError(f"The face mesh's {path} is not the file that its metadata.json describes.")
    return content


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise MeshError(f"The face mesh's {path} cannot be read: {error.strerror}.") from error
