"""Sections of report.json that commands of their own measure and add to what ``training.evaluate`` writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from model.store.metadata import Metadata
from model.store.reports import FILE_NAME, load_report

SECTIONS = ("real_photos", "faithful", "corruptions", "covers", "eight_bit")


class NoReportError(Exception):
    """There is no report of this model to add a section to; the message says what to do."""


def add_section(directory: Path, name: str, figures: dict[str, Any]) -> Path:
    """Write ``figures`` into the report of the model in ``directory``, in place of what stood there by that name.

    Raises NoReportError where there is no report, or only that of another network.
    """
    metadata = Metadata.load(directory)
    report = load_report(directory, metadata)
    if report is None:
        raise NoReportError(
            f"{directory / FILE_NAME} is missing or of another network: write it first, with "
            f"python -m training.evaluate --model {metadata.name} --data … --votes … --write."
        )
    return write_json(report | {name: figures}, directory / FILE_NAME)


def kept_sections(path: Path, sha256: str | None) -> dict[str, Any]:
    """The sections of the report that lies at ``path`` now, if it is of the network with this sum."""
    if sha256 is None:
        return {}
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
        if report["model"]["sha256"] != sha256:
            return {}
        return {name: report[name] for name in SECTIONS if name in report}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def write_json(report: dict[str, Any], path: Path) -> Path:
    """Write the report without spaces: it is thousands of numbers, which no one reads in the file."""
    text = json.dumps(report, ensure_ascii=False, separators=(",", ":"))
    path.write_text(text + "\n", encoding="utf-8")
    return path
