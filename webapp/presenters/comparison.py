"""The tables over all models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from webapp.presenters.tables import Table, file_size, share, thousands

CAPTION = "All models: accuracy against FER-2013’s label, for five expressions on the images of those"
COLUMNS = (
    "Model",
    "Labels",
    "Private test",
    "All test images",
    "Macro-F1",
    "Under a mask",
    "Clear votes",
    "Time a face",
    "Reads",
    "Parameters",
    "File",
    "Published",
)
FIVE_CAPTION = (
    "The private test’s images of five expressions, the same for every model, bare and with drawn masks"
)
FIVE_COLUMNS = ("Model", "Reads", "Accuracy", "Macro-F1", "Accuracy, masked", "Macro-F1, masked")


def present(comparison: Mapping[str, Any] | None) -> tuple[Table, ...]:
    """Return the tables of ``model.report.load_comparison``; none for one model, which needs none."""
    if comparison is None or len(comparison["rows"]) < 2:
        return ()
    rows = comparison["rows"]
    systems = tuple(row["system"] for row in rows)
    tables = (Table(CAPTION, COLUMNS, tuple(_row(row) for row in rows), systems),)
    five = tuple(_five(row) for row in rows if row.get("five") is not None)
    return (*tables, Table(FIVE_CAPTION, FIVE_COLUMNS, five)) if five else tables


def _five(row: Mapping[str, Any]) -> tuple[str, ...]:
    figures = ("five", "five_macro_f1", "five_masked", "five_masked_macro_f1")
    return (row["name"], row["input"], *(share(row[name]) for name in figures))


def _row(row: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        row["name"],
        str(row["classes"]),
        *(share(row[name]) for name in ("private_test", "test", "macro_f1", "masked", "clear_votes")),
        f"{row['milliseconds']:.1f}\N{NO-BREAK SPACE}ms",
        row["input"],
        thousands(row["parameters"]),
        file_size(1e6 * row["megabytes"]),
        row["published"],
    )
