"""The table over all models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from webapp.presenters import words
from webapp.presenters.tables import Table, share, thousands

CAPTION = "All models: accuracy against FER-2013’s label, for five expressions on the images of those"
COLUMNS = (
    "Model",
    "System",
    "Expressions",
    "Reads",
    "Parameters",
    "File",
    "Time a face",
    "Private test",
    "All test images",
    "Macro-F1",
    "Under a mask",
    "Clear votes",
    "Published",
)


def present(comparison: Mapping[str, Any] | None) -> Table | None:
    """Return the table of ``model.report.load_comparison``; None for one model, which needs none."""
    if comparison is None or len(comparison["rows"]) < 2:
        return None
    return Table(CAPTION, COLUMNS, tuple(_row(row) for row in comparison["rows"]))


def _row(row: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        row["name"],
        row["system"],
        str(row["classes"]),
        row["input"],
        thousands(row["parameters"]),
        words.megabytes(int(1e6 * row["megabytes"])),
        f"{row['milliseconds']:.1f}\N{NO-BREAK SPACE}ms",
        *(share(row[name]) for name in ("private_test", "test", "macro_f1", "masked", "clear_votes")),
        row["published"],
    )
