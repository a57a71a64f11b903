"""The model card's figures, from metadata, report and history; the text is in templates/model.html."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from model.store.metadata import Metadata
from webapp.presenters import charts
from webapp.presenters.formatters import Table, file_size, share, thousands
from webapp.presenters.measured import PhotosView, present_maps, present_photos, present_worse
from webapp.presenters.model_choice import ChoiceView, view_of

# Splits that are shown, in order.
SPLITS = (
    "test",
    "PublicTest",
    "PrivateTest",
    "PrivateTest_without_twins",
    "test_masked",
    "PublicTest_masked",
    "PrivateTest_masked",
)
LABEL_SOURCES = ("fer2013", "ferplus", "ferplus_clear", "own")
# The tables of single expressions are of the first of these splits in the report.
DETAILED = ("PrivateTest", "test", "PublicTest")
# The only files that the plot view sends, in the order of the page: as the training drew them.
PLOTS = (
    "reliability.png",
    "risk_coverage.png",
    "per_class.png",
    "confused_pairs.png",
    "confusion_matrix.png",
    "framing.png",
    "training_accuracy.png",
    "training_loss.png",
    "training_precision.png",
    "training_recall.png",
    "class_distribution.png",
)


@dataclass(frozen=True, slots=True)
class Headline:
    """The one number: how many of ten images or photos are read as they are labelled."""

    kind: str  # "photos" for press photos, else the label source of test images.
    value: float  # The share, 0…1.
    interval: tuple[float, float] | None  # Its 95 % interval.
    count: int  # Number of photos or images.


@dataclass(frozen=True, slots=True)
class Overlooked:
    """An expression that the model finds seldom."""

    label: str  # The expression.
    found: str  # Its recall with the 95 % interval.
    images: str  # Number of images that show it.


@dataclass(frozen=True, slots=True)
class ModelCardView:
    """The model card of a saved model."""

    metadata: Metadata  # Of the model.
    view: ChoiceView  # The model as lists name it.
    names: Mapping[str, ChoiceView]  # All saved models, by the name of their folder.
    headline: Headline | None  # The one number; None without a report.
    confusion: charts.ConfusionMap | None  # What is taken for what.
    figures: tuple[charts.Chart, ...]  # Reliability, then the share of faces it answers for.
    training: tuple[charts.Chart, ...]  # Accuracy and loss after every epoch.
    photos: PhotosView | None  # Measurements on real photos; None without them.
    maps: tuple[Table, ...]  # Faithfulness of the maps.
    worse: tuple[Table, ...]  # Corruptions and covers.
    tables: tuple[Table, ...]  # Accuracy, single expressions, confusion matrix, reliability.
    overlooked: tuple[Overlooked, ...]  # The two expressions of the lowest recall, the lowest first.
    tested_on: str | None  # The split on which single expressions were measured.
    plots: tuple[str, ...]  # Files that the training drew, below plots/NAME.
    others: tuple[ChoiceView, ...]  # The other saved models.
    comparison: tuple[Table, ...]  # Of all models.


def present(
    metadata: Metadata,
    plots: Sequence[str] = (),
    report: Mapping[str, Any] | None = None,
    others: tuple[ChoiceView, ...] = (),
    comparison: Mapping[str, Any] | None = None,
    history: Mapping[str, Sequence[float]] | None = None,
) -> ModelCardView:
    """Return the card; ``plots`` names the files that there are.

    The figures are those of ``report`` (see ``model.store.reports``); without it there are none.
    """
    report = report or {}
    sources: Mapping[str, Any] = report.get("truths") or {}
    own: Mapping[str, Any] = sources.get(metadata.label_source) or {}
    split = _detailed(own)
    values: Mapping[str, Any] = own[split] if split else {}
    drawn = (
        charts.present_reliability(values.get("reliability") or ()),
        charts.present_coverage(values.get("risk_coverage")),
    )
    view = view_of(metadata)
    return ModelCardView(
        metadata=metadata,
        view=view,
        names={each.name: each for each in (view, *others)},
        headline=_headline(metadata.label_source, report, values),
        confusion=charts.present_confusion(metadata.labels, values.get("confusion_matrix"), split or ""),
        figures=tuple(chart for chart in drawn if chart),
        training=charts.present_training(history or {}),
        photos=present_photos(report),
        maps=present_maps(report),
        worse=present_worse(report),
        tables=_tables(metadata, sources),
        overlooked=overlooked(values) if split else (),
        tested_on=split,
        plots=tuple(name for name in PLOTS if name in plots),
        others=others,
        # Of other pictures and other words: no comparison.
        comparison=present_comparison(None if metadata.label_source == "own" else comparison),
    )


def _headline(source: str, report: Mapping[str, Any], values: Mapping[str, Any]) -> Headline | None:
    """Return the number to begin with: on real photos where they were measured, else on test images."""
    photos = report.get("real_photos")
    if photos:
        low, high = photos["accuracy"]["interval"]
        return Headline("photos", photos["accuracy"]["value"], (low, high), photos["photos"])
    if values.get("accuracy") is None:
        return None
    interval = values.get("accuracy_interval")
    return Headline(source, values["accuracy"], tuple(interval) if interval else None, values["images"])


def _tables(metadata: Metadata, sources: Mapping[str, Any]) -> tuple[Table, ...]:
    """Return the tables of accuracy by label source, the model's own first, then those of single expressions."""
    own = metadata.label_source
    order = sorted((source for source in LABEL_SOURCES if sources.get(source)), key=lambda s: s != own)
    tables = [_accuracy(source, sources[source]) for source in order]
    measured = sources.get(own) or {}
    split = _detailed(measured)
    return (*tables, *_details(metadata.labels, split, measured[split])) if split else tuple(tables)


