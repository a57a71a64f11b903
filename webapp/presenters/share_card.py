"""A card worth posting: a face, what the network gets of it, what pointed to the answer, and ten people; or a group.

Drawn with Pillow on white, wide (1200 × 630, what previews of links take) or square.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from PIL import Image, ImageDraw

from model.geometry import Pixels
from webapp.presenters.expressions import NOBODY, Group
from webapp.presenters.images import fit
from webapp.presenters.result_image import BOLD, MUTED, TEXT, write_text

Shape = Literal["wide", "square"]
SIZES: dict[Shape, tuple[int, int]] = {"wide": (1200, 630), "square": (1080, 1080)}
SHAPES: dict[str, Shape] = {"wide": "wide", "square": "square"}
# Of static/css/expressions.css on a light page; a test compares them.
TONES = {
    "happy": "#c96a00",
    "surprise": "#dc2490",
    "neutral": "#4a4753",
    "sad": "#167ed2",
    "fear": "#6e138d",
    "disgust": "#3e7664",
    "angry": "#b8320b",
}
PAPER, OTHER = "#faf8f3", "#5e5a6b"
MARGIN = 56
FINER = 4  # Figures are drawn so many times larger.
REST = "split among the rest"
FACE, GRAYS, SPOKE = "The face", "{columns} by {rows} grays", "What pointed to it"  # Captions.
NOTE = "What a face looks like to a model, not what a person feels."


@dataclass(frozen=True, slots=True)
class ShareCard:
    """What stands on the card."""

    site: str  # Name of the site.
    title: str  # The answer.
    detail: str  # What the model expects; empty for a group.
    ten: tuple[Group, ...]  # Ten people; empty for a group, and for models that know none.
    pictures: tuple[tuple[Pixels, str], ...]  # RGB or gray with a caption each; the first is the large one.


def draw(card: ShareCard, shape: Shape) -> bytes:
    """Return the card as PNG."""
    width, height = SIZES[shape]
    page = Image.new("RGB", (width, height), PAPER)
    pen = ImageDraw.Draw(page)
    if len(card.pictures) > 1:
        left, top, room = _face(page, card, shape)
    else:
        left, top, room = _group(page, card, shape)
    top = _wrapped(pen, (left, top), card.title, 60, room, bold=True)
    if card.detail:
        top = _wrapped(pen, (left, top + 6), card.detail, 27, room, color=MUTED)
    if card.ten:
        step = min(66, room // 10)
        _people(page, card.ten, (left, top + 16), step)
        words = ", ".join(f"{group.count} {group.label or REST}" for group in card.ten)
        _wrapped(pen, (left, top + 30 + round(step * 1.35)), words, 24, room)
    note_top = height - MARGIN - (44 if write_text(pen, 0, 0, NOTE, size=18, measure=True) > room else 22)
    write_text(pen, left, note_top - 22, card.site, size=30, stroke=BOLD)
    _wrapped(pen, (left, note_top), NOTE, 18, room, color=MUTED)
    buffer = io.BytesIO()
    page.save(buffer, "PNG", compress_level=6)
    return buffer.getvalue()


def _face(page: Image.Image, card: ShareCard, shape: Shape) -> tuple[int, int, int]:
    """Paste the pictures of a face; return left edge, top and width of the room for the words."""
    pen = ImageDraw.Draw(page)
    large, small = (330, 156) if shape == "wide" else (474, 218)
    _paste(page, card.pictures[0][0], (MARGIN, MARGIN), large)
    for place, (picture, caption) in enumerate(card.pictures[1:3]):
        if shape == "wide":
            left, top = MARGIN + place * (large - small), MARGIN + large + 18
        else:
            left, top = MARGIN + large + 22, MARGIN + place * (large - small)
        _paste(page, picture, (left, top), small)
        beside = (
            (left + small // 2, top + small + 14)
            if shape == "wide"
            else (left + small + 14, top + small // 2)
        )
        write_text(
            pen,
            *beside,
            caption,
            size=16 if shape == "wide" else 20,
            color=MUTED,
            anchor="mm" if shape == "wide" else "lm",
        )
    if shape == "wide":
        left = MARGIN + large + 56
        return left, MARGIN, page.width - left - MARGIN
    return MARGIN, MARGIN + large + 36, page.width - 2 * MARGIN


def _group(page: Image.Image, card: ShareCard, shape: Shape) -> tuple[int, int, int]:
    """Paste the photo of a group, or of one face that has no other pictures; return as ``_face``."""
    picture = card.pictures[0][0]
    box = (620, page.height - 2 * MARGIN) if shape == "wide" else (page.width - 2 * MARGIN, 640)
    scale = min(box[0] / picture.shape[1], box[1] / picture.shape[0])
    size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    page.paste(
        Image.fromarray(picture).convert("RGB").resize(size, Image.Resampling.LANCZOS), (MARGIN, MARGIN)
    )
    if shape == "wide":
        left = MARGIN + size[0] + 44
        return left, MARGIN, page.width - left - MARGIN
    return MARGIN, MARGIN + size[1] + 36, page.width - 2 * MARGIN


def _paste(page: Image.Image, picture: Pixels, place: tuple[int, int], side: int) -> None:
    """Paste a square picture; the network's few pixels stay pixels."""
    small = picture.shape[0] < side // 2
    how = Image.Resampling.NEAREST if small else Image.Resampling.LANCZOS
    shown = picture if small else fit(picture, side)
    page.paste(Image.fromarray(shown).convert("RGB").resize((side, side), how), place)


