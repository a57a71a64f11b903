"""The pictures that training writes and the site shows, drawn with matplotlib's object interface."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

CURVES = ("accuracy", "loss", "precision", "recall")
TRAINING_COLOUR, VALIDATION_COLOUR = "#4c6ef5", "#e8590c"


def write_plots(metadata: dict[str, Any], history: list[dict[str, float]], directory: Path) -> list[Path]:
    """Write training_{accuracy,loss,precision,recall}, class_distribution and confusion_matrix as PNG files.

    Precision and recall are left out where only votes were learned: a distribution has neither.
    """
    figures = {f"training_{name}": curve(history, name) for name in CURVES if name in history[0]}
    figures["class_distribution"] = class_distribution(metadata["data"]["class_counts"])
    figures["confusion_matrix"] = confusion(
        np.array(metadata["metrics"]["PrivateTest"]["confusion_matrix"]), metadata["labels"]
    )
    return save(figures, directory)


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
