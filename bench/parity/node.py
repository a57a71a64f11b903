"""Run the pages' reader in Node over pixels that the server decoded."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.recognizer import DEFAULT_MODEL
from model.store.files import MODEL_FILE, SAVED
from model.types import Photo
from webapp.services.browser_files import WASM, reading_metadata

ROOT = Path(__file__).resolve().parent.parent.parent
SCRIPT = ROOT / "bench" / "node" / "read_photos.mjs"
OLDEST = 20  # Of Node's major versions.
SECONDS = 3600


class NoNode(Exception):
    """There is no Node that is new enough; the message says so."""


def node() -> str:
    """Return Node's path; raises NoNode."""
    path = shutil.which("node")
    if path is None:
        raise NoNode("There is no Node here: node is not on the PATH.")
    version = subprocess.run([path, "--version"], check=True, capture_output=True, text=True).stdout.strip()
    if int(version.lstrip("v").partition(".")[0]) < OLDEST:
        raise NoNode(f"Node {version} is too old, {OLDEST} is needed.")
    return path


@dataclass(frozen=True, slots=True)
class Reading:
    """What the pages' reader said of one photo."""

    answer: dict[str, Any]  # As static/js/reading/worker.js describes it, less the pictures.
    ms: float  # Of the whole reading …
    network_ms: float  # … and of the networks in it alone.


class Numbers:
    """Arrays of numbers in one file, for scripts: each is described by its shape, its kind and where it starts."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0

    def add(self, array: NDArray[Any]) -> dict[str, Any]:
        """Append an array of uint8 or float32 and return its description."""
        kind = {"uint8": "Uint8Array", "float32": "Float32Array"}[array.dtype.name]
        start = self._size
        content = np.ascontiguousarray(array).tobytes()
        # Typed arrays start at multiples of their numbers' size.
        content += bytes(-len(content) % 4)
        self._parts.append(content)
        self._size += len(content)
        return {"kind": kind, "shape": list(array.shape), "start": start}

    def write(self, folder: Path, description: Any) -> None:
        """Write ``numbers.bin`` and ``description.json`` into a folder."""
        (folder / "numbers.bin").write_bytes(b"".join(self._parts))
        (folder / "description.json").write_text(json.dumps(description), encoding="utf-8")


def network_files(classifier: Path | None = None) -> dict[str, Path]:
    """Return the files that the pages' reader opens, with the saved default model or another network in its place."""
    return {
        "wasm": ROOT / "static" / WASM,
        **{name: SAVED / "mtcnn" / f"{name}.onnx" for name in ("pnet", "rnet", "onet")},
        "classifier": classifier or SAVED / DEFAULT_MODEL / MODEL_FILE,
    }


def read_in_node(photos: Sequence[Photo], classifier: Path | None = None) -> Iterator[Reading]:
    """Read decoded photos with the pages' reader, with the saved default model or another network in its place.

    Raises NoNode, and CalledProcessError with what Node said.
    """
    program = node()
    numbers = Numbers()
    description = {
        "files": {name: str(path) for name, path in network_files(classifier).items()},
        "metadata": reading_metadata(),
        "photos": [{"pixels": numbers.add(photo.pixels), "oriented": photo.oriented} for photo in photos],
    }
    with tempfile.TemporaryDirectory() as folder:
        numbers.write(Path(folder), description)
        command = [program, str(SCRIPT), folder]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
    if ran.returncode:
        raise subprocess.CalledProcessError(ran.returncode, command, ran.stdout[-2000:], ran.stderr[-4000:])
    for line in ran.stdout.splitlines():
        answer = json.loads(line)
        yield Reading(answer, answer.pop("ms"), answer.pop("network_ms"))
