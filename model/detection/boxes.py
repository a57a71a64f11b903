"""The geometry of MTCNN: image pyramid, proposals, non-maximum suppression, box regression and crops.

``boxes`` are float32 (n, 4) as x1, y1, x2, y2 in pixels of the resized photo, ``scores`` float32 (n,). The constants
(0.709, stride 2, cell 12, the ``+ 1`` of a box's side …) are those of the ``mtcnn`` package 1.0.0, whose networks
were trained with them.

Zhang et al., "Joint Face Detection and Alignment using Multi-task Cascaded Convolutional Networks", 2016.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from ..geometry import Floats

Indices = NDArray[np.intp]

CELL = 12  # Pixels; the side of the P-Net's receptive field.
STRIDE = 2
FACTOR = 0.709  # From one level of the pyramid to the next: half the area.
# Of a level's scale to that of its source; below, the source is halved. The first is that of the plain cascade: with a
# quarter, NMS chose other ones of nearly equal boxes than the package's. With the second at 0.25 and more, the sample
# portrait's box is 5 of 113 pixels lower; with a half, a false face of 29 pixels is found in it.
SMALLEST_OF_SOURCE, SMALLEST_MIRRORED = 0.1, 0.15
# Per level of the pyramid. Real photos stay far below; it bounds the work that a hostile one can cause.
MAX_PROPOSALS = 4000
# Pixels of a level, a multiple of ``STRIDE``, that a mirrored margin adds on each side, so that a face of which half is
# cut off is seen whole. The cells inside stay where they are, and so do their scores.
MARGIN = 6
_BLOCK = 128  # Rows of the overlap matrix that are computed at a time.


def pyramid_scales(
    height: int,
    width: int,
    min_face_size: float,
    max_face_size: float = math.inf,
    margin: int = 0,
) -> list[float]:
    """Return the scales at which faces from ``min_face_size`` pixels to the short side are 12 pixels large.

    Levels that only faces above ``max_face_size`` pixels need are left out. A ``margin`` in pixels of the levels lets
    faces be larger than the photo.
    """
    short = min(height, width)
    if margin:
        largest = min(short * CELL / (CELL - margin), max_face_size)
        levels = math.floor(math.log(largest / min_face_size) / -math.log(FACTOR)) + 1
        return [CELL / min_face_size * FACTOR**level for level in range(levels)]
    levels = round(math.log(max(short, 1) / CELL) / -math.log(FACTOR) - 1)
    scales = [CELL / min_face_size * FACTOR**level for level in range(max(levels, 0))]
    return [scale for scale in scales if int(short * scale) >= CELL and CELL / scale <= max_face_size]


def pyramid_sources(real: Floats, scales: list[float], smallest: float = SMALLEST_OF_SOURCE) -> list[Floats]:
    """Return for each scale what its level is made from: the photo, or for small levels the photo halved (twice, …).

    It is halved where a level's scale is at most ``smallest`` of its source's.
    """
    sources, source, halvings = [], real, 0
    for scale in scales:
        while scale * 2**halvings <= smallest and min(source.shape[:2]) >= 2:
            half = source.shape[1] // 2, source.shape[0] // 2
            source = np.asarray(cv2.resize(source, half, interpolation=cv2.INTER_AREA), np.float32)
            halvings += 1
        sources.append(source)
    return sources


def pyramid_level(source: Floats, size: tuple[int, int]) -> Floats:
    """Resize ``source``, float32 (height, width, 3), to ``size`` (width, height), averaging over the covered area."""
    if source.shape[1::-1] == size:
        return source
    return np.asarray(cv2.resize(source, size, interpolation=cv2.INTER_AREA), dtype=np.float32)


def with_margin(level: Floats) -> Floats:
    """Add ``MARGIN`` mirrored pixels on each side of a level."""
    sides = (MARGIN,) * 4
    return np.asarray(cv2.copyMakeBorder(level, *sides, cv2.BORDER_REFLECT_101), dtype=np.float32)


def tiles(levels: Floats, cells: int) -> Iterator[Floats]:
    """Split levels (n, height, width, 3) into overlapping strips of rows; their P-Net outputs are, stacked, theirs.

    ``cells`` bounds the output cells of one strip of all levels.
    """
    count, height, width = levels.shape[:3]
    rows = max(8, cells // max(count * (width // STRIDE), 1))
    last = (height - CELL) // STRIDE + 1
    for top in range(0, last, rows):
        bottom = top + rows
        yield levels[:, STRIDE * top : STRIDE * bottom + CELL - STRIDE if bottom < last else height]


def proposals(
    regression: Floats, score: Floats, scale: float, threshold: float, margin: int = 0
) -> tuple[Floats, Floats]:
    """Convert one level's P-Net output, where ``score`` > ``threshold``, to (boxes, scores), by descending score.

    ``regression`` is (rows, columns, 4), ``score`` (rows, columns); ``margin`` was added to the level, in pixels.
    """
    rows, columns = np.nonzero(score > threshold)
    if len(rows) == 0:
        return np.empty((0, 4), np.float32), np.empty(0, np.float32)
    scores = score[rows, columns]
    order = argsort_descending(scores)[:MAX_PROPOSALS]
    rows, columns, scores = rows[order], columns[order], scores[order]
    cells = np.stack([columns, rows, columns, rows], axis=1).astype(np.float32) * STRIDE
    # The package counts a cell's pixels from 1 to 12.
    cells += np.array([1, 1, CELL, CELL], dtype=np.float32) - np.float32(margin)
    boxes: Floats = (cells + (CELL - 1) * regression[rows, columns]) / np.float32(scale)
    return boxes, scores


def argsort_descending(scores: Floats) -> Indices:
    """Return the indices that sort ``scores`` in descending order; the sort is stable."""
    return np.argsort(-scores, kind="stable")


def nms(boxes: Floats, threshold: float, *, metric: Literal["iou", "ios"] = "iou") -> Indices:
    """Non-maximum suppression: indices of the ``boxes``, given by descending score, that are kept.

    A box is suppressed if its overlap with a better one exceeds ``threshold``. Overlap is intersection over union
    ("iou"), or over the smaller area ("ios"). Not greedy: a suppressed box still suppresses (as in mtcnn 1.0.0).
    """
    if len(boxes) < 2:
        return np.arange(len(boxes))
    x1, y1, x2, y2 = boxes.T
    area = (x2 - x1) * (y2 - y1)
    keep = np.ones(len(boxes), dtype=bool)
    for start in range(0, len(boxes), _BLOCK):
        stop = min(start + _BLOCK, len(boxes))
        mine = slice(start, stop)
        dx = np.minimum(x2[mine, None], x2[None, :stop]) - np.maximum(x1[mine, None], x1[None, :stop])
        dy = np.minimum(y2[mine, None], y2[None, :stop]) - np.maximum(y1[mine, None], y1[None, :stop])
        common = np.maximum(dx, 0) * np.maximum(dy, 0)
        if metric == "ios":
            whole = np.minimum(area[mine, None], area[None, :stop])
        else:
            whole = area[mine, None] + area[None, :stop] - common
        better = np.arange(stop)[None, :] < np.arange(start, stop)[:, None]
        keep[mine] = ~np.any((common > threshold * whole) & better, axis=1)
    return np.flatnonzero(keep)


def to_square(boxes: Floats) -> Floats:
    """Extend the shorter side of each box, around its centre, to a square."""
    sides = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])[:, None]
    corner = (boxes[:, :2] + boxes[:, 2:]) / 2 - sides / 2
    return np.concatenate([corner, corner + sides], axis=1)


def apply_regression(boxes: Floats, regression: Floats) -> Floats:
    """Add to each box ``regression`` (n, 4), shifts of x1, y1, x2, y2 as fractions of its sides."""
    sides = boxes[:, 2:] - boxes[:, :2] + 1
    refined: Floats = boxes + regression * np.concatenate([sides, sides], axis=1)
    return refined


def place_landmarks(boxes: Floats, landmarks: Floats) -> Floats:
    """Convert landmarks (n, 10), five x then five y as fractions of the boxes' sides, to pixels (n, 5, 2)."""
    sides = boxes[:, None, 2:] - boxes[:, None, :2] + 1
    points: Floats = sides * landmarks.reshape(-1, 2, 5).transpose(0, 2, 1) + boxes[:, None, :2] - 1
    return points


