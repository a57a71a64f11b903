"""Photos with one of FER-2013's faces in each: where it was put, and which of the faces found there it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from model.geometry import Box, Pixels
from model.types import Face
from training.data.fer2013 import Split

WIDTH, HEIGHT = 640, 480
SCALES, ROLL = (1.0, 6.0), 20.0
FEATHER = 1.5  # Pixels of the small image over which it fades into the background.


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A photo with one face in it."""

    pixels: Pixels  # RGB uint8 (HEIGHT, WIDTH, 3)
    square: Box  # where the image was put, before it was rotated; (x, y, width, height) in pixels
    scale: float  # of the image in the photo
    roll: float  # degrees


def scenes(split: Split, seed: int) -> Iterator[Scene]:
    """The same scenes for the same images and seed."""
    for number, image in enumerate(split.images):
        yield compose(image, np.random.default_rng((seed, number)))


def compose(image: Pixels, rng: np.random.Generator) -> Scene:
    """Put one gray image (48, 48) into a photo at random.

    Around it lies what a photographer would have had out of focus: the image itself mirrored over its edges, heavily
    blurred, with some noise, so that no hard edge helps or hinders the detector.
    """
    side = image.shape[0]
    scale, roll = rng.uniform(*SCALES), rng.uniform(-ROLL, ROLL)
    angle = np.deg2rad(roll)
    # The turned square stays inside the photo.
    reach = scale * side / 2 * (abs(np.cos(angle)) + abs(np.sin(angle)))
    x, y = rng.uniform(reach, WIDTH - reach), rng.uniform(reach, HEIGHT - reach)
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    middle = np.array([(side - 1) / 2] * 2)
    matrix = np.column_stack([turn, np.array([x, y]) - turn @ middle])
    size = (WIDTH, HEIGHT)
    around = cv2.warpAffine(image, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    background = np.asarray(cv2.GaussianBlur(around, (0, 0), 6 * scale), np.float32)
    background += rng.normal(0, 3, background.shape).astype(np.float32)
    sharp = cv2.warpAffine(image, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    distance = _distance(np.linalg.inv(np.vstack([matrix, [0, 0, 1]]))[:2], side)
    weight = np.asarray(np.clip(1 - distance / FEATHER, 0, 1), np.float32)
    gray = np.clip(np.rint(weight * sharp + (1 - weight) * background), 0, 255).astype(np.uint8)
    half = scale * side / 2
    square = (float(x - half), float(y - half), float(2 * half), float(2 * half))
    return Scene(np.repeat(gray[..., np.newaxis], 3, axis=-1), square, float(scale), float(roll))


def _distance(back: NDArray[np.float64], side: int) -> NDArray[np.float32]:
    """How far each pixel of the photo lies outside the image, in pixels of the image; 0 inside."""
    columns, rows = np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT))
    across = back[0, 0] * columns + back[0, 1] * rows + back[0, 2]
    down = back[1, 0] * columns + back[1, 1] * rows + back[1, 2]
    outside = [np.maximum(np.maximum(-0.5 - value, value - (side - 0.5)), 0) for value in (across, down)]
    return np.asarray(np.hypot(outside[0], outside[1]), np.float32)


def face_of(scene: Scene, faces: list[Face]) -> int | None:
    """The index of the face that is the scene's: the largest whose middle lies in the inner half of the square."""
    x, y, side, _ = scene.square
    for index, face in enumerate(faces):
        left, top, width, height = face.box
        off = max(abs(left + width / 2 - x - side / 2), abs(top + height / 2 - y - side / 2))
        if off <= side / 4 and side / 4 <= height <= 2 * side:
            return index
    return None
