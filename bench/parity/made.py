"""Photos for every pass of the search, made of the sample portraits, and the samples themselves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from model import load_photo
from model.geometry import Pixels
from model.types import Photo

SAMPLES = Path(__file__).resolve().parent.parent.parent / "static" / "samples"


def made_photos() -> Iterator[tuple[str, Photo]]:
    """Yield each photo with a name that says what it is."""
    for path in sorted(SAMPLES.glob("*.jpg")):
        yield path.name, load_photo(path.read_bytes())
    portrait = load_photo((SAMPLES / "astronaut.jpg").read_bytes()).pixels
    for degrees in (10, 20, 30, 45, 90, 135, 180, 225, 270, 315):
        yield f"turned by {degrees}°", Photo(turned(portrait, degrees))
    yield "turned, and the file says which way is up", Photo(turned(portrait, 90), oriented=True)
    for side in (60, 120, 250, 700, 1100):
        yield f"at {side} pixels", Photo(scaled(portrait, side))
    for blur in (2, 5, 9):
        yield f"blurred by {blur}", Photo(np.asarray(cv2.GaussianBlur(portrait, (0, 0), blur), np.uint8))
    for light in (0.1, 0.3, 1.8):
        yield f"light × {light}", Photo(np.clip(portrait * light, 0, 255).astype(np.uint8))
    for left in (180, 220, 240):
        yield f"cut at {left}", Photo(np.ascontiguousarray(portrait[:, left:]))
    yield "cut above", Photo(np.ascontiguousarray(portrait[95:, :]))
    yield "the face alone", Photo(np.ascontiguousarray(portrait[70:165, 185:260]))
    yield "a small one in a wide view", Photo(on_gray(scaled(portrait, 140), 900, 1300))
    yield "small faces in a large photo", Photo(several(portrait, 2000, 3000))
    yield "no face", Photo(turned(portrait, 0)[300:, :200].copy())
    yield "a gradient", Photo(gradient())
    yield "a narrow strip", Photo(np.ascontiguousarray(portrait[:, 200:250]))


def turned(photo: Pixels, degrees: float) -> Pixels:
    """Rotate clockwise about the middle; the border is mirrored."""
    height, width = photo.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1)
    return np.asarray(cv2.warpAffine(photo, matrix, (width, height), borderMode=cv2.BORDER_REFLECT), np.uint8)


def scaled(photo: Pixels, side: int) -> Pixels:
    how = cv2.INTER_AREA if side < photo.shape[0] else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(photo, (side, side), interpolation=how), np.uint8)


def on_gray(photo: Pixels, height: int, width: int) -> Pixels:
    """The photo in the middle of gray."""
    canvas = np.full((height, width, 3), 120, np.uint8)
    top, left = (height - photo.shape[0]) // 2, (width - photo.shape[1]) // 2
    canvas[top : top + photo.shape[0], left : left + photo.shape[1]] = photo
    return canvas


def several(portrait: Pixels, height: int, width: int) -> Pixels:
    """A large photo with faces of 30 to 130 pixels, every other one mirrored."""
    canvas = np.full((height, width, 3), 120, np.uint8)
    for number, side in enumerate((130, 180, 260, 380, 520, 620)):
        small = scaled(portrait, side)
        top, left = 200 + 700 * (number % 2), 60 + 460 * number
        canvas[top : top + side, left : left + side] = small[:, :: 1 if number % 2 else -1]
    return canvas


def gradient() -> Pixels:
    return np.linspace(40, 220, 320 * 240 * 3).reshape(240, 320, 3).astype(np.uint8)
