"""The plots that training writes and the site shows, drawn with matplotlib's object interface."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

PLOTS = Path(__file__).resolve().parent.parent.parent / "plots"

CURVES = ("accuracy", "loss", "precision", "recall")
TRAINING_COLOUR, VALIDATION_COLOUR = "#4c6ef5", "#e8590c"


def write_plots(
    metadata: dict[str, Any], report: dict[str, Any], history: list[dict[str, float]], directory: Path
) -> list[Path]:
    """Write training_{accuracy,loss,precision,recall}, class_distribution, confusion_matrix and the report's figures.

    Precision and recall are left out where only votes were learned: a distribution has neither.
    """
    figures = {f"training_{name}": curve(history, name) for name in CURVES if name in history[0]}
    figures["class_distribution"] = class_distribution(metadata["data"]["class_counts"])
    matrix = own_metrics(report)["PrivateTest"]["confusion_matrix"]
    figures["confusion_matrix"] = confusion(np.array(matrix), metadata["labels"])
    return save(figures | report_figures(report), directory)


def save(figures: dict[str, Figure], directory: Path) -> list[Path]:
    """Write each figure as a PNG file of its name; return the paths."""
    directory.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, figure in figures.items():
        paths.append(directory / f"{name}.png")
        FigureCanvasAgg(figure).print_png(str(paths[-1]))
    return paths


def curve(history: list[dict[str, float]], name: str) -> Figure:
    """One metric over the epochs, for training (augmented images) and PublicTest."""
    figure, axes = new_figure(6.4, 4)
    epochs = [row["epoch"] + 1 for row in history]
    axes.plot(
        epochs, [row[name] for row in history], color=TRAINING_COLOUR, label="Training, augmented", marker="."
    )
    axes.plot(
        epochs,
        [row[f"val_{name}"] for row in history],
        color=VALIDATION_COLOUR,
        label="PublicTest",
        linestyle="--",
        marker=".",
    )
    axes.set(xlabel="epoch", ylabel=name, title=f"{name.capitalize()} over the training")
    if name != "loss":
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.legend(frameon=False)
    return figure


def class_distribution(counts: dict[str, int]) -> Figure:
    """How many training images each class has."""
    figure, axes = new_figure(6.4, 4)
    bars = axes.bar(list(counts), list(counts.values()), color=TRAINING_COLOUR)
    axes.bar_label(bars, [f"{count:,}" for count in counts.values()], padding=2)
    axes.set(ylabel="images", title="Training images of each class")
    return figure


def confusion(matrix: np.ndarray[Any, np.dtype[np.int64]], labels: list[str]) -> Figure:
    """The share of each true class (row) that was read as each class (column), on PrivateTest."""
    figure, axes = new_figure(6.4, 5.6)
    share = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
    axes.grid(visible=False)
    axes.set_xticks(range(len(labels)), labels, rotation=45, ha="right")
    axes.set_yticks(
        range(len(labels)), [f"{name} ({n:,})" for name, n in zip(labels, matrix.sum(axis=1), strict=True)]
    )
    axes.set(xlabel="read as", ylabel="true class", title="Confusion matrix, PrivateTest")
    for row, values in enumerate(share):
        for column, value in enumerate(values):
            colour = "white" if value > 0.5 else "black"
            axes.text(column, row, f"{value:.0%}", ha="center", va="center", color=colour, fontsize=9)
    return figure


def new_figure(width: float, height: float) -> tuple[Figure, Any]:
    """A figure of so many inches with its axes, in the style of all."""
    figure = Figure(figsize=(width, height), dpi=110, layout="constrained")
    axes = figure.add_subplot()
    axes.grid(axis="y", alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


BAR, LINE = TRAINING_COLOUR, VALIDATION_COLOUR


def report_figures(report: dict[str, Any]) -> dict[str, Figure]:
    """The figures of PrivateTest against the model's own label source, by file name without suffix."""
    metrics = own_metrics(report)["PrivateTest"]
    return {
        "reliability": reliability_diagram(metrics),
        "risk_coverage": risk_coverage(metrics),
        "per_class": per_class(metrics),
        "confused_pairs": confused_pairs(metrics),
    }


def own_metrics(report: dict[str, Any]) -> dict[str, Any]:
    """The splits against the model's own label source; without votes, against the data set's label."""
    truths: dict[str, dict[str, Any]] = report["truths"]
    return truths[target] if (target := report["model"]["target"]) in truths else truths["fer2013"]


