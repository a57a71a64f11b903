"""The files of the saved models: where they are, and reading them with their sha256 verified."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..types import Topology

SAVED = Path(__file__).resolve().parent.parent / "saved"
METADATA_FILE = "metadata.json"
MODEL_FILE = "model.onnx"
EIGHT_BIT_FILE = "model.int8.onnx"  # The same in 8 bits, for live pictures in the browser.
MAPS_FILE = "model.maps.onnx"  # Further outputs of it, see ``model.inside.feature_maps``.
UPGRADE_COMMAND = "python -m training.export.upgrade"
UPGRADABLE_SCHEMA = 2  # Of a classifier's metadata.
SCHEMA_VERSION = 1  # Of the metadata of MTCNN and of the face mesh.
NETWORKS = ("pnet", "rnet", "onet")


class SavedModelError(Exception):
    """A saved model cannot be used: a file is missing, altered, incomplete or of another version.

    The message is one sentence, or two, that name the file and what to do.
    """


class UnknownModelError(SavedModelError, LookupError):
    """There is no usable saved model of that name; the message says which there are."""


@dataclass(frozen=True, slots=True, eq=False)
class MeshFiles:
    """The content of the face mesh's folder."""

    network: bytes  # face_mesh.onnx.
    topology: Topology
    side: int  # Of the square network input, in pixels.
    threshold: float  # Presence, 0…1, from which on a face counts as found.
    calm: dict[str, Any] | None  # How calm faces measure (``model.faces.movements``); None if not measured.


def saved_models(root: Path = SAVED) -> tuple[str, ...]:
    """Return the names of the saved classifiers below ``root``, sorted: the folders with a ``model.onnx``."""
    return tuple(sorted(path.parent.name for path in root.glob(f"*/{MODEL_FILE}")))


def read_file(path: Path) -> bytes:
    """Return the content of a saved model's file. Raises SavedModelError if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise SavedModelError(f"{path} cannot be read: {error.strerror}.") from error


def read_verified(directory: Path, name: str, sha256: str) -> bytes:
    """Return the content of ``directory/name``. Raises SavedModelError if it is missing or its sha256 differs."""
    content = read_file(directory / name)
    if hashlib.sha256(content).hexdigest() != sha256:
        raise SavedModelError(
            f"{directory / name} is not the file that {METADATA_FILE} describes (its sha256 differs). "
            "Restore both from the same commit, or export the model again."
        )
    return content


def read_metadata(directory: Path, schema_version: int) -> dict[str, Any]:
    """Return the JSON object in ``directory/metadata.json``.

    Raises SavedModelError if the file cannot be read, is no JSON object, or has another schema version.
    """
    path = directory / METADATA_FILE
    try:
        raw = json.loads(read_file(path))
    except ValueError as error:
        raise SavedModelError(f"{path} cannot be read, it is damaged: {error}.") from error
    found = raw.get("schema_version") if isinstance(raw, dict) else None
    # JSON's true would count as 1.
    if type(found) is not int:
        raise SavedModelError(f"{path} is damaged: it has no schema version.")
    if found < schema_version:
        remedy = (
            f"`{UPGRADE_COMMAND}` upgrades it" if found == UPGRADABLE_SCHEMA else "train or convert it anew"
        )
        raise SavedModelError(
            f"{path} has the older schema version {found}, and this version of Face Value reads {schema_version}: "
            f"{remedy}."
        )
    if found > schema_version:
        raise SavedModelError(
            f"{path} has the newer schema version {found}, and this version of Face Value reads {schema_version}: "
            "update Face Value."
        )
    return dict(raw)


def read_networks(directory: Path) -> dict[str, bytes]:
    """Return the content of MTCNN's three ONNX files, by network name.

    Raises SavedModelError if a file is missing or differs from its sha256 in ``metadata.json``.
    """
    document = read_metadata(directory, SCHEMA_VERSION)
    files = [f"{name}.onnx" for name in NETWORKS]
    sha256 = _sha256(document, files, directory)
    return {
        name: read_verified(directory, file, sha256[file]) for name, file in zip(NETWORKS, files, strict=True)
    }


def read_mesh(directory: Path) -> MeshFiles:
    """Return the content of the face mesh's ``directory``.

    Raises SavedModelError if a file is missing, differs from its sha256 in ``metadata.json``, or lacks a field.
    """
    document = read_metadata(directory, SCHEMA_VERSION)
    sha256 = _sha256(document, ["face_mesh.onnx", "topology.json"], directory)
    files = {name: read_verified(directory, name, digest) for name, digest in sha256.items()}
    try:
        topology = json.loads(files["topology.json"])
        edges, mirror = (np.array(topology[key], np.intp) for key in ("edges", "mirror"))
        side, threshold = int(document["input"]["side"]), float(document["presence_threshold"])
    except (ValueError, KeyError, TypeError) as error:
        raise SavedModelError(f"{directory / METADATA_FILE} is damaged: {error!r}.") from error
    return MeshFiles(
        files["face_mesh.onnx"], Topology(edges, mirror), side, threshold, document.get("calm_faces")
    )


def _sha256(document: dict[str, Any], names: list[str], directory: Path) -> dict[str, str]:
    try:
        return {name: str(document["files"][name]["sha256"]) for name in names}
    except (KeyError, TypeError) as error:
        raise SavedModelError(f"{directory / METADATA_FILE} is damaged: {error!r}.") from error
