"""Pictures made by code: noise, gradients, textures, charts and pages. RGB uint8 (height, width, 3)."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from model.geometry import Pixels

Rng = np.random.Generator
Real = NDArray[np.float64]
WIDTH, HEIGHT = 640, 480
WORDS = (
    "quick",
    "brown",
    "fox",
    "jumps",
    "over",
    "lazy",
    "dog",
    "seven",
    "boats",
    "drift",
    "along",
    "shores",
)


def white_noise(rng: Rng) -> Pixels:
    return np.asarray(rng.integers(0, 256, (HEIGHT, WIDTH, 3)), np.uint8)


def smooth_noise(rng: Rng) -> Pixels:
    """Noise blurred to spots of 2 to 40 pixels."""
    return _coloured(_spots(rng, float(rng.uniform(2, 40))), rng)


def cloud(rng: Rng) -> Pixels:
    """Noise whose amplitude falls with frequency, as in photos of nature."""
    return _coloured(sum(_spots(rng, 2.0**octave) * 2.0**octave for octave in range(1, 7)), rng)


def salt_and_pepper(rng: Rng) -> Pixels:
    grains = rng.random((HEIGHT, WIDTH))
    share = rng.uniform(0.02, 0.2)
    picture = np.full((HEIGHT, WIDTH), 128, np.uint8)
    picture[grains < share], picture[grains > 1 - share] = 0, 255
    return _gray(picture)


def gradient(rng: Rng) -> Pixels:
    y, x = _grid()
    turn = rng.uniform(0, 2 * np.pi)
    return _coloured(np.cos(turn) * x / WIDTH + np.sin(turn) * y / HEIGHT, rng)


def vignette(rng: Rng) -> Pixels:
    y, x = _grid()
    middle = rng.uniform(0.2, 0.8, 2) * (WIDTH, HEIGHT)
    return _coloured(-np.hypot(x - middle[0], y - middle[1]), rng)


def grating(rng: Rng) -> Pixels:
    y, x = _grid()
    turn, period = rng.uniform(0, np.pi), rng.uniform(6, 80)
    return _coloured(np.sin(2 * np.pi * (np.cos(turn) * x + np.sin(turn) * y) / period), rng)


def plaid(rng: Rng) -> Pixels:
    y, x = _grid()
    waves = [np.sin(2 * np.pi * along / rng.uniform(10, 120)) for along in (x, y, x, y)]
    return _coloured(sum(waves), rng)


def chessboard(rng: Rng) -> Pixels:
    y, x = _grid()
    side = int(rng.integers(8, 80))
    return _coloured(((x // side + y // side) % 2).astype(float), rng)


def rings(rng: Rng) -> Pixels:
    """Rings of wood, bent by noise."""
    y, x = _grid()
    far = np.hypot(x - rng.uniform(0, WIDTH), 2 * (y - rng.uniform(0, HEIGHT)))
    return _coloured(np.sin(far / rng.uniform(3, 14) + 40 * _spots(rng, 30)), rng)


def marble(rng: Rng) -> Pixels:
    y, x = _grid()
    bent = 200 * _spots(rng, 25) + 80 * _spots(rng, 8)
    return _coloured(np.abs(np.sin((x + y + bent) / rng.uniform(20, 60))), rng)


def cells(rng: Rng) -> Pixels:
    """Distance to the nearest of some points, as in pebbles or leather."""
    mask = np.ones((HEIGHT, WIDTH), np.uint8)
    count = int(rng.integers(20, 400))
    mask[rng.integers(0, HEIGHT, count), rng.integers(0, WIDTH, count)] = 0
    return _coloured(cv2.distanceTransform(mask, cv2.DIST_L2, 5).astype(float), rng)


def dots(rng: Rng) -> Pixels:
    """Dots in rows, as of perforated metal or a lamp field."""
    picture = np.full((HEIGHT, WIDTH), int(rng.integers(120, 240)), np.uint8)
    step = int(rng.integers(16, 90))
    for top in range(step // 2, HEIGHT, step):
        for left in range(step // 2, WIDTH, step):
            cv2.circle(picture, (left, top), int(step * rng.uniform(0.15, 0.4)), 30, -1, cv2.LINE_AA)
    return _gray(picture)


def bricks(rng: Rng) -> Pixels:
    picture = np.full((HEIGHT, WIDTH, 3), 190, np.uint8)
    tall, wide = int(rng.integers(14, 50)), int(rng.integers(40, 130))
    for row, top in enumerate(range(0, HEIGHT, tall)):
        for left in range(-wide * (row % 2) // 2, WIDTH, wide):
            tone = rng.normal((150, 80, 60), 12).clip(0, 255).tolist()
            cv2.rectangle(picture, (left + 2, top + 2), (left + wide - 3, top + tall - 3), tone, -1)
    return _grainy(picture, rng)


def blots(rng: Rng) -> Pixels:
    """Dark and light ellipses on noise, at random: now and then two of them lie as eyes do."""
    picture = smooth_noise(rng)
    for _ in range(int(rng.integers(5, 60))):
        place = (int(rng.integers(0, WIDTH)), int(rng.integers(0, HEIGHT)))
        axes = tuple(int(side) for side in rng.integers(3, 60, 2))
        tone = rng.integers(0, 256, 3).tolist()
        cv2.ellipse(picture, place, axes, float(rng.uniform(0, 180)), 0, 360, tone, -1, cv2.LINE_AA)
    return picture


def symmetric_noise(rng: Rng) -> Pixels:
    """An inkblot: smooth noise, mirrored."""
    half = cloud(rng)[:, : WIDTH // 2]
    return np.ascontiguousarray(np.concatenate([half, half[:, ::-1]], axis=1))


def mosaic(rng: Rng) -> Pixels:
    side = int(rng.integers(8, 40))
    small = rng.integers(0, 256, (-(-HEIGHT // side), -(-WIDTH // side), 3)).astype(np.uint8)
    large = np.repeat(np.repeat(small, side, axis=0), side, axis=1)
    return np.ascontiguousarray(large[:HEIGHT, :WIDTH])


def page(rng: Rng) -> Pixels:
    """A page of text in one or two columns."""
    image = Image.new("RGB", (WIDTH, HEIGHT), "white")
    draw, size = ImageDraw.Draw(image), int(rng.integers(9, 30))
    font = ImageFont.load_default(size)
    for left in (20,) if rng.random() < 0.5 else (20, WIDTH // 2 + 10):
        for top in range(20, HEIGHT - 2 * size, int(1.5 * size)):
            line = " ".join(rng.choice(WORDS, 12))
            draw.text((left, top), line[: int(WIDTH / size / (1 if left else 2))], "black", font)
    return np.asarray(image, np.uint8)


def bar_chart(rng: Rng) -> Pixels:
    picture = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    count = int(rng.integers(3, 14))
    wide = (WIDTH - 80) // count
    for place in range(count):
        top = int(rng.uniform(40, HEIGHT - 60))
        corner = (50 + place * wide, top)
        tone = rng.integers(0, 256, 3).tolist()
        cv2.rectangle(picture, corner, (corner[0] + wide - 8, HEIGHT - 40), tone, -1)
    cv2.line(picture, (40, HEIGHT - 40), (WIDTH - 20, HEIGHT - 40), (0, 0, 0), 2)
    cv2.line(picture, (40, 20), (40, HEIGHT - 40), (0, 0, 0), 2)
    return picture


def curves(rng: Rng) -> Pixels:
    picture = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    x = np.arange(0, WIDTH)
    for _ in range(int(rng.integers(2, 7))):
        y = HEIGHT / 2 + np.cumsum(rng.normal(0, 4, WIDTH))
        line = np.stack([x, y], axis=1).astype(np.int32)
        cv2.polylines(picture, [line], False, rng.integers(0, 200, 3).tolist(), 2, cv2.LINE_AA)
    return picture


PATTERNS: dict[str, tuple[Callable[[Rng], Pixels], ...]] = {
    "noise": (white_noise, smooth_noise, cloud, salt_and_pepper, symmetric_noise),
    "gradient": (gradient, vignette),
    "texture": (grating, plaid, chessboard, rings, marble, cells, dots, bricks, blots, mosaic),
    "page or chart": (page, bar_chart, curves),
}


def _grid() -> tuple[Real, Real]:
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    return y.astype(float), x.astype(float)


def _spots(rng: Rng, sigma: float) -> Real:
    blurred = cv2.GaussianBlur(rng.standard_normal((HEIGHT, WIDTH)), (0, 0), sigma)
    return np.asarray(blurred, np.float64)


def _coloured(values: Real | int, rng: Rng) -> Pixels:
    """Values of any range between two colours, one dark and one light."""
    real = np.asarray(values, np.float64)
    share = ((real - real.min()) / max(float(np.ptp(real)), 1e-9))[..., None]
    dark, light = rng.uniform(0, 110, 3), rng.uniform(140, 255, 3)
    return np.asarray(dark + share * (light - dark), np.uint8)


def _gray(picture: NDArray[np.uint8]) -> Pixels:
    return np.repeat(picture[..., None], 3, axis=2)


def _grainy(picture: Pixels, rng: Rng) -> Pixels:
    return np.asarray((picture + rng.normal(0, 6, picture.shape)).clip(0, 255), np.uint8)
