"""The results as an image: the photo with its numbered boxes, and below it each face's probabilities as bars.

Drawn with Pillow and its font, because a plotting library would double the worker's memory.
"""

from __future__ import annotations

import functools
import io
import math
import unicodedata

from PIL import Image, ImageDraw, ImageFont

from model.output.draw import boxes_on_photo
from model.output.serialize import AnalysisDict, FaceDict
from model.output.tables import in_order
from model.types import Photo
from webapp.presenters import formatters, messages
from webapp.presenters.confidence import too_close
from webapp.services.carried import faces_on

# Pixels, like all sizes below.
WIDTH = 1200
PHOTO_SIDE = 1152
MARGIN = 36
TITLE_HEIGHT = 84
FOOT_HEIGHT = 48
PANEL_HEIGHT = 240
BAR_START, BAR_LENGTH, BAR_HEIGHT, BAR_STEP = 94, 200, 15, 24
COLUMNS = 3
MOST_PANELS = 24
BOLD = 0.35
TRACK, BAR, BAR_TOP, TEXT, MUTED = "#e7f0f1", "#8fb3ba", "#0f6573", "#14232a", "#55666e"


def draw(photo: Photo, result: AnalysisDict) -> bytes:
    """Return the image as PNG; ``photo`` may be smaller than the photo in whose pixels the result's boxes are."""
    faces = in_order(result)
    numbers = [face["number"] for face in result["faces"]]
    boxed = boxes_on_photo(photo, faces_on(photo, result), max_side=PHOTO_SIDE, numbers=numbers)
    panels = faces[:MOST_PANELS]
    bars_from = TITLE_HEIGHT + boxed.shape[0] + MARGIN
    height = bars_from + math.ceil(len(panels) / COLUMNS) * PANEL_HEIGHT + FOOT_HEIGHT
    page = Image.new("RGB", (WIDTH, height), "white")
    page.paste(Image.fromarray(boxed), ((WIDTH - boxed.shape[1]) // 2, TITLE_HEIGHT))
    pen = ImageDraw.Draw(page)
    write_text(pen, MARGIN, TITLE_HEIGHT // 2, title(result), size=30, stroke=BOLD)
    for index, face in enumerate(panels):
        row, column = divmod(index, COLUMNS)
        left = MARGIN + column * (WIDTH - MARGIN) // COLUMNS
        _panel(pen, left, bars_from + row * PANEL_HEIGHT, face)
    write_text(pen, MARGIN, height - FOOT_HEIGHT // 2, footnote(result), size=15, color=MUTED)
    buffer = io.BytesIO()
    page.save(buffer, format="PNG", compress_level=3)
    return buffer.getvalue()


def title(result: AnalysisDict) -> str:
    """Return the heading."""
    faces = result["faces"]
    if faces and all(face["source"] != "detected" for face in faces):
        return "No face was detected; read is what is in the box"
    return f"{formatters.how_many(len(faces), 'face').capitalize()} found"


def footnote(result: AnalysisDict) -> str:
    """Return the caption below the panels."""
    model = f"{result['model']['name']} {result['model']['version']}"
    left_out = max(0, len(result["faces"]) - MOST_PANELS)
    more = (
        f"Bars of the first {MOST_PANELS} faces; {left_out} more are in the JSON and CSV. "
        if left_out
        else ""
    )
    shown = "What faces look like to the model"
    if result["model"].get("target") == "people_votes":
        shown = "Bars: the shares of people that would say so, as expected by the model"
    return f"{more}{shown} {model}; an expression is not an inner feeling."


def _panel(pen: ImageDraw.ImageDraw, left: int, top: int, face: FaceDict) -> None:
    """Write one face's prediction and draw its probabilities below it, most probable on top."""
    ranked = sorted(face["probabilities"].items(), key=lambda item: -item[1])
    answer = f"looks {messages.adjective(ranked[0][0])}"
    if not face["confident"]:
        close = too_close(face["probabilities"])
        answer = "too close to call" if close else f"not sure, perhaps {messages.adjective(ranked[0][0])}"
    write_text(pen, left, top + 16, f"{face['number']}  {answer}", size=20, stroke=BOLD)
    start = left + BAR_START
    for place, (label, share) in enumerate(ranked):
        row = top + 52 + BAR_STEP * place
        bar = (row - BAR_HEIGHT // 2, row + BAR_HEIGHT // 2)
        pen.rectangle((start, bar[0], start + BAR_LENGTH - 1, bar[1]), fill=TRACK)
        if length := round(BAR_LENGTH * share):
            pen.rectangle((start, bar[0], start + length - 1, bar[1]), fill=BAR if place else BAR_TOP)
        write_text(pen, start - 10, row, messages.adjective(label), size=16, anchor="rm")
        write_text(pen, start + BAR_LENGTH + 10, row, formatters.percent(share), size=16)


def write_text(
    pen: ImageDraw.ImageDraw,
    x: int,
    y: int,
    text: str,
    *,
    size: int,
    color: str = TEXT,
    anchor: str = "lm",
    stroke: float = 0.0,
    measure: bool = False,
) -> float:
    """Write one line of text, vertically centered at ``y``; return its length in pixels.

    A stroke makes it bold, since Pillow has no bold font; with ``measure`` nothing is written.
    """
    # The font lacks narrow and no-break spaces.
    shown = unicodedata.normalize("NFKC", text)
    if not measure:
        pen.text((x, y), shown, fill=color, font=_font(size), anchor=anchor, stroke_width=stroke)
    return float(pen.textlength(shown, font=_font(size)))


@functools.cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
