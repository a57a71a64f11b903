"""The geometry of MTCNN's cascade: pyramid, proposals, suppression, box refinement and cutting.

Everything works on whole arrays: ``boxes`` are float32 (n, 4) as x1, y1, x2, y2 in pixels of the photo that
is searched, and ``scores`` float32 (n,). The numbers (0.709, stride 2, cell 12, the ``+ 1`` of a box's side
…) are those of the ``mtcnn`` package 1.0.0, so that its networks see what they were tuned for.

Zhang et al., "Joint Face Detection and Alignment using Multi-task Cascaded Convolutional Networks", 2016.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from ..geometry import Floats, Pixels

Indices = NDArray[np.intp]

CELL = 12  # The side of what one output cell of the P-Net sees.
STRIDE = 2
FACTOR = 0.709  # From one level of the pyramid to the next: half the area.
MAX_PROPOSALS = (
    4000  # Per level. Real photos stay far below; it bounds the work that a hostile one can cause.
)
_BLOCK = 128  # Rows of the overlap matrix held at a time.


def pyramid_scales(height: int, width: int, min_face_size: float) -> list[float]:
    """Return the scales at which faces from ``min_face_size`` pixels to the short side fill a cell."""
    short = min(height, width)
    levels = round(math.log(max(short, 1) / CELL) / -math.log(FACTOR) - 1)
    scales = [CELL / min_face_size * FACTOR**level for level in range(max(levels, 0))]
    return [scale for scale in scales if int(short * scale) >= CELL]


def pyramid_level(real: Floats, scale: float) -> Floats:
    """Return the pyramid's level of one scale: the photo, float32 (height, width, 3), averaged over areas.

    Floats and the whole photo for every level are what agreement costs: the cascade picks the best of many
    nearly equal boxes, and half a gray level of rounding is enough to pick another one.
    """
    height, width = real.shape[:2]
    size = int(width * scale), int(height * scale)
    return np.asarray(cv2.resize(real, size, interpolation=cv2.INTER_AREA), dtype=np.float32)


def tiles(level: Floats, cells: int) -> Iterator[Floats]:
    """Cut a level into overlapping strips whose P-Net outputs, one below the other, are the level's."""
    height, width = level.shape[:2]
    rows = max(8, cells // max(width // STRIDE, 1))
    last = (height - CELL) // STRIDE + 1
    for top in range(0, last, rows):
        bottom = top + rows
        yield level[STRIDE * top : STRIDE * bottom + CELL - STRIDE if bottom < last else height]


def proposals(regression: Floats, score: Floats, scale: float, threshold: float) -> tuple[Floats, Floats]:
    """Turn one level's P-Net output into (boxes, scores), best first.

    ``regression`` is (rows, columns, 4), ``score`` (rows, columns).
    """
    rows, columns = np.nonzero(score > threshold)
    scores = score[rows, columns]
    order = argsort_descending(scores)[:MAX_PROPOSALS]
    rows, columns, scores = rows[order], columns[order], scores[order]
    cells = np.stack([columns, rows, columns, rows], axis=1).astype(np.float32) * STRIDE
    cells += np.array(
        [1, 1, CELL, CELL], dtype=np.float32
    )  # The package counts a cell's pixels from 1 to 12.
    boxes: Floats = (cells + (CELL - 1) * regression[rows, columns]) / np.float32(scale)
    return boxes, scores


def argsort_descending(scores: Floats) -> Indices:
    """Return the order that sorts ``scores`` from the highest down; equals keep their order."""
    return np.argsort(-scores, kind="stable")


def nms(boxes: Floats, threshold: float, *, metric: Literal["iou", "ios"] = "iou") -> Indices:
    """Return the indices of the boxes, sorted best first, that no better box overlaps by more than
    ``threshold``.

    Overlap is intersection over union ("iou"), or over the smaller of the two areas ("ios"). As in the package, a box
    that is itself suppressed still suppresses others.
    """
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
    """Grow each box to the square around its centre."""
    sides = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])[:, None]
    corner = (boxes[:, :2] + boxes[:, 2:]) / 2 - sides / 2
    return np.concatenate([corner, corner + sides], axis=1)


def apply_regression(boxes: Floats, regression: Floats) -> Floats:
    """Move each box's edges by the network's shifts, given as fractions of the box's sides."""
    sides = boxes[:, 2:] - boxes[:, :2] + 1
    refined: Floats = boxes + regression * np.concatenate([sides, sides], axis=1)
    return refined


def place_landmarks(boxes: Floats, landmarks: Floats) -> Floats:
    """Turn five x and five y, fractions of the boxes' sides (n, 10), into pixels (n, 5, 2)."""
    sides = boxes[:, None, 2:] - boxes[:, None, :2] + 1
    points: Floats = sides * landmarks.reshape(-1, 2, 5).transpose(0, 2, 1) + boxes[:, None, :2] - 1
    return points


def pack_rgba(pixels: Pixels) -> NDArray[np.uint32]:
    """Put each RGB pixel into one uint32 (height, width), so that ``crop_and_resize`` can fetch a pixel in one read."""
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2RGBA)).view(np.uint32)[..., 0]


def crop_and_resize(packed: NDArray[np.uint32], boxes: Floats, side: int) -> Floats:
    """Cut every box out of the packed photo and bring it to ``side`` pixels: RGB float32 (n, side, side, 3).

    Samples lie on a grid from edge to edge, interpolated between four pixels, as
    ``tf.image.crop_and_resize`` takes them; what lies outside the photo is the middle gray that the networks
    see as zero.
    """
    height, width = packed.shape
    size = np.array([width, height], dtype=np.float32)
    edges = boxes.reshape(-1, 2, 2) * ((size - 1) / size)
    steps = np.linspace(0, 1, side, dtype=np.float32)[:, None]
    # (n, side, 2): the x of each column and the y of each row.
    grid = edges[:, :1] + steps * (edges[:, 1:] - edges[:, :1])
    outside = (grid < 0) | (grid > size - 1)
    low = np.clip(np.floor(grid), 0, size - 1)
    ratio = np.clip(grid - low, 0, 1)
    near = low.astype(np.int32)
    # Places are counted along the rows, one after the other; to the next pixel it is a step, or none at the edge.
    step = np.minimum(near + 1, np.array([width - 1, height - 1], np.int32)) - near
    near[..., 1] *= width
    step[..., 1] *= width
    places = near[:, :, None, 1] + near[:, None, :, 0]

    def fetch(where: NDArray[np.int32]) -> Floats:
        taken = packed.ravel().take(where)
        fetched: Floats = taken.view(np.uint8).reshape(*where.shape, 4).astype(np.float32)
        return fetched

    def along_the_row(where: NDArray[np.int32]) -> Floats:
        between, right = fetch(where), fetch(where + step[:, None, :, 0])
        right -= between
        right *= ratio[:, None, :, :1]
        between += right
        return between

    pixels, lower = along_the_row(places), along_the_row(places + step[:, :, None, 1])
    lower -= pixels
    lower *= ratio[:, :, None, 1:]
    pixels += lower
    if outside.any():
        pixels[outside[:, :, None, 1] | outside[:, None, :, 0]] = 127.5
    return pixels[..., :3].copy()
