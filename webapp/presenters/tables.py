"""Tables of figures, and how the figures are written in them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """A table: caption, column heads, rows whose first cell is the row's head."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def share(value: float | None) -> str:
    """Return a share of 1 in percent."""
    return "–" if value is None else f"{100 * value:.1f}\N{NO-BREAK SPACE}%"


def thousands(value: int | None) -> str:
    """Return a number with its thousands apart."""
    return "–" if value is None else f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
