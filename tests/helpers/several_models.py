"""A folder of saved models for tests: the committed one under several names."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from model.store.files import SAVED

NAME = "attention_cnn"


def build(root: Path, **others: dict[str, Any]) -> Path:
    """Fill ``root`` with the detector, the committed model and a copy of it for each of ``others``.

    A copy's metadata is changed by what is given for it.
    """
    for name in ("mtcnn", NAME):
        shutil.copytree(SAVED / name, root / name, ignore=shutil.ignore_patterns("*.keras"))
    for name, changes in others.items():
        shutil.copytree(root / NAME, root / name)
        path = root / name / "metadata.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | {"name": name} | changes))
    return root
