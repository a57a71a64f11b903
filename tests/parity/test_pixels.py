"""static/js/reading: the image operations give, bit by bit, what OpenCV gives on the server."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.parity.node import Numbers
from model.detection import boxes as mtcnn_boxes
from tests.helpers.node import node_or_skip, run_node_tests

HERE = Path(__file__).resolve().parent
SEED = 20
EACH = 60  # Cases of an operation.

Case = tuple[str, NDArray[Any], NDArray[Any], dict[str, Any]]


def photo(rng: np.random.Generator, height: int, width: int, channels: int) -> NDArray[np.uint8]:
    """Smooth, as photos are, with grain, and with black and white."""
    coarse = rng.integers(0, 256, (height // 8 + 2, width // 8 + 2, channels), dtype=np.uint8)
    smooth = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC).reshape(
        height, width, channels
    )
    grainy = smooth + rng.normal(0, rng.choice([0, 3, 40]), smooth.shape)
    return np.asarray(np.clip(grainy, 0, 255), np.uint8)


def _sides(rng: np.random.Generator, least: int, most: int) -> tuple[int, int]:
    height, width = rng.integers(least, most, 2)
    return int(height), int(width)


def area(rng: np.random.Generator, number: int) -> Case:
    """Shrunk to anything, and every third time by whole factors; floats, too."""
    height, width = _sides(rng, 24, 240)
    channels = int(rng.choice([1, 3]))
    if number % 3 == 0:
        across, down = (int(rng.integers(1, 5)) for _ in range(2))
        small = max(1, width // across), max(1, height // down)
        width, height = small[0] * across, small[1] * down
    else:
        small = int(rng.integers(1, width + 1)), int(rng.integers(1, height + 1))
    pixels: NDArray[Any] = photo(rng, height, width, channels)
    if rng.random() < 0.5:
        pixels = pixels.astype(np.float32) + rng.random(pixels.shape, np.float32) * np.float32(
            rng.choice([0, 1])
        )
    return "area", pixels, cv2.resize(pixels, small, interpolation=cv2.INTER_AREA), {"size": small}


def linear(rng: np.random.Generator, number: int) -> Case:
    """Enlarged, as small faces are, or shrunk to no less than half, as photos are for a pass."""
    height, width = _sides(rng, 1, 60)
    pixels = photo(rng, height, width, int(rng.choice([1, 3])))
    large = (48, 48) if number % 3 == 0 and max(height, width) < 48 else (2 * width, 2 * height)
    if number % 3 == 1:
        large = int(rng.integers(width, 4 * width + 1)), int(rng.integers(height, 4 * height + 1))
    elif number % 3 == 2:
        large = int(rng.integers(width // 2 + 1, width + 1)), int(rng.integers(height // 2 + 1, height + 1))
    return "linear", pixels, cv2.resize(pixels, large, interpolation=cv2.INTER_LINEAR), {"size": large}


def gray(rng: np.random.Generator, number: int) -> Case:
    pixels = photo(rng, *_sides(rng, 1, 90), 3)
    return "gray", pixels, cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), {}


def margin(rng: np.random.Generator, number: int) -> Case:
    """Mirrored borders, wider than the image at times."""
    pixels = photo(rng, *_sides(rng, 1, 40), 3).astype(np.float32)
    wide = int(rng.choice([6, 20]))
    around = cv2.copyMakeBorder(pixels, wide, wide, wide, wide, cv2.BORDER_REFLECT_101)
    return "margin", pixels, around, {"margin": wide}


def cut(rng: np.random.Generator, number: int) -> Case:
    """A square that reaches beyond the border."""
    height, width = _sides(rng, 8, 60)
    pixels = photo(rng, height, width, 3)
    side = int(rng.integers(1, 80))
    left, top = int(rng.integers(1 - side, width)), int(rng.integers(1 - side, height))
    around = cv2.copyMakeBorder(pixels, 80, 80, 80, 80, cv2.BORDER_REPLICATE)
    part = around[top + 80 : top + 80 + side, left + 80 : left + 80 + side]
    return "cut", pixels, part, {"square": [left, top, side, side]}


def warp(rng: np.random.Generator, number: int) -> Case:
    """Turned about a point, with borders repeated, or gray outside."""
    height, width = _sides(rng, 2, 120)
    pixels = photo(rng, height, width, int(rng.choice([1, 3])))
    angle = float(rng.integers(-1440, 1440)) / 8
    matrix = cv2.getRotationMatrix2D((float(width / 2), float(height / 2)), angle, 1.0)
    matrix[:, 2] += rng.integers(-9, 9, 2)
    size = int(rng.integers(1, 120)), int(rng.integers(1, 120))
    outside = None if number % 2 else 127
    border = cv2.BORDER_REPLICATE if outside is None else cv2.BORDER_CONSTANT
    warped = cv2.warpAffine(
        pixels, matrix, size, flags=cv2.INTER_LINEAR, borderMode=border, borderValue=(127, 127, 127)
    )
    return "warp", pixels, warped, {"matrix": matrix.ravel().tolist(), "size": size, "outside": outside}


def crops(rng: np.random.Generator, number: int) -> Case:
    """Boxes cut for the networks, in part beyond the border."""
    height, width = _sides(rng, 20, 150)
    pixels = photo(rng, height, width, 3).astype(np.float32)
    corners = rng.uniform(-30, 150, (9, 2)).astype(np.float32)
    sides = rng.uniform(4, 90, (9, 1)).astype(np.float32)
    found = np.concatenate([corners, corners + sides], axis=1)
    mirrored, side = bool(number % 2), int(rng.choice([24, 48]))
    made = mtcnn_boxes.crop_and_resize(pixels, found, side, mirrored=mirrored)
    return "crops", pixels, made, {"boxes": found, "side": side, "mirrored": mirrored}


OPERATIONS = (area, linear, gray, margin, cut, warp, crops)


def described(numbers: Numbers) -> Iterator[dict[str, Any]]:
    rng = np.random.default_rng(SEED)
    for operation in OPERATIONS:
        for number in range(EACH):
            name, given, expected, how = operation(rng, number)
            arrays = {key: numbers.add(value) for key, value in how.items() if isinstance(value, np.ndarray)}
            places = {"input": numbers.add(given), "expected": numbers.add(expected)}
            yield {"operation": name, **how, **arrays, **places}


def pyramids() -> Iterator[dict[str, Any]]:
    rng = np.random.default_rng(SEED)
    for number in range(300):
        height, width = (int(side) for side in rng.integers(12, 2500, 2))
        least = float(rng.choice([24, 14, 60, min(height, width) / 6]))
        most = float(rng.choice([math.inf, 300.0]))
        margin = 0 if number % 4 == 0 else mtcnn_boxes.MARGIN
        given = [height, width, least, most, margin]
        scales = mtcnn_boxes.pyramid_scales(*given)  # type: ignore[arg-type]  # the last is an int
        yield {"given": [None if value == math.inf else value for value in given], "scales": scales}


def test_the_pages_operations_give_opencvs_numbers(tmp_path: Path) -> None:
    node_or_skip()
    numbers = Numbers()
    cases = [*described(numbers)]
    assert len(cases) == EACH * len(OPERATIONS)
    numbers.write(tmp_path, {"cases": cases, "pyramids": [*pyramids()]})
    run_node_tests(HERE / "pixels.test.mjs", tmp_path)