def _detailed(measured: Mapping[str, Any]) -> str | None:
    return next((split for split in DETAILED if split in measured), None)


def overlooked(values: Mapping[str, Any], count: int = 2) -> tuple[Overlooked, ...]:
    """Return the expressions of the lowest recall in one split's figures, the lowest first."""
    per_class: Mapping[str, Any] = values.get("per_class") or {}
    known = [label for label in per_class if per_class[label].get("recall") is not None]
    lowest = sorted(known, key=lambda label: float(per_class[label]["recall"]))[:count]
    return tuple(
        Overlooked(
            label, _with_interval(per_class[label], "recall"), thousands(per_class[label].get("support"))
        )
        for label in lowest
    )


def _accuracy(source: str, metrics: Mapping[str, Any]) -> Table:
    """Return the accuracy table of one label source, one row a split."""
    rows = []
    for split in SPLITS:
        values = metrics.get(split)
        if not values:
            continue
        confident: Mapping[str, Any] = values.get("confident") or {}
        rows.append(
            (
                split,
                thousands(values.get("images")),
                _with_interval(values, "accuracy"),
                _with_interval(values, "macro_f1"),
                share(values.get("ece")),
                share(confident.get("coverage")),
                share(confident.get("accuracy")),
            )
        )
    return Table("accuracy", tuple(rows), about=source)


def _details(labels: tuple[str, ...], split: str, values: Mapping[str, Any]) -> list[Table]:
    """Return the table of single expressions and the confusion matrix, if the report has them."""
    tables = []
    per_class: Mapping[str, Any] = values.get("per_class") or {}
    if per_class:
        rows = tuple(
            (
                label,
                share(per_class[label].get("precision")),
                _with_interval(per_class[label], "recall"),
                share(per_class[label].get("f1")),
                thousands(per_class[label].get("support")),
            )
            for label in labels
            if label in per_class
        )
        tables.append(Table("per_class", rows, about=split))
    matrix = values.get("confusion_matrix")
    if matrix:
        shares = tuple(
            (label, *(share(count / max(1, sum(counts))) for count in counts))
            for label, counts in zip(labels, matrix, strict=True)
        )
        tables.append(Table("confusion", shares, about=split, columns=labels))
    if values.get("reliability"):
        tables.append(charts.reliability_table(values["reliability"], split))
    return tables


def _with_interval(values: Mapping[str, Any], name: str) -> str:
    """Return a share with its 95 % interval, if the report has one."""
    interval = values.get(f"{name}_interval")
    if not interval:
        return share(values.get(name))
    low, high = (f"{100 * value:.1f}" for value in interval)
    return f"{share(values.get(name))} ({low}–{high})"


def present_comparison(comparison: Mapping[str, Any] | None) -> tuple[Table, ...]:
    """Return the tables of ``model.store.reports.load_comparison``; none if it has fewer than two models."""
    if comparison is None or len(comparison["rows"]) < 2:
        return ()
    rows = comparison["rows"]
    systems = tuple(row["system"] for row in rows)
    tables = (Table("comparison", tuple(_model_row(row) for row in rows), details=systems),)
    five = tuple(_five(row) for row in rows if row.get("five") is not None)
    return (*tables, Table("five", five)) if five else tables


def _five(row: Mapping[str, Any]) -> tuple[str, ...]:
    figures = ("five", "five_macro_f1", "five_masked", "five_masked_macro_f1")
    return (row["name"], row["input"], *(share(row[name]) for name in figures))


def _model_row(row: Mapping[str, Any]) -> tuple[str, ...]:
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