def reliability_diagram(metrics: dict[str, Any]) -> Figure:
    """How often answers of a confidence are right, with 95 % intervals, beside the line where both are equal."""
    figure, axes = new_figure(5.6, 5)
    bins = metrics["reliability"]
    confidence = np.array([b["confidence"] for b in bins])
    accuracy = np.array([b["accuracy"] for b in bins])
    reach = np.abs(np.array([b["interval"] for b in bins]).T - accuracy)
    axes.plot([0, 1], [0, 1], color="0.6", linewidth=1, linestyle="--", label="as sure as right")
    axes.errorbar(
        confidence, accuracy, yerr=reach, color=BAR, marker="o", markersize=4, capsize=2, label="measured"
    )
    axes.set(
        xlabel="confidence",
        ylabel="share of right answers",
        title=f"Reliability, PrivateTest (ECE {metrics['ece']:.3f})",
        xlim=(0, 1),
        ylim=(0, 1),
    )
    _percent(axes.xaxis, axes.yaxis)
    axes.legend(frameon=False, loc="upper left")
    share = axes.twinx()
    share.bar(
        confidence,
        [b["images"] / metrics["images"] for b in bins],
        width=0.05,
        color="0.5",
        alpha=0.22,
    )
    # The bars stay at the foot of the plot: they tell how many answers a point stands for.
    share.set(ylim=(0, 1))
    share.set_axis_off()
    axes.text(0.985, 0.02, "gray: share of the faces", ha="right", fontsize=8, color="0.35")
    return figure


def risk_coverage(metrics: dict[str, Any]) -> Figure:
    """The share of right answers when only the surest part of the faces is answered."""
    figure, axes = new_figure(6.4, 4)
    curve, sure = metrics["risk_coverage"], metrics["confident"]
    axes.plot(curve["coverage"], curve["accuracy"], color=BAR, marker=".")
    if sure["accuracy"] is not None:
        axes.plot([sure["coverage"]], [sure["accuracy"]], color=LINE, marker="o", linestyle="none")
        axes.annotate(
            f"answers given as sure:\n{sure['accuracy']:.0%} right of {sure['coverage']:.0%}",
            (sure["coverage"], sure["accuracy"]),
            (-12, -34),
            textcoords="offset points",
            ha="right",
            fontsize=9,
            color=LINE,
        )
    lowest = min(curve["accuracy"])
    axes.set(
        xlabel="share of the faces that get an answer, surest first",
        ylabel="share of right answers",
        title="Fewer answers, fewer errors, PrivateTest",
        xlim=(0, 1.02),
        ylim=(max(0, lowest - 0.08), 1.01),
    )
    _percent(axes.xaxis, axes.yaxis)
    return figure


def per_class(metrics: dict[str, Any]) -> Figure:
    """Precision, recall (with its 95 % interval) and F1 of each class."""
    classes = metrics["per_class"]
    figure, axes = new_figure(7.2, 4)
    places = np.arange(len(classes))
    for offset, name, colour in ((-0.27, "precision", "#91a7ff"), (0, "recall", BAR), (0.27, "f1", "0.6")):
        values = np.array([c[name] for c in classes.values()])
        reach = None
        if name == "recall":
            reach = np.abs(np.array([c["recall_interval"] for c in classes.values()]).T - values)
        label = {"f1": "F1", "recall": "recall, with 95 % interval"}.get(name, name)
        axes.bar(places + offset, values, 0.25, color=colour, label=label, yerr=reach, capsize=2)
    axes.set_xticks(places, [f"{name}\n({c['support']:,})" for name, c in classes.items()])
    axes.set(ylim=(0, 1.05), title="Each expression, PrivateTest (number of images)")
    _percent(axes.yaxis)
    axes.legend(frameon=False, ncols=3, loc="upper center", bbox_to_anchor=(0.5, -0.14))
    return figure


def confused_pairs(metrics: dict[str, Any]) -> Figure:
    """The label pairs that are most often confused."""
    pairs = metrics["confused"][::-1]
    figure, axes = new_figure(6.4, 3.4)
    names = [f"{pair['label']} read as {pair['read_as']}" for pair in pairs]
    bars = axes.barh(names, [pair["share"] for pair in pairs], color=BAR)
    texts = [f"{pair['share']:.0%} ({pair['images']:,})" for pair in pairs]
    axes.bar_label(bars, texts, padding=3, fontsize=9)
    axes.grid(visible=False)
    axes.grid(axis="x", alpha=0.25)
    largest = max((pair["share"] for pair in pairs), default=0.1)
    axes.set(
        xlim=(0, 1.25 * largest),
        xlabel="share of the first label’s images",
        title="Most confused, PrivateTest",
    )
    _percent(axes.xaxis)
    return figure


def _percent(*sides: Any) -> None:
    for side in sides:
        side.set_major_formatter(PercentFormatter(1, decimals=0))
