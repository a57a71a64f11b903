"""The plots of a report: reliability, risk and coverage, each class, the confused pairs."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from training.plots import TRAINING_COLOUR, VALIDATION_COLOUR, new_figure

BAR, LINE = TRAINING_COLOUR, VALIDATION_COLOUR


def report_figures(report: dict[str, Any]) -> dict[str, Figure]:
    """The figures of PrivateTest against the model's own truth, by file name without suffix."""
    figures = own_truth(report)["PrivateTest"]
    return {
        "reliability": reliability_diagram(figures),
        "risk_coverage": risk_coverage(figures),
        "per_class": per_class(figures),
        "confused_pairs": confused_pairs(figures),
    }


def own_truth(report: dict[str, Any]) -> dict[str, Any]:
    """The splits against what the model answers with; without votes at hand, against the data set's label."""
    truths: dict[str, dict[str, Any]] = report["truths"]
    return truths.get(report["model"]["target"], truths["fer2013"])


def reliability_diagram(figures: dict[str, Any]) -> Figure:
    """How often answers of a confidence are right, with 95 % intervals, beside the line where both are equal."""
    figure, axes = new_figure(5.6, 5)
    bins = figures["reliability"]
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
        title=f"Reliability, PrivateTest (ECE {figures['ece']:.3f})",
        xlim=(0, 1),
        ylim=(0, 1),
    )
    _percent(axes.xaxis, axes.yaxis)
    axes.legend(frameon=False, loc="upper left")
    share = axes.twinx()
    share.bar(
        confidence,
        [b["images"] / figures["images"] for b in bins],
        width=0.05,
        color="0.5",
        alpha=0.22,
    )
    # The bars stay at the foot of the picture: they tell how many answers a point stands for.
    share.set(ylim=(0, 1))
    share.set_axis_off()
    axes.text(0.985, 0.02, "gray: share of the faces", ha="right", fontsize=8, color="0.35")
    return figure


def risk_coverage(figures: dict[str, Any]) -> Figure:
    """The share of right answers when only the surest part of the faces is answered."""
    figure, axes = new_figure(6.4, 4)
    curve, sure = figures["risk_coverage"], figures["confident"]
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


def per_class(figures: dict[str, Any]) -> Figure:
    """Precision, recall (with its 95 % interval) and F1 of each class."""
    classes = figures["per_class"]
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


def confused_pairs(figures: dict[str, Any]) -> Figure:
    """The label pairs that are most often confused."""
    pairs = figures["confused"][::-1]
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
