"""Formatting of numbers in sentences and tables."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.settings import MEBIBYTE

NEARLY_LEVEL = 2.0  # Degrees; below this roll, the aligned crop is not shown beside the crop.
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


@dataclass(frozen=True, slots=True)
class Table:
    """A table of figures; its caption and column headers are in templates/_tables.html."""

    kind: str  # Key of its caption in templates/_tables.html.
    rows: tuple[tuple[str, ...], ...]  # Cells; the first of each row is its header.
    about: str = ""  # Label source or split.
    columns: tuple[str, ...] = ()  # Headers of further columns.
    details: tuple[str, ...] = ()  # Text below each row's header.


def megabytes(size: int) -> str:
    """Return bytes as a short "8 MB"."""
    return f"{size / MEBIBYTE:.3g} MB"


def percent(share: float) -> str:
    """Return 0…1 as a percentage without decimals; values between 0 and 1 are not rounded to 0 % or 100 %."""
    if 0 < share < 0.005:
        return "under 1 %"
    if 0.995 <= share < 1:
        return "over 99 %"
    return f"{share:.0%}".replace("%", "\N{NO-BREAK SPACE}%")


def short_percent(share: float) -> str:
    """Return the same for the end of a bar, with "<1 %" and ">99 %"."""
    return percent(share).replace("under ", "<").replace("over ", ">")


def size(width: int, height: int) -> str:
    """Return "48 × 48", unbroken."""
    return f"{width}\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}{height}"


def how_many(number: int, noun: str) -> str:
    """Return "one face", "three faces", "12 faces"."""
    word = NUMBERS[number] if number < len(NUMBERS) else str(number)
    return f"{word} {noun}" if number == 1 else f"{word} {noun}s"


def in_ten(share: float) -> str:
    """Return 0…1 as "about 8 in 10"; near 0 and 1 as "hardly any" and "more than 9 in 10"."""
    if share > 0.94:
        return "more than 9 in 10"
    return f"about {round(share * 10)} in 10" if share >= 0.06 else "hardly any"


def share(value: float | None) -> str:
    """Return 0…1 as a percentage with one decimal; "–" for None."""
    return "–" if value is None else f"{100 * value:.1f}\N{NO-BREAK SPACE}%"


def thousands(value: int | None) -> str:
    """Return a number with thousands separators; "–" for None."""
    return "–" if value is None else f"{value:,}"


def file_size(size: float) -> str:
    """Return bytes as "10.9 MB" (1 MB = 1,000,000 bytes)."""
    return f"{size / 1e6:.1f}\N{NO-BREAK SPACE}MB"


def tilt(roll: float) -> str:
    """Return a roll as "12° to the right", as the viewer sees it."""
    degrees = round(abs(roll))
    if degrees == 0:
        return "0°"
    return f"{degrees}° to the {'right' if roll > 0 else 'left'}"