def crop_and_resize(real: Floats, boxes: Floats, side: int, *, mirrored: bool = False) -> Floats:
    """Crop every box from the photo, RGB float32, and resize it to ``side``: RGB float32 (n, side, side, 3).

    Bilinear, sampled from edge to edge as in ``tf.image.crop_and_resize``, all boxes in one call of OpenCV, which
    rounds positions to 1/32 pixel; outside the photo the value is 127.5, which the networks normalize to 0.
    ``mirrored``: the photo goes on there as its mirror image.
    """
    height, width = real.shape[:2]
    size = np.array([width, height], dtype=np.float32)
    edges = boxes.reshape(-1, 2, 2) * ((size - 1) / size)
    steps = np.linspace(0, 1, side, dtype=np.float32)[:, None]
    # (n, side, 2): the x of each column and the y of each row.
    grid = edges[:, :1] + steps * (edges[:, 1:] - edges[:, :1])
    every = (len(boxes), side, side)
    columns = np.broadcast_to(grid[:, None, :, 0], every).reshape(-1, side)
    rows = np.broadcast_to(grid[:, :, None, 1], every).reshape(-1, side)
    beyond = cv2.BORDER_REFLECT_101 if mirrored else cv2.BORDER_REPLICATE
    crops = np.asarray(
        cv2.remap(real, columns, rows, cv2.INTER_LINEAR, borderMode=beyond), np.float32
    ).reshape(*every, 3)
    outside = (grid < 0) | (grid > size - 1)
    if outside.any() and not mirrored:
        crops[outside[:, :, None, 1] | outside[:, None, :, 0]] = 127.5
    return crops
