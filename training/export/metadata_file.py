"""How metadata.json is written, and what it says of the files beside it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from model.store.files import METADATA_FILE
from training.convert.onnx_graph import file_record


def file_records(directory: Path, names: Iterable[str]) -> dict[str, Any]:
    """The sha256 and size of each of these files, by name."""
    return {name: file_record((directory / name).read_bytes()) for name in names}


def write_metadata(document: dict[str, Any], directory: Path) -> None:
    """Write metadata.json into ``directory``."""
    text = lists_on_one_line(json.dumps(document, indent=2, ensure_ascii=False))
    (directory / METADATA_FILE).write_text(text + "\n", encoding="utf-8")


def lists_on_one_line(text: str) -> str:
    """Indented JSON with each list of numbers or names on one line."""
    lines: list[str] = []
    depth = 0
    for line in text.splitlines():
        inside = line.strip()
        if depth and inside not in ("]", "],") and not inside.startswith(("[", "{", '"')):
            lines[-1] += inside + (" " if inside.endswith(",") else "")
        elif depth and inside in ("]", "],"):
            lines[-1] += inside
            depth = 0
        else:
            lines.append(line)
            depth = 1 if line.endswith("[") else 0
    return "\n".join(lines)
