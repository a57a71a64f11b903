"""How numbers are written in sentences and in tables, and the tables themselves."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.settings import MEBIBYTE

NEARLY_LEVEL = 2.0  # Degrees: under this, a crop and the same crop turned level look alike.
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


@dataclass(frozen=True, slots=True)
class Table:
    """A table of figures; templates/_tables.html has its caption and the heads of its columns."""

    kind: str
    rows: tuple[tuple[str, ...], ...]  # The first cell is the row's head.
    about: str = ""  # The label source or the split that it is about.
    columns: tuple[str, ...] = ()  # The heads of further columns.
    details: tuple[str, ...] = ()  # Under each row's head.


def megabytes(size: int) -> str:
    """Return bytes as a short "8 MB"."""
    return f"{size / MEBIBYTE:.3g} MB"


def percent(share: float) -> str:
    """Return 0…1 as a percentage without decimals; what is neither 0 nor 1 is never rounded to it."""
    if 0 < share < 0.005:
        return "under 1 %"
    if 0.995 <= share < 1:
        return "over 99 %"
    return f"{share:.0%}".replace("%", "\N{NO-BREAK SPACE}%")


def size(width: int, height: int) -> str:
    """Return "48 × 48", unbroken."""
    return f"{width}\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}{height}"


def how_many(number: int, noun: str) -> str:
    """Return "one face", "three faces", "12 faces"."""
    word = NUMBERS[number] if number < len(NUMBERS) else str(number)
    return f"{word} {noun}" if number == 1 else f"{word} {noun}s"


def in_ten(share: float) -> str:
    """Return 0…1 as "about 8 in 10"; near the ends in finer words, so that it never says "none" or "all"."""
    if share > 0.94:
        return "more than 9 in 10"
    return f"about {round(share * 10)} in 10" if share >= 0.06 else "hardly any"


def share(value: float | None) -> str:
    """Return a share of 1 in percent."""
    return "–" if value is None else f"{100 * value:.1f}\N{NO-BREAK SPACE}%"


def thousands(value: int | None) -> str:
    """Return a number with its thousands apart."""
    return "–" if value is None else f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def file_size(size: float) -> str:
    """Return bytes as "10.9 MB", a megabyte being a million, as tables of models count them."""
    return f"{size / 1e6:.1f}\N{NO-BREAK SPACE}MB"


def tilt(roll: float) -> str:
    """Return "12° to the right": the way the head leans, as the viewer sees it."""
    degrees = round(abs(roll))
    if degrees == 0:
        return "0°"
    return f"{degrees}° to the {'right' if roll > 0 else 'left'}"
