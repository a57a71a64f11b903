"""A drawn face for the samples: flat colours and a little shade, an astonished look, nobody's portrait."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

SIDE = 512
FINE = 3  # Drawn so many times as large and shrunk, for smooth edges.
PAPER, SKIN, SHADE, HAIR = (233, 226, 211), (226, 178, 146), (202, 146, 116), (74, 48, 38)
LINE, IRIS, LIPS, MOUTH, CLOTH = (70, 44, 38), (88, 122, 104), (176, 84, 82), (78, 26, 30), (38, 92, 104)
WHITE = (250, 248, 244)

Points = tuple[tuple[float, float], ...]


def drawing() -> Image.Image:
    """Return the drawing, RGB, 512 pixels a side."""
    sheet = Image.new("RGB", (SIDE * FINE, SIDE * FINE), PAPER)
    pen = ImageDraw.Draw(sheet)
    _oval(pen, 256, 226, 152, 182, HAIR)
    pen.polygon(_fine(((60, 512), (110, 430), (402, 430), (452, 512))), CLOTH)
    pen.rounded_rectangle(_fine(((206, 330), (306, 452))), 34 * FINE, SHADE)
    for x in (136, 376):
        _oval(pen, x, 258, 22, 36, SHADE)
    _oval(pen, 256, 250, 122, 156, SKIN)
    pen.chord(_fine(((126, 62), (386, 262))), 184, 356, HAIR)
    sheet = _shaded(sheet)
    pen = ImageDraw.Draw(sheet)
    for side in (-1, 1):
        _eye(pen, 256 + side * 50, 236, side)
    _nose_and_mouth(pen)
    return sheet.resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def _shaded(sheet: Image.Image) -> Image.Image:
    """Soft shade on the cheeks and below the brows."""
    layer = Image.new("L", sheet.size)
    pen = ImageDraw.Draw(layer)
    for side in (-1, 1):
        pen.ellipse(_around(256 + side * 98, 300, 34, 76), 120)
        pen.ellipse(_around(256 + side * 50, 234, 40, 26), 110)
    pen.ellipse(_around(256, 392, 64, 20), 110)
    soft = layer.filter(ImageFilter.GaussianBlur(12 * FINE))
    # On the skin alone.
    skin = Image.fromarray(np.all(np.asarray(sheet) == SKIN, axis=-1))
    return Image.composite(
        Image.new("RGB", sheet.size, SHADE), sheet, ImageChops.multiply(soft, skin.convert("L"))
    )


def _eye(pen: ImageDraw.ImageDraw, x: float, y: float, side: int) -> None:
    """A wide open eye under a raised brow; ``side`` is −1 for the viewer's left."""
    _oval(pen, x, y, 27, 19, LINE)
    _oval(pen, x, y + 1, 25, 17, WHITE)
    _oval(pen, x, y, 12, 12, IRIS)
    _oval(pen, x, y, 6, 6, (24, 18, 18))
    _oval(pen, x + 4, y - 4, 2.5, 2.5, WHITE)
    brow = ((x - side * 30, y - 42), (x - side * 4, y - 55), (x + side * 34, y - 40))
    pen.line(_fine(brow), HAIR, 9 * FINE, joint="curve")


def _nose_and_mouth(pen: ImageDraw.ImageDraw) -> None:
    pen.line(_fine(((250, 246), (240, 296), (252, 304), (268, 300))), SHADE, 5 * FINE, joint="curve")
    for x in (244, 268):
        _oval(pen, x, 301, 5, 3, LINE)
    _oval(pen, 256, 354, 31, 35, LIPS)
    _oval(pen, 256, 354, 23, 27, MOUTH)
    pen.chord(_around(256, 352, 21, 24), 200, 340, WHITE)


def _oval(
    pen: ImageDraw.ImageDraw, x: float, y: float, wide: float, tall: float, fill: tuple[int, int, int]
) -> None:
    pen.ellipse(_around(x, y, wide, tall), fill)


def _around(x: float, y: float, wide: float, tall: float) -> list[tuple[float, float]]:
    return _fine(((x - wide, y - tall), (x + wide, y + tall)))


def _fine(points: Points) -> list[tuple[float, float]]:
    return [(x * FINE, y * FINE) for x, y in points]
