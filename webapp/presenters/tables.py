"""Tables of figures, and how the figures are written in them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """A table: caption, column heads, rows whose first cell is the row's head, and a detail under each head or none."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    details: tuple[str, ...] = ()


def share(value: float | None) -> str:
    """Return a share of 1 in percent."""
    return "–" if value is None else f"{100 * value:.1f}\N{NO-BREAK SPACE}%"


def thousands(value: int | None) -> str:
    """Return a number with its thousands apart."""
    return "–" if value is None else f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def file_size(size: float) -> str:
    """Return bytes as "10.9 MB", a megabyte being a million, as tables of models count them."""
    return f"{size / 1e6:.1f}\N{NO-BREAK SPACE}MB"
