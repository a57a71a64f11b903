"""One picture to keep: the photo with its numbered boxes, and below it each face's probabilities as bars.

Drawn with matplotlib's object interface; pyplot would keep every figure of every visitor. Matplotlib is loaded
with the first picture that is asked for: a site whose visitors only look should not pay for it in memory.
"""

from __future__ import annotations

import io
import math
import os
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from model.draw import boxes_on_photo
from model.serialize import AnalysisDict, FaceDict
from model.stages import Face, Photo
from webapp.presenters import words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DPI = 120
WIDTH = 10.0  # Inches, like all sizes below.
PHOTO_SIDE = 960  # Pixels; with the margins beside it, no wider than the picture.
PANEL_HEIGHT = 2.0
TITLE_HEIGHT = 0.7
COLUMNS = 3
MOST_PANELS = 24
BAR, BAR_TOP, TEXT, MUTED = "#8fb3ba", "#0f6573", "#14232a", "#55666e"
IN_MEMORY = Path("/dev/shm")  # noqa: S108  # a folder of its own is made in there, and removed at once

# Matplotlib's fonts and caches are not made for several threads.
_lock = threading.Lock()


def draw(photo: Photo, result: AnalysisDict) -> bytes:
    """Return the picture as PNG; ``photo`` may be smaller than the one that the result's boxes were measured in."""
    faces = result["faces"]
    boxed = boxes_on_photo(photo, [_scaled(face, photo, result) for face in faces], max_side=PHOTO_SIDE)
    panels = faces[:MOST_PANELS]
    rows = math.ceil(len(panels) / COLUMNS)
    photo_height = boxed.shape[0] / DPI
    height = TITLE_HEIGHT + photo_height + rows * PANEL_HEIGHT + 0.4
    with _lock:
        _load_matplotlib()
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        figure = Figure(figsize=(WIDTH, height), dpi=DPI, facecolor="white")
        FigureCanvasAgg(figure)
        figure.text(
            0.03,
            1 - 0.3 / height,
            title(result),
            size=16,
            weight="bold",
            color=TEXT,
            va="center",
            parse_math=False,
        )
        figure.text(0.03, 0.15 / height, footnote(result), size=8, color=MUTED, va="center", parse_math=False)
        bottom = 1 - (TITLE_HEIGHT + photo_height) / height
        # Pixel by pixel: imshow would resample it, which takes most of the time and much memory.
        figure.figimage(
            boxed, (WIDTH * DPI - boxed.shape[1]) // 2, round(bottom * height * DPI), origin="upper"
        )
        for index, face in enumerate(panels):
            row, column = divmod(index, COLUMNS)
            top = bottom - (row * PANEL_HEIGHT + 0.45) / height
            panel = (PANEL_HEIGHT - 0.6) / height
            _bars(figure.add_axes((0.1 + 0.32 * column, top - panel, 0.185, panel)), index + 1, face)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png")
    return buffer.getvalue()


def title(result: AnalysisDict) -> str:
    """Return the picture's heading."""
    faces = result["faces"]
    if any(face["source"] == "region" for face in faces):
        return "The part pointed at; no face was detected"
    return f"{words.how_many(len(faces), 'face').capitalize()} found"


def footnote(result: AnalysisDict) -> str:
    """Return what the picture must not be shown without."""
    model = f"{result['model']['name']} {result['model']['version']}"
    left_out = max(0, len(result["faces"]) - MOST_PANELS)
    more = (
        f"Bars of the first {MOST_PANELS} faces; {left_out} more are in the JSON and CSV. "
        if left_out
        else ""
    )
    return f"{more}What faces look like to the model {model}; an expression is not an inner feeling."


def _bars(axes: Axes, number: int, face: FaceDict) -> None:
    """Draw one face's probabilities, most probable on top."""
    ranked = sorted(face["probabilities"].items(), key=lambda item: -item[1])
    names = [words.adjective(label) for label, _ in ranked]
    shares = [share for _, share in ranked]
    places = list(range(len(ranked)))
    axes.barh(places, [1.0] * len(ranked), color="#e7f0f1", height=0.62)
    axes.barh(places, shares, color=[BAR_TOP] + [BAR] * (len(ranked) - 1), height=0.62)
    for place, share in zip(places, shares, strict=True):
        axes.text(1.04, place, words.percent(share), va="center", size=8, color=TEXT, parse_math=False)
    axes.set_yticks(places, names, size=8, color=TEXT)
    axes.set_xticks([])
    axes.set_xlim(0, 1)
    axes.invert_yaxis()
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set_visible(False)
    answer = f"looks {names[0]}" if face["confident"] else "too close to call"
    axes.set_title(f"{number}  {answer}", size=10, weight="bold", color=TEXT, loc="left", x=-0.4, pad=5)


def _scaled(face: FaceDict, photo: Photo, result: AnalysisDict) -> Face:
    """Return the face with its positions in the pixels of ``photo``."""
    right, down = photo.width / result["width"], photo.height / result["height"]
    x, y, width, height = face["box"]
    points = {name: (place[0] * right, place[1] * down) for name, place in face["landmarks"].items()}
    return Face((x * right, y * down, width * right, height * down), points, face["score"])


def _load_matplotlib() -> None:
    """Import matplotlib once, keeping the list of fonts that it makes then out of any file that stays.

    It would otherwise write that list into the home folder, or warn where there is none.
    """
    if "matplotlib.font_manager" in sys.modules:
        return
    if "MPLCONFIGDIR" in os.environ:
        import matplotlib.font_manager

        return
    with tempfile.TemporaryDirectory(
        prefix="fonts-", dir=IN_MEMORY if IN_MEMORY.is_dir() else None
    ) as folder:
        os.environ["MPLCONFIGDIR"] = folder
        try:
            import matplotlib.font_manager  # noqa: F401  # reads or writes the list as it is imported
        finally:
            del os.environ["MPLCONFIGDIR"]
