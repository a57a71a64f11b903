"""Drawings made by code: houses and cars, and faces as children, cartoonists and keyboards draw them.

RGB uint8 (height, width, 3). A drawn face is no photograph of a face: the networks have learned from none, so what
they say about one means nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from model.geometry import Pixels

from .patterns import Rng

SIDE = 480
FINE = 2  # Drawn twice as large and shrunk, for smooth edges.
EMOTICONS = tuple(chr(code) for code in (0x263A, 0x2639, *range(0x1F600, 0x1F641)))
FONT = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
Tone = tuple[int, int, int]


def house(rng: Rng) -> Pixels:
    """Two windows above a door: a face, if one wants to see it."""
    pen, draw = _sheet(rng)
    left, top, wide, tall = 100, 170, 280, 220
    _box(draw, left, top, wide, tall, _tone(rng, 120, 255), pen)
    draw.polygon(_fine([(left - 20, top), (left + wide + 20, top), (240, 60)]), _tone(rng, 60, 200), pen)
    window, side = _tone(rng, 0, 255), int(rng.integers(40, 70))
    for x in (left + 40, left + wide - 40 - side):
        _box(draw, x, top + 35, side, side, window, pen)
    _box(draw, 210, top + 120, 60, 100, _tone(rng, 0, 160), pen)
    return _done(draw)


def car(rng: Rng) -> Pixels:
    """A car from the front: lamps, grille, bumper."""
    pen, draw = _sheet(rng)
    body = _tone(rng, 60, 240)
    draw.rounded_rectangle(_fine([(80, 180), (400, 370)]), 60, body, pen, 6)
    draw.polygon(_fine([(130, 185), (350, 185), (310, 90), (170, 90)]), _tone(rng, 150, 255), pen)
    lamp = int(rng.integers(22, 40))
    for x in (140, 340):
        _disc(draw, x, 240, lamp, (250, 240, 200), pen)
        _disc(draw, x, 240, lamp // 2, (255, 255, 255), pen)
    _box(draw, 190, 265, 100, int(rng.integers(20, 50)), (40, 40, 40), pen)
    _box(draw, 100, 335, 280, 22, (170, 170, 170), pen)
    return _done(draw)


def socket(rng: Rng) -> Pixels:
    """A wall socket: two slots and a round hole."""
    pen, draw = _sheet(rng)
    draw.rounded_rectangle(_fine([(130, 80), (350, 400)]), 40, _tone(rng, 200, 255), pen, 4)
    for top in (120, 270):
        _box(draw, 195, top, 16, 50, (40, 40, 40), pen)
        _box(draw, 270, top, 16, 50, (40, 40, 40), pen)
        _disc(draw, 240, top + 85, 16, (40, 40, 40), pen)
    return _done(draw)


def flowers(rng: Rng) -> Pixels:
    pen, draw = _sheet(rng)
    for _ in range(int(rng.integers(3, 9))):
        x, y = rng.uniform(60, 420, 2)
        size, petal = float(rng.uniform(14, 34)), _tone(rng, 100, 255)
        for turn in np.linspace(0, 2 * np.pi, int(rng.integers(5, 10)))[:-1]:
            _disc(draw, x + 1.4 * size * np.cos(turn), y + 1.4 * size * np.sin(turn), size, petal, pen)
        _disc(draw, x, y, size, _tone(rng, 60, 255), pen)
    return _done(draw)


def smiley(rng: Rng) -> Pixels:
    """A disc with two dots and an arc."""
    pen, draw = _sheet(rng)
    x, y, size = 240, 240, float(rng.uniform(110, 200))
    _disc(draw, x, y, size, _tone(rng, 150, 255), pen, 6)
    eye = size * float(rng.uniform(0.08, 0.18))
    for side in (-1, 1):
        _disc(draw, x + side * 0.38 * size, y - 0.25 * size, eye, (20, 20, 20), pen)
    _mouth(draw, x, y + 0.35 * size, 0.55 * size, rng, pen)
    return _done(draw)


def line_face(rng: Rng) -> Pixels:
    """A face in lines alone, on paper."""
    return _face(rng, coloured=False, shaded=False)


def cartoon(rng: Rng) -> Pixels:
    """A face in flat colours: hair, brows, eyes with irises, nose, lips."""
    return _face(rng, coloured=True, shaded=False)


def shaded_cartoon(rng: Rng) -> Pixels:
    """The same with soft shadows, as in animated films and games."""
    return _face(rng, coloured=True, shaded=True)


def emoticon(rng: Rng) -> Pixels:
    """A face of the font DejaVu Sans, which comes with Matplotlib."""
    size = int(rng.integers(150, 400))
    image = Image.new("RGB", (SIDE, SIDE), _tone(rng, 190, 255))
    mark = str(rng.choice(EMOTICONS))
    font = ImageFont.truetype(str(FONT), size)
    ImageDraw.Draw(image).text((SIDE / 2, SIDE / 2), mark, _tone(rng, 0, 90), font, anchor="mm")
    return np.asarray(image, np.uint8)


def comic(rng: Rng) -> Pixels:
    """Four cartoons in frames."""
    tiles = [
        Image.fromarray(_face(rng, coloured=True, shaded=False)).resize((SIDE // 2,) * 2) for _ in range(4)
    ]
    sheet = Image.new("RGB", (SIDE, SIDE), "white")
    for place, tile in enumerate(tiles):
        sheet.paste(tile, ((place % 2) * SIDE // 2, (place // 2) * SIDE // 2))
    return np.asarray(sheet, np.uint8)


THINGS: tuple[Callable[[Rng], Pixels], ...] = (house, car, socket, flowers)
FACES: tuple[Callable[[Rng], Pixels], ...] = (
    smiley,
    line_face,
    cartoon,
    shaded_cartoon,
    emoticon,
    comic,
)


def _face(rng: Rng, *, coloured: bool, shaded: bool) -> Pixels:
    """Draw one face from its proportions; every feature is where a face has it, in random shape."""
    pen, draw = _sheet(rng)
    x, y, wide = 240.0, 250.0, float(rng.uniform(105, 150))
    tall = wide * float(rng.uniform(1.15, 1.4))
    skin = _skin(rng) if coloured else (255, 255, 255)
    hair = _tone(rng, 10, 140) if coloured else (255, 255, 255)
    if rng.random() < 0.7:
        _oval(draw, x, y - 0.25 * tall, 1.12 * wide, 0.95 * tall, hair, pen)
    _box(draw, x - 0.35 * wide, y + 0.7 * tall, 0.7 * wide, 0.6 * tall, skin, pen)
    _oval(draw, x, y, wide, tall, skin, pen)
    gap, eye = wide * float(rng.uniform(0.4, 0.5)), wide * float(rng.uniform(0.13, 0.26))
    level, iris = y - 0.15 * tall, _tone(rng, 20, 170)
    bend = float(rng.uniform(-0.12, 0.12)) * wide
    for side in (-1, 1):
        middle = x + side * gap
        _oval(draw, middle, level, eye, eye * float(rng.uniform(0.5, 1.2)), (255, 255, 255), pen)
        _disc(draw, middle, level, 0.5 * eye, iris if coloured else (30, 30, 30), pen)
        _disc(draw, middle, level, 0.25 * eye, (0, 0, 0), (0, 0, 0))
        brow = [
            (middle - eye, level - 1.6 * eye - side * bend),
            (middle + eye, level - 1.6 * eye + side * bend),
        ]
        draw.line(_fine(brow), hair if coloured else pen, int(FINE * rng.uniform(4, 12)))
    nose = y + 0.2 * tall
    draw.line(
        _fine([(x, level + 0.1 * tall), (x - 0.12 * wide, nose), (x + 0.08 * wide, nose)]), pen, 4 * FINE
    )
    _mouth(draw, x, y + 0.5 * tall, wide * float(rng.uniform(0.3, 0.55)), rng, pen)
    if rng.random() < 0.5:
        fringe = [
            (x - wide, y - 0.45 * tall),
            (x, y - 0.6 * tall),
            (x + wide, y - 0.45 * tall),
            (x, y - 1.15 * tall),
        ]
        draw.polygon(_fine(fringe), hair, pen)
    return _shade(_done(draw), rng) if shaded else _done(draw)


def _mouth(draw: ImageDraw.ImageDraw, x: float, y: float, wide: float, rng: Rng, pen: Tone) -> None:
    """A smile, a frown, an open mouth or a line."""
    kind, tall = rng.integers(4), wide * float(rng.uniform(0.3, 0.8))
    corners = _fine([(x - wide, y - tall), (x + wide, y + tall)])
    if kind == 0:
        draw.arc(corners, 20, 160, pen, 5 * FINE)
    elif kind == 1:
        draw.arc(corners, 200, 340, pen, 5 * FINE)
    elif kind == 2:
        _oval(draw, x, y, 0.6 * wide, tall, (120, 20, 30), pen)
    else:
        draw.line(_fine([(x - wide, y), (x + wide, y)]), pen, 5 * FINE)


def _shade(picture: Pixels, rng: Rng) -> Pixels:
    """Blur the flat colours a little and let light fall from one side."""
    soft = np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(rng.uniform(1.5, 4))), float)
    turn = rng.uniform(0, 2 * np.pi)
    y, x = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
    light = 1 + 0.35 * (np.cos(turn) * x + np.sin(turn) * y) - 0.15 * np.hypot(x, y)
    return np.asarray((soft * light[..., None]).clip(0, 255), np.uint8)


def _sheet(rng: Rng) -> tuple[Tone, ImageDraw.ImageDraw]:
    """The colour of the pen, and a sheet to draw on."""
    image = Image.new("RGB", (FINE * SIDE, FINE * SIDE), _tone(rng, 150, 255))
    return _tone(rng, 0, 70), ImageDraw.Draw(image)


def _done(draw: ImageDraw.ImageDraw) -> Pixels:
    image: Image.Image = draw._image
    return np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BOX), np.uint8)


def _tone(rng: Rng, low: int, high: int) -> Tone:
    red, green, blue = (int(value) for value in rng.integers(low, high, 3))
    return red, green, blue


def _skin(rng: Rng) -> Tone:
    red = rng.uniform(120, 250)
    return int(red), int(red * rng.uniform(0.65, 0.85)), int(red * rng.uniform(0.45, 0.7))


def _fine(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    return [(FINE * x, FINE * y) for x, y in points]


def _box(
    draw: ImageDraw.ImageDraw, x: float, y: float, wide: float, tall: float, fill: Tone, pen: Tone
) -> None:
    draw.rectangle(_fine([(x, y), (x + wide, y + tall)]), fill, pen, 2 * FINE)


def _oval(
    draw: ImageDraw.ImageDraw, x: float, y: float, wide: float, tall: float, fill: Tone, pen: Tone
) -> None:
    draw.ellipse(_fine([(x - wide, y - tall), (x + wide, y + tall)]), fill, pen, 2 * FINE)


def _disc(
    draw: ImageDraw.ImageDraw, x: float, y: float, radius: float, fill: Tone, pen: Tone, line: int = 2
) -> None:
    draw.ellipse(_fine([(x - radius, y - radius), (x + radius, y + radius)]), fill, pen, line * FINE)
