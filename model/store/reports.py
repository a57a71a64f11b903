"""Evaluation results of the saved models: ``report.json`` and ``history.csv`` of each, ``comparison.json`` of all."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

from .files import MODEL_FILE, SAVED
from .metadata import Metadata

FILE_NAME = "report.json"
HISTORY_FILE = "history.csv"
SCHEMA_VERSION = 1


def load_report(directory: Path, metadata: Metadata) -> dict[str, Any] | None:
    """Return the report of exactly this model (``training.reports.report`` writes it), or None.

    None too if the report belongs to other weights (by sha256) or cannot be read: the model works without it.
    """
    try:
        report = json.loads((directory / FILE_NAME).read_text(encoding="utf-8"))
        if (
            report["schema_version"] == SCHEMA_VERSION
            and report["model"]["sha256"] == metadata.sha256[MODEL_FILE]
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


def load_history(directory: Path) -> dict[str, list[float]]:
    """Return the columns of a training's history, a number an epoch (Keras writes it); empty where there is none."""
    try:
        with (directory / HISTORY_FILE).open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        return {name: [float(row[name]) for row in rows] for name in (rows[0] if rows else ())}
    except (OSError, ValueError, TypeError):
        return {}