def _people(page: Image.Image, ten: Sequence[Group], place: tuple[int, int], step: int) -> None:
    """Draw ten figures in a row."""
    high = round(step * 1.35)
    sheet = Image.new("RGB", (10 * step * FINER, high * FINER), PAPER)
    pen = ImageDraw.Draw(sheet)
    left = 0
    for group in ten:
        for _ in range(group.count):
            _figure(pen, left, group.tone, step * FINER)
            left += step * FINER
    page.paste(sheet.resize((10 * step, high), Image.Resampling.LANCZOS), place)


def _figure(pen: ImageDraw.ImageDraw, left: int, tone: str, step: int) -> None:
    """Draw one figure: shoulders, a head, and the face of the expression, as templates/_figures.svg has them."""
    unit = step / 27

    def box(x: float, y: float, width: float, height: float) -> tuple[float, float, float, float]:
        return left + x * unit, y * unit, left + (x + width) * unit, (y + height) * unit

    color = TONES.get(tone, OTHER)
    line = round(1.7 * unit)
    if tone == NOBODY:
        pen.ellipse(box(2.4, 2.4, 19.2, 19.2), outline=OTHER, width=line)
        pen.arc(box(3.4, 25.4, 17.2, 17.2), 180, 360, fill=OTHER, width=line)
        return
    pen.pieslice(box(2.5, 24.4, 19, 21), 180, 360, fill=color)
    pen.ellipse(box(1.5, 1.5, 21, 21), fill=color)
    if tone not in TONES:
        return
    for x in (8.4, 15.6):
        pen.ellipse(box(x - 1.2, 8.8, 2.4, 2.4), fill="white")
    mouths = {
        "happy": (6.8, 8.5, 10.4, 10.4),
        "surprise": (9.6, 13.2, 4.8, 6),
        "sad": (8, 15, 8, 6),
        "angry": (8, 15.4, 8, 4),
    }
    if tone == "happy":
        pen.chord(box(*mouths[tone]), 0, 180, fill="white")
    elif tone == "surprise":
        pen.ellipse(box(*mouths[tone]), outline="white", width=line)
    elif tone in mouths:
        pen.arc(box(*mouths[tone]), 180, 360, fill="white", width=line)
    else:
        bent = {"neutral": (0, 0, 0, 0), "fear": (0, -1.6, 0, -1.6), "disgust": (0, -2, 0.6, -1.4)}[tone]
        points = [
            (left + x * unit, (16.4 + y) * unit) for x, y in zip((7.4, 10, 13, 16.6), bent, strict=True)
        ]
        pen.line(points, fill="white", width=line, joint="curve")
    if tone == "angry":
        for x, down in ((5.8, 1), (14, -1)):
            y = 6.6 if down > 0 else 8.9
            pen.line(
                [(left + x * unit, y * unit), (left + (x + 4.2) * unit, (y + 2.3 * down) * unit)],
                fill="white",
                width=line,
            )


def _wrapped(
    pen: ImageDraw.ImageDraw,
    place: tuple[int, int],
    text: str,
    size: int,
    room: int,
    *,
    bold: bool = False,
    color: str = TEXT,
) -> int:
    """Write a text in lines of at most ``room`` pixels below ``place``; return the y below the last line."""
    left, top = place
    line = ""
    lines = []
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and write_text(pen, 0, 0, longer, size=size, measure=True) > room:
            lines.append(line)
            longer = word
        line = longer
    for each in [*lines, line]:
        write_text(
            pen, left, top + round(0.6 * size), each, size=size, color=color, stroke=1.0 if bold else 0.0
        )
        top += round(1.2 * size)
    return top
