"""Sheets of images that a model reads differently from their label, with the votes that people gave.

They show images of the data set, so they are for one's own eyes: they are written outside what is tracked, and a
folder that git keeps is refused.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from training.data.fer2013 import Split
from training.data.ferplus import ANSWERS

ROOT = Path(__file__).resolve().parent.parent.parent
TRACKED = ("bench", "docs", "model", "plots", "static", "templates", "tests", "training", "webapp")
COLUMNS, ROWS = 6, 5


def write_sheets(
    split: Split, probabilities: NDArray[np.float32], names: tuple[str, ...], directory: Path, pages: int = 4
) -> list[Path]:
    """Write up to ``pages`` PNG pages of the surest errors, surest first; return their paths.

    ``split``'s labels are indices into ``names``, ``probabilities`` (n, classes) the model's. Raises ValueError for a
    folder of the repository.
    """
    refuse_tracked(directory)
    directory.mkdir(parents=True, exist_ok=True)
    confidence, predicted = probabilities.max(axis=1), probabilities.argmax(axis=1)
    wrong = np.flatnonzero(predicted != split.labels)
    wrong = wrong[np.argsort(-confidence[wrong], kind="stable")]
    paths = []
    for page in range(min(pages, -(-len(wrong) // (ROWS * COLUMNS)))):
        chosen = wrong[page * ROWS * COLUMNS : (page + 1) * ROWS * COLUMNS]
        figure = Figure(figsize=(11, 12), dpi=100, layout="constrained")
        for place, index in enumerate(chosen, start=1):
            axes = figure.add_subplot(ROWS, COLUMNS, place)
            axes.imshow(split.images[index], cmap="gray", vmin=0, vmax=255)
            axes.set_axis_off()
            title = f"{names[split.labels[index]]} → {names[predicted[index]]} {confidence[index]:.0%}"
            axes.set_title(f"{title}\n{_votes(split, int(index))}", fontsize=8)
        paths.append(directory / f"page-{page + 1}.png")
        FigureCanvasAgg(figure).print_png(str(paths[-1]))
    return paths


def refuse_tracked(directory: Path) -> None:
    """Raise ValueError where the folder is one that git keeps."""
    resolved = directory.resolve()
    if resolved == ROOT or any(resolved.is_relative_to(ROOT / name) for name in TRACKED):
        raise ValueError(
            f"{directory} belongs to the repository, and images of the data set must not get there. "
            "Take a folder below runs/ or one outside the project."
        )


def _votes(split: Split, index: int) -> str:
    """The three answers that people gave most, such as "sadness 6, neutral 3, fear 1"."""
    if split.votes is None:
        return ""
    votes = split.votes[index]
    order = [int(i) for i in np.argsort(-votes, kind="stable")[:3] if votes[i]]
    return ", ".join(f"{ANSWERS[i]} {votes[i]}" for i in order) or "nobody saw a face"
