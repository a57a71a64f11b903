"""Charts of a report's figures, as coordinates for SVG; titles and words are in templates/_charts.html.

A chart is ``WIDTH`` × ``HEIGHT`` units, its axes run from 0 to 1 along the inner field, and its colours are the page's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from webapp.presenters.formatters import Table, percent, share, thousands

WIDTH, HEIGHT = 400, 280
LEFT, RIGHT, TOP, BOTTOM = 52, 376, 12, 236  # The inner field.
QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)
# A confusion map's cell has one of so many shades.
SHADES = 10


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis."""

    place: float  # Where, in units of the chart.
    text: str  # What is written beside it.


@dataclass(frozen=True, slots=True)
class Dot:
    """A measured share with its 95 % interval."""

    x: float  # Centre, in units.
    y: float
    low: float  # Ends of the interval, in units; the lower share lies lower.
    high: float
    radius: float  # In units; its area grows with the number of images.


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a chart."""

    kind: str  # Key of its name in templates/_charts.html.
    points: str  # "x,y x,y …", in units.


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart."""

    kind: str  # Key of its words in templates/_charts.html.
    across: tuple[Tick, ...]  # Marks of the horizontal axis.
    up: tuple[Tick, ...]  # Marks of the vertical axis.
    lines: tuple[Line, ...] = ()  # Lines, drawn in this order.
    dots: tuple[Dot, ...] = ()  # Measured shares.


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a confusion map."""

    percent: str  # Share of its row.
    shade: int  # 0 to SHADES.
    right: bool  # Whether it is on the diagonal.


@dataclass(frozen=True, slots=True)
class ConfusionMap:
    """What is taken for what, in one split."""

    about: str  # The split.
    labels: tuple[str, ...]  # Rows and columns.
    rows: tuple[tuple[Cell, ...], ...]  # One row a label.


def present_reliability(bins: Sequence[Mapping[str, Any]]) -> Chart | None:
    """Return how often answers of each confidence are right; None without measured bins."""
    filled = [each for each in bins if each["images"]]
    if not filled:
        return None
    most = max(each["images"] for each in filled)
    dots = tuple(
        Dot(
            _x(each["confidence"]),
            _y(each["accuracy"]),
            _y(each["interval"][0]),
            _y(each["interval"][1]),
            round(2.5 + 5.5 * (each["images"] / most) ** 0.5, 1),
        )
        for each in filled
    )
    perfect = Line("perfect", _points([(0.0, 0.0), (1.0, 1.0)]))
    return Chart("reliability", _across(), _up(), (perfect,), dots)


def reliability_table(bins: Sequence[Mapping[str, Any]], about: str) -> Table:
    """Return the figures of the same chart."""
    rows = tuple(
        (share(each["confidence"]), thousands(each["images"]), share(each["accuracy"]))
        for each in bins
        if each["images"]
    )
    return Table("reliability", rows, about=about)


def present_coverage(curve: Mapping[str, Sequence[float]] | None) -> Chart | None:
    """Return how often it is right among the faces it is surest of; None without a curve."""
    if not curve:
        return None
    pairs = list(zip(curve["coverage"], curve["accuracy"], strict=True))
    return Chart("coverage", _across(), _up(), (Line("right", _points(pairs)),))


def present_training(history: Mapping[str, Sequence[float]]) -> tuple[Chart, ...]:
    """Return accuracy and loss after every epoch, of training and validation images."""
    charts = []
    for name in ("accuracy", "loss"):
        lines = {
            kind: history.get(column) for kind, column in (("training", name), ("validation", f"val_{name}"))
        }
        drawn = {kind: values for kind, values in lines.items() if values and len(values) > 1}
        if not drawn:
            continue
        # Shares to the full share; losses to the next half above the largest.
        top = 1.0 if name == "accuracy" else -(-max(max(values) for values in drawn.values()) // 0.5) * 0.5
        epochs = max(len(values) for values in drawn.values()) - 1
        marks = tuple(
            Tick(_y(place), percent(place) if name == "accuracy" else f"{place * top:.1f}")
            for place in QUARTERS
        )
        across = tuple(Tick(_x(place), str(round(1 + place * epochs))) for place in (0.0, 0.5, 1.0))
        charts.append(
            Chart(
                f"training_{name}",
                across,
                marks,
                tuple(
                    Line(kind, _points([(at / epochs, value / top) for at, value in enumerate(values)]))
                    for kind, values in drawn.items()
                ),
            )
        )
    return tuple(charts)


def present_confusion(
    labels: Sequence[str], matrix: Sequence[Sequence[int]] | None, about: str
) -> ConfusionMap | None:
    """Return the map of a confusion matrix, shares of each row; None without a matrix."""
    if not matrix:
        return None
    rows = []
    for place, counts in enumerate(matrix):
        shares = [count / max(1, sum(counts)) for count in counts]
        rows.append(
            tuple(
                Cell(f"{100 * each:.0f}", round(SHADES * each), at == place) for at, each in enumerate(shares)
            )
        )
    return ConfusionMap(about, tuple(labels), tuple(rows))


def _across() -> tuple[Tick, ...]:
    return tuple(Tick(_x(place), percent(place)) for place in QUARTERS)


def _up() -> tuple[Tick, ...]:
    return tuple(Tick(_y(place), percent(place)) for place in QUARTERS)


def _points(pairs: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{_x(across):g},{_y(up):g}" for across, up in pairs)


def _x(value: float) -> float:
    return round(LEFT + (RIGHT - LEFT) * value, 1)


def _y(value: float) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * value, 1)
