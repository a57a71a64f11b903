"""The plot of the framing experiment: accuracy by the face's size in the photo and by its lean."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from training.plots import TRAINING_COLOUR, VALIDATION_COLOUR


def framing_figure(summary: dict[str, Any]) -> Figure:
    """Two panels: by scale and by roll, each beside the images themselves; intervals are 95 %."""
    figure = Figure(figsize=(9, 3.8), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(1, 2, sharey=True)
    parts = (("by_scale", "enlarged", "×"), ("by_roll", "leaning", "°"))
    for axes, (name, what, unit) in zip(panels, parts, strict=True):
        buckets = summary[name]
        places = np.arange(len(buckets))
        accuracy = np.array([b["accuracy"] for b in buckets])
        reach = np.abs(np.array([b["accuracy_interval"] for b in buckets]).T - accuracy)
        axes.errorbar(
            places,
            accuracy,
            yerr=reach,
            color=TRAINING_COLOUR,
            marker="o",
            capsize=3,
            label="found in a photo",
        )
        tight = [b["tight"] for b in buckets]
        axes.plot(
            places, tight, color=VALIDATION_COLOUR, marker="s", linestyle="--", label="the image itself"
        )
        axes.bar(
            places,
            [b["found"] for b in buckets],
            color="0.5",
            alpha=0.15,
            label="share of faces found",
            zorder=0,
        )
        axes.set_xticks(places, [f"{b['from']:g}–{b['to']:g}{unit}" for b in buckets])
        axes.set(xlabel=what, ylim=(0, 1.02))
        axes.grid(axis="y", alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
    panels[0].set_ylabel("share")
    panels[0].yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    panels[1].legend(frameon=False, loc="lower left")
    figure.suptitle("PrivateTest’s faces put into larger photos, read by the whole pipeline")
    return figure
