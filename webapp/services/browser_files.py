"""What the browser gets to read faces itself: the networks by their sha256, and the scripts under one version.

Networks are handed out gzipped; a client opens them with ``DecompressionStream``, so that what is counted, checked and
kept is what was sent. Scripts import one another by relative paths, so all of them lie under an address with a hash of
them all: a page never gets half of an old version and half of a new one.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from model.recognizer import DEFAULT_MODEL
from model.store.files import (
    EIGHT_BIT_FILE,
    MAPS_FILE,
    MODEL_FILE,
    SAVED,
    SavedModelError,
    read_mesh,
    read_networks,
    read_verified,
)
from model.store.forks import ForkSafeLock
from model.store.metadata import Metadata

RUNTIME = Path("vendor") / "onnxruntime-web"
WASM = RUNTIME / "ort-wasm-simd-threaded.wasm.gz"
MODULES = (RUNTIME / "ort.wasm.min.mjs", RUNTIME / "ort-wasm-simd-threaded.mjs")
WORKER = "js/reading/worker.js"
MESH = "face_mesh"


@dataclass(frozen=True, slots=True, eq=False)
class PackedFile:
    """One file as it is sent."""

    content: bytes  # Gzipped.
    sha256: str  # Of ``content``, hexadecimal.


@dataclass(frozen=True, slots=True, eq=False)
class Scripts:
    """The scripts of one version."""

    version: str  # The first twelve hexadecimal digits of the sha256 of all names and contents.
    sha256: Mapping[str, str]  # By path below the folder of static files, with slashes.


# So that visitors who come together do not have the networks packed once each.
_packing = ForkSafeLock()


def packed_files(static: Path) -> Mapping[str, PackedFile]:
    """Return the files for the worker, by what ``networks.js`` calls them.

    ``classifier_live`` is left out where the model has no network in 8 bits, and ``maps`` where it has no further
    outputs to look inside. They are packed once in a process, which
    takes two seconds and then 13 MB. Raises SavedModelError if a network is
    missing or altered.
    """
    with _packing:
        return _packed(static)


@lru_cache(maxsize=1)
def _packed(static: Path) -> Mapping[str, PackedFile]:
    metadata = Metadata.load(SAVED / DEFAULT_MODEL)
    networks = {
        **read_networks(SAVED / "mtcnn"),
        "classifier": read_verified(SAVED / DEFAULT_MODEL, MODEL_FILE, metadata.sha256[MODEL_FILE]),
        "mesh": read_mesh(SAVED / MESH).network,
    }
    if further := metadata.sha256.get(MAPS_FILE):
        networks["maps"] = read_verified(SAVED / DEFAULT_MODEL, MAPS_FILE, further)
    if eight_bit := metadata.sha256.get(EIGHT_BIT_FILE):
        networks["classifier_live"] = read_verified(SAVED / DEFAULT_MODEL, EIGHT_BIT_FILE, eight_bit)
    packed = {name: gzip.compress(content, 9, mtime=0) for name, content in networks.items()}
    try:
        packed["wasm"] = (static / WASM).read_bytes()
    except OSError as error:
        raise SavedModelError(f"{static / WASM} cannot be read: {error.strerror}.") from error
    return {
        name: PackedFile(content, hashlib.sha256(content).hexdigest()) for name, content in packed.items()
    }


def by_sha256(static: Path, sha256: str) -> bytes | None:
    """Return the file with this sha256, gzipped; None if no file of the browser has it."""
    return next(
        (each.content for each in packed_files(static).values() if each.sha256 == sha256),
        None,
    )


def reading_metadata(name: str = DEFAULT_MODEL) -> dict[str, Any]:
    """Return what the reader in the browser needs to know of a classifier.

    Raises SavedModelError for a classifier that the browser does not read as the server does: the scripts take gray
    whole faces, once each.
    """
    metadata = Metadata.load(SAVED / name)
    once = metadata.tta_zooms == (1.0,) and not metadata.tta_flip
    if metadata.region != "face" or metadata.input.channels != 1 or metadata.input.points or not once:
        raise SavedModelError(f"{name} is not read in the browser, only gray whole faces, once each, are.")
    return {
        "name": metadata.name,
        "version": metadata.version,
        "target": metadata.target,
        "labels": list(metadata.labels),
        "size": metadata.size,
        "crop_scale": metadata.crop.scale,
        "temperature": metadata.temperature,
        "threshold": metadata.confidence_threshold,
        "covered_threshold": metadata.covered_threshold,
    }


def mesh_metadata() -> dict[str, Any]:
    """Return what measures faces on the mesh's points: its input's side, its threshold and how calm faces measure."""
    files = read_mesh(SAVED / MESH)
    return {"side": files.side, "threshold": files.threshold, "calm": files.calm}


def scripts(static: Path) -> Scripts:
    """Return the scripts below the folder of static files; a changed file gives another version."""
    paths = [*sorted((static / "js").rglob("*.js")), *(static / path for path in MODULES)]
    return _scripts(static, tuple((path, path.stat().st_mtime_ns) for path in paths))


@lru_cache(maxsize=2)
def _scripts(static: Path, files: tuple[tuple[Path, int], ...]) -> Scripts:
    found = {
        path.relative_to(static).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path, _ in files
    }
    listed = "\n".join(f"{sha256} {name}" for name, sha256 in sorted(found.items()))
    return Scripts(hashlib.sha256(listed.encode()).hexdigest()[:12], found)
