"""Read the face detector's saved networks, and refuse what is not exactly what was saved."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

SCHEMA_VERSION = 1
NETWORKS = ("pnet", "rnet", "onet")


class DetectorError(Exception):
    """The detector's saved files are missing, altered or of another version; the message says which."""


def read_networks(directory: Path) -> dict[str, bytes]:
    """Return the bytes of each network's ONNX file, by name.

    Raises DetectorError when a file is missing or differs from the sha256 in ``metadata.json``.
    """
    source = directory / "metadata.json"
    try:
        document = json.loads(_read(source))
        version = document["schema_version"]
        expected = {name: document["files"][f"{name}.onnx"]["sha256"] for name in NETWORKS}
    except (ValueError, KeyError, TypeError) as error:
        raise DetectorError(f"The face detector's {source} is damaged: {error!r}.") from error
    if version != SCHEMA_VERSION:
        raise DetectorError(
            f"The face detector's {source} has version {version}; this needs {SCHEMA_VERSION}."
        )
    return {name: _read_checked(directory / f"{name}.onnx", digest) for name, digest in expected.items()}


def _read_checked(path: Path, digest: str) -> bytes:
    content = _read(path)
    if hashlib.sha256(content).hexdigest() != digest:
        raise DetectorError(f"The face detector's {path} is not the file that its metadata.json describes.")
    return content


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DetectorError(f"The face detector's {path} cannot be read: {error.strerror}.") from error
