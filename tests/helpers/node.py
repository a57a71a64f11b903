"""Node, which runs the scripts of the pages outside a browser; tests that need it are skipped where there is none."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent.parent
OLDEST = 20  # Of its major versions; node --test and fetch's streams are in it.


def node() -> str:
    """Return Node's path; skips the test without a Node that is new enough."""
    path = shutil.which("node")
    if path is None:
        pytest.skip("no Node here: node is not on the PATH")
    version = subprocess.run([path, "--version"], check=True, capture_output=True, text=True).stdout.strip()
    if int(version.lstrip("v").partition(".")[0]) < OLDEST:
        pytest.skip(f"Node {version} is too old, {OLDEST} is needed")
    return path


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
