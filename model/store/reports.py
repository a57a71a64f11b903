"""What was measured of the saved models: the ``report.json`` beside one, and the comparison of all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .files import SAVED
from .metadata import Metadata

FILE_NAME = "report.json"
SCHEMA_VERSION = 1


def load_report(directory: Path, metadata: Metadata) -> dict[str, Any] | None:
    """Return the report of exactly this model (``training.reports.report`` writes it), or None.

    A report of another network, or one that cannot be read, is none: the model itself works without.
    """
    try:
        report = json.loads((directory / FILE_NAME).read_text(encoding="utf-8"))
        if (
            report["schema_version"] == SCHEMA_VERSION
            and report["model"]["sha256"] == metadata.sha256["model.onnx"]
        ):
            return dict(report)
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return None


def load_comparison(root: Path = SAVED) -> dict[str, Any] | None:
    """Return the comparison of all saved models (``training.reports.comparison`` writes it), or None."""
    try:
        comparison = json.loads((root / "comparison.json").read_text(encoding="utf-8"))
        return dict(comparison) if comparison["schema_version"] == SCHEMA_VERSION else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
