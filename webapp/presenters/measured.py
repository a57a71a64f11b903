"""Tables of a report's sections on real photos, maps, corruptions and covers.

``training.real_photos``, ``training.faithful``, ``training.corruptions`` and ``training.covers`` write these sections;
captions and headers are in templates/_tables.html. A missing section gives no table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from webapp.presenters.formatters import Table, share, thousands

Figures = Mapping[str, Any]
JUDGED = "0.2"  # Fraction of deleted pixels at which maps are evaluated.
MAPS = ("occlusion", "occlusion_of_the_second", "attention")
COVERS = ("none", "mask", "hand", "scarf")


@dataclass(frozen=True, slots=True)
class PhotosView:
    """Measurements on real photos."""

    count: int  # Number of photos.
    split: str  # Split of the photos: "report" if nothing was chosen on them.
    date: str  # Date of the measurement.
    tables: tuple[Table, ...]  # All photos, and each expression.
    against: tuple[tuple[str, str], ...]  # (other model, difference as a phrase).


def present_photos(report: Figures) -> PhotosView | None:
    """Return the measurements on real photos; None if there are none."""
    figures = report.get("real_photos")
    if not figures:
        return None
    sure, calibration = figures["sure"], figures["calibration"]
    rows = [
        *((name, _with_interval(figures[name])) for name in ("mean_recall", "as_they_come", "accuracy")),
        *((name, _with_interval(sure[name])) for name in ("right", "coverage")),
        ("ece", f"{share(calibration['ece'])} ({_range(calibration.get('range_if_perfect'))})"),
        ("found", f"{thousands(figures['faces_found'])} of {thousands(figures['photos'])}"),
    ]
    covered = figures.get("covered")
    if covered:
        rows.append(("noticed", f"{covered['recognised']} of {covered['covered']}"))
        rows.append(("alarms", f"{covered['false_alarms']} of {covered['uncovered']}"))
    each = tuple(
        (
            label,
            thousands(recall["photos"]),
            _with_interval(recall),
            _taken(label, figures["confusion"][label]),
        )
        for label, recall in figures["recall"].items()
    )
    tables = (Table("photos", tuple(rows)), Table("photos_each", each))
    against = tuple(
        (name, _difference(found)) for name, found in sorted((figures.get("against") or {}).items())
    )
    return PhotosView(int(figures["photos"]), str(figures["split"]), str(figures["date"]), tables, against)


def present_maps(report: Figures) -> tuple[Table, ...]:
    """Return a table for each set of faces on which maps were evaluated."""
    sets: Mapping[str, Figures] = (report.get("faithful") or {}).get("sets") or {}
    return tuple(
        Table("maps", tuple(_map(name, maps[name]) for name in MAPS if name in maps), about=where)
        for where, maps in sets.items()
    )


def present_worse(report: Figures) -> tuple[Table, ...]:
    """Return the tables of corruptions and covers."""
    tables = []
    if corruptions := report.get("corruptions"):
        figures = corruptions.get("as_served") or corruptions["one_view"]
        clean = figures["clean"]
        rows: list[tuple[str, ...]] = [("clean", "", "", share(clean["accuracy"]), share(clean["ece"]))]
        rows += [_corruption(name, row) for name, row in figures["corruptions"].items()]
        mean = figures["mean"]
        all_ten = _with_interval({"value": mean["accuracy"], "interval": mean.get("interval")})
        rows.append(("All ten", "", "", all_ten, share(mean["ece"])))
        tables.append(
            Table("corruptions", tuple(rows), details=(f"{thousands(corruptions['images'])} images",))
        )
    if covers := report.get("covers"):
        tables.append(Table("covers", tuple(_cover(name, covers) for name in COVERS)))
    return tuple(tables)


def _map(name: str, figures: Figures) -> tuple[str, ...]:
    deletion = figures["deletion"]
    flips = [found["flips"] for found in deletion[JUDGED].values()]
    return (
        name,
        thousands(figures["faces"]),
        _ratio(deletion["against_random"]),
        _ratio(deletion["against_mean_map"]),
        share(min(flips)),
        f"{figures['correlation']:.2f}",
    )


def _corruption(name: str, row: Figures) -> tuple[str, ...]:
    accuracy, ece = row["accuracy"], row["ece"]
    means = (share(sum(values) / len(values)) for values in (accuracy, ece))
    return name.replace("_", " ").capitalize(), share(accuracy[0]), share(accuracy[-1]), *means


def _cover(name: str, covers: Figures) -> tuple[str, ...]:
    row, told = covers["accuracy"][name], covers.get("covered") or {}
    accuracy = _with_interval({"value": row["accuracy"], "interval": row["interval"]})
    if name == "none":
        alarms = told.get("false_alarms")
        return name, accuracy, "–" if alarms is None else f"{share(alarms)}, falsely", "–"
    seen = (told.get("by_cover") or {}).get(name) or {}
    auc = seen.get("auc")
    return name, accuracy, share(seen.get("seen")), "–" if auc is None else f"{auc:.3f}"


def _taken(label: str, counts: Mapping[str, int]) -> str:
    """Return the wrong predictions for photos of a label, most frequent first."""
    others = sorted(((n, name) for name, n in counts.items() if n and name != label), reverse=True)
    return ", ".join(f"{name} {n}" for n, name in others) or "–"


def _difference(found: Figures) -> str:
    """Return the differences of mean and weighted recall in percentage points."""
    said = {"mean_recall": "mean over the expressions", "as_they_come": "weighted as photos come"}
    parts = []
    for name, words in said.items():
        value, (low, high) = found[name]["value"], found[name]["interval"]
        parts.append(f"{100 * value:+.1f} points ({100 * low:+.1f} to {100 * high:+.1f}) {words}")
    return ", ".join(parts)


def _with_interval(figure: Figures) -> str:
    if figure["value"] is None or not figure.get("interval"):
        return share(figure["value"])
    return f"{share(figure['value'])} ({_range(figure['interval'])})"


def _range(interval: tuple[float, float] | None) -> str:
    return "–" if interval is None else "–".join(f"{100 * end:.1f}" for end in interval)


def _ratio(ratio: Figures) -> str:
    if ratio["value"] is None:
        return "–"
    low, high = ratio["interval"]
    return f"{ratio['value']:.1f} ({low:.1f}–{high:.1f})"
