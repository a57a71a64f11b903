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
from typing import TYPE_CHECKING, Any

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
MARGIN = 0.3
BAR_POINTS = 9.0
TRACK, BAR, BAR_TOP, TEXT, MUTED = "#e7f0f1", "#8fb3ba", "#0f6573", "#14232a", "#55666e"
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
        # One field over everything, measured in inches from the bottom left: two dozen fields take seconds.
        page = figure.add_axes((0, 0, 1, 1))
        page.set_axis_off()
        page.set(xlim=(0, WIDTH), ylim=(0, height))
        _write(page, MARGIN, height - 0.35, title(result), size=16, weight="bold")
        _write(page, MARGIN, 0.2, footnote(result), size=8, color=MUTED)
        # Pixel by pixel: imshow would resample it, which takes most of the time and much memory.
        bottom = height - TITLE_HEIGHT - photo_height
        figure.figimage(boxed, (WIDTH * DPI - boxed.shape[1]) // 2, round(bottom * DPI), origin="upper")
        for index, face in enumerate(panels):
            row, column = divmod(index, COLUMNS)
            left = MARGIN + column * (WIDTH - MARGIN) / COLUMNS
            _panel(page, left, bottom - row * PANEL_HEIGHT - 0.35, index + 1, face)
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


def _panel(page: Axes, left: float, top: float, number: int, face: FaceDict) -> None:
    """Write one face's answer and draw its probabilities below it, most probable on top; positions in inches."""
    ranked = sorted(face["probabilities"].items(), key=lambda item: -item[1])
    start, length = left + 0.75, 1.65
    rows = [top - 0.3 - 0.19 * place for place in range(len(ranked))]
    answer = f"looks {words.adjective(ranked[0][0])}" if face["confident"] else "too close to call"
    _write(page, left, top, f"{number}  {answer}", size=10, weight="bold")
    page.hlines(rows, start, start + length, colors=TRACK, linewidth=BAR_POINTS, capstyle="butt")
    ends = [start + length * share for _, share in ranked]
    colours = [BAR_TOP] + [BAR] * (len(ranked) - 1)
    page.hlines(rows, start, ends, colors=colours, linewidth=BAR_POINTS, capstyle="butt")
    for row, (label, share) in zip(rows, ranked, strict=True):
        _write(page, start - 0.07, row, words.adjective(label), size=8, ha="right")
        _write(page, start + length + 0.07, row, words.percent(share), size=8)


def _write(page: Axes, x: float, y: float, text: str, *, color: str = TEXT, **style: Any) -> None:
    """Write one line of text, its middle at this height; no "$" in it means mathematics."""
    page.text(x, y, text, color=color, va="center_baseline", parse_math=False, **style)


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
