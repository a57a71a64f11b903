"""The model card: what the saved model is, how good it was measured to be, what it is not for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from model.store.metadata import Metadata
from webapp.presenters import formatters, model_words
from webapp.presenters.formatters import Table, file_size, share, thousands
from webapp.presenters.model_choice import ChoiceView
from webapp.presenters.model_words import PLOTS, SPLITS, TRAINING_PLOTS, TRUTHS

# The tables of single expressions are about the first of these that was measured.
DETAILED = ("PrivateTest", "test", "PublicTest")


@dataclass(frozen=True, slots=True)
class PlotView:
    """A picture that training made, what it shows, and its size in pixels."""

    file: str
    caption: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class ModelCardView:
    """The page about one saved model; ``others`` are the rest."""

    name: str
    title: str
    description: str
    facts: tuple[tuple[str, str], ...]
    tables: tuple[Table, ...]
    protocol: str
    intended: tuple[str, ...]
    forbidden: tuple[str, ...]
    data: tuple[str, ...]
    limits: tuple[str, ...]
    measured_plots: tuple[PlotView, ...]
    training_plots: tuple[PlotView, ...]
    others: tuple[ChoiceView, ...]
    comparison: tuple[Table, ...]


def present(
    metadata: Metadata,
    plot_sizes: Mapping[str, tuple[int, int]],
    report: Mapping[str, Any] | None = None,
    others: tuple[ChoiceView, ...] = (),
    comparison: Mapping[str, Any] | None = None,
) -> ModelCardView:
    """Return the card; ``plot_sizes`` has the (width, height) of every plot that is there, by file name.

    With a ``report`` (see ``model.store.reports``) the figures have their intervals and every truth that was measured;
    without one they are the metadata's.
    """
    raw = metadata.raw
    truths: Mapping[str, Any] = (report or {}).get("truths") or {
        metadata.label_source: raw.get("metrics") or {}
    }
    plots = [PlotView(file, text, *plot_sizes[file]) for file, text in PLOTS.items() if file in plot_sizes]
    return ModelCardView(
        name=metadata.name,
        title=f"{metadata.name} {metadata.version}",
        description=str(raw.get("description", "")),
        facts=_facts(metadata),
        tables=_tables(metadata, truths),
        protocol=str(raw.get("protocol", "")),
        intended=model_words.INTENDED,
        forbidden=model_words.FORBIDDEN,
        data=model_words.DATA,
        limits=_limits(metadata),
        measured_plots=tuple(plot for plot in plots if plot.file not in TRAINING_PLOTS),
        training_plots=tuple(plot for plot in plots if plot.file in TRAINING_PLOTS),
        others=others,
        comparison=present_comparison(comparison),
    )


def _limits(metadata: Metadata) -> tuple[str, ...]:
    known = model_words.FIVE_ONLY if len(metadata.labels) < 7 else model_words.ALL_SEVEN
    eyes = (model_words.EYES_ONLY,) if metadata.region == "upper_face" else ()
    return (model_words.WORDS_ONLY, known, *eyes, *model_words.LIMITS)


def _facts(metadata: Metadata) -> tuple[tuple[str, str], ...]:
    raw = metadata.raw
    data: Mapping[str, Any] = raw.get("data") or {}
    training: Mapping[str, Any] = raw.get("training") or {}
    reads = f"{formatters.size(metadata.input.width, metadata.input.height)} pixels, gray"
    if metadata.region == "upper_face":
        reads += ", of the band of eyes and eyebrows"
    if metadata.input.points:
        reads += f", and where {metadata.input.points} points of a face mesh lie"
    facts = [
        ("Version", f"{metadata.version}, {raw['created']}" if raw.get("created") else metadata.version),
        ("Answers with", model_words.TARGETS[metadata.label_source]),
        ("Input", reads),
        ("Expressions", ", ".join(metadata.labels)),
    ]
    if raw.get("parameters"):
        facts.append(("Parameters", thousands(int(raw["parameters"]))))
    stored = (raw.get("files", {}).get("model.onnx") or {}).get("bytes")
    if stored:
        facts.append(("File", file_size(stored)))
    if data.get("name"):
        images = (data.get("images") or {}).get("Training")
        facts.append(
            ("Learned from", f"{data['name']}, {thousands(images)} images" if images else str(data["name"]))
        )
    if training.get("epochs_run"):
        epochs = formatters.how_many(training["epochs_run"], "epoch")
        facts.append(("Training", f"{epochs}, “{training.get('configuration')}”"))
    facts.append(("Says “not sure” under", formatters.percent(metadata.confidence_threshold)))
    return tuple(facts)


def _tables(metadata: Metadata, truths: Mapping[str, Any]) -> tuple[Table, ...]:
    """Return the accuracy against each truth, the model's own first, then the single expressions."""
    order = sorted((truth for truth in TRUTHS if truths.get(truth)), key=lambda t: t != metadata.label_source)
    tables = [_accuracy(TRUTHS[truth], truths[truth]) for truth in order]
    own = truths.get(metadata.label_source) or {}
    split = next((split for split in DETAILED if split in own), None)
    return (*tables, *_details(metadata.labels, SPLITS[split], own[split])) if split else tuple(tables)


def _accuracy(caption: str, metrics: Mapping[str, Any]) -> Table:
    columns = (
        "Images",
        "Number",
        "Accuracy",
        "Macro-F1",
        "Calibration error",
        "Sure about",
        "Right when sure",
    )
    rows = []
    for split, name in SPLITS.items():
        values = metrics.get(split)
        if not values:
            continue
        confident: Mapping[str, Any] = values.get("confident") or {}
        rows.append(
            (
                name,
                thousands(values.get("images")),
                _with_interval(values, "accuracy"),
                _with_interval(values, "macro_f1"),
                share(values.get("ece")),
                share(confident.get("coverage")),
                share(confident.get("accuracy")),
            )
        )
    return Table(caption, columns, tuple(rows))


def _details(labels: tuple[str, ...], split: str, values: Mapping[str, Any]) -> list[Table]:
    """Return the table of single expressions and the confusion matrix, as far as they were measured."""
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
        columns = ("Expression", "Precision", "Recall", "F1", "Images")
        tables.append(Table(f"Each expression: {split}", columns, rows))
    matrix = values.get("confusion_matrix")
    if matrix:
        shares = tuple(
            (label, *(share(count / max(1, sum(counts))) for count in counts))
            for label, counts in zip(labels, matrix, strict=True)
        )
        tables.append(Table(f"What is taken for what: {split}", ("Labelled ↓ / answered →", *labels), shares))
    return tables


def _with_interval(values: Mapping[str, Any], name: str) -> str:
    """Return a share and, where it was measured, the 95 % interval behind it."""
    interval = values.get(f"{name}_interval")
    if not interval:
        return share(values.get(name))
    low, high = (f"{100 * value:.1f}" for value in interval)
    return f"{share(values.get(name))} ({low}–{high})"


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


def present_comparison(comparison: Mapping[str, Any] | None) -> tuple[Table, ...]:
    """Return the tables of ``model.store.reports.load_comparison``; none for one model, which needs none."""
    if comparison is None or len(comparison["rows"]) < 2:
        return ()
    rows = comparison["rows"]
    systems = tuple(row["system"] for row in rows)
    tables = (Table(CAPTION, COLUMNS, tuple(_model_row(row) for row in rows), systems),)
    five = tuple(_five(row) for row in rows if row.get("five") is not None)
    return (*tables, Table(FIVE_CAPTION, FIVE_COLUMNS, five)) if five else tables


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
