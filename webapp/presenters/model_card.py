"""The model card: what the saved model is, how good it was measured to be, what it is not for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from model.metadata import Metadata
from webapp.presenters import comparison as all_models
from webapp.presenters import model_words, words
from webapp.presenters.choice import ChoiceView
from webapp.presenters.model_words import PLOTS, SPLITS, TRAINING_PLOTS, TRUTHS
from webapp.presenters.tables import Table, file_size, share, thousands

__all__ = ["PLOTS", "SPLITS", "ModelCardView", "present"]

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

    With a ``report`` (see ``model.report``) the figures have their intervals and every truth that was measured;
    without one they are the metadata's.
    """
    raw = metadata.raw
    truths: Mapping[str, Any] = (report or {}).get("truths") or {metadata.target: raw.get("metrics") or {}}
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
        comparison=all_models.present(comparison),
    )


def _limits(metadata: Metadata) -> tuple[str, ...]:
    known = model_words.FIVE_ONLY if len(metadata.labels) < 7 else model_words.ALL_SEVEN
    eyes = (model_words.EYES_ONLY,) if metadata.region == "upper_face" else ()
    return (model_words.WORDS_ONLY, known, *eyes, *model_words.LIMITS)


def _facts(metadata: Metadata) -> tuple[tuple[str, str], ...]:
    raw = metadata.raw
    data: Mapping[str, Any] = raw.get("data") or {}
    training: Mapping[str, Any] = raw.get("training") or {}
    reads = f"{words.size(metadata.input.width, metadata.input.height)} pixels, gray"
    if metadata.region == "upper_face":
        reads += ", of the band of eyes and eyebrows"
    if metadata.input.points:
        reads += f", and where {metadata.input.points} points of a face mesh lie"
    facts = [
        ("Version", f"{metadata.version}, {raw['created']}" if raw.get("created") else metadata.version),
        ("Answers with", model_words.TARGETS[metadata.target]),
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
        epochs = words.how_many(training["epochs_run"], "epoch")
        facts.append(("Training", f"{epochs}, “{training.get('configuration')}”"))
    facts.append(("Says “not sure” under", words.percent(metadata.confidence_threshold)))
    return tuple(facts)


def _tables(metadata: Metadata, truths: Mapping[str, Any]) -> tuple[Table, ...]:
    """Return the accuracy against each truth, the model's own first, then the single expressions."""
    order = sorted((truth for truth in TRUTHS if truths.get(truth)), key=lambda t: t != metadata.target)
    tables = [_accuracy(TRUTHS[truth], truths[truth]) for truth in order]
    own = truths.get(metadata.target) or {}
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
