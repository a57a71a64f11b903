"""Views of what is inside the network: feature maps and filters as tiles, the map of each expression, a slider."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import cv2
import numpy as np
from numpy.typing import NDArray

from model.geometry import Floats, Pixels
from model.inside.feature_maps import InnerMaps
from model.output.draw import explanation_image
from model.types import FaceResult
from webapp.presenters import formatters, messages
from webapp.presenters.expressions import in_order
from webapp.presenters.images import ImageView, levels_png, webp
from webapp.presenters.step_words import STEP_WORDS

STRONGEST = 12  # Maps that are shown at first.
COLUMNS = 6
FILTER_COLUMNS = 12
GAP = 255  # The level between two tiles: transparent.
BRIGHTEST = 254
EXPRESSION_SIDE, QUALITY = 160, 80
# Dark blue is nothing, yellow the most, as on the attention map.
VIRIDIS: Pixels = np.asarray(
    cv2.cvtColor(cv2.applyColorMap(np.arange(256, dtype=np.uint8), cv2.COLORMAP_VIRIDIS), cv2.COLOR_BGR2RGB),
    np.uint8,
).reshape(256, 3)
GRAYS: Pixels = np.repeat(np.arange(256, dtype=np.uint8)[:, np.newaxis], 3, axis=1)

Levels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class MapsView:
    """Tiles of a block's feature maps, or of the first layer's filters."""

    count: int  # How many there are.
    few: ImageView  # Those that differ most from place to place, each in its own scale.
    every: ImageView | None  # All of them, in one scale.


@dataclass(frozen=True, slots=True)
class SliderView:
    """Two pictures of the same square, one over the other."""

    before: ImageView
    after: ImageView


@dataclass(frozen=True, slots=True)
class ExpressionMap:
    """What pointed to one expression."""

    label: str  # Adjective.
    percent: str  # Its share.
    top: bool  # Whether it is the answer.
    image: ImageView


def block_view(number: int, maps: Floats, face: int) -> MapsView:
    """Return the tiles of a block's maps (channels, rows, columns); ``number`` counts the blocks from 1."""
    order = np.argsort(-maps.std(axis=(1, 2)), kind="stable")[:STRONGEST]
    few = [_levels(maps[place], float(maps[place].max())) for place in order]
    # One lamp that is far brighter than all others would leave them dark.
    most = float(np.quantile(maps, 0.995))
    every = [_levels(each, most) for each in maps]
    words = STEP_WORDS["block"]
    given = {"few": len(few), "count": len(every), "number": number, "face": face}
    return MapsView(
        len(maps),
        levels_png(tiles(few, COLUMNS), VIRIDIS, words.alt.format(**given)),
        levels_png(tiles(every, _wide(len(every))), VIRIDIS, words.more.format(**given)),
    )


def filters_view(filters: Floats) -> MapsView:
    """Return the first layer's filters (channels, rows, columns) as tiles; middle gray is a weight of 0."""
    most = max(float(np.abs(filters).max()), 1e-9)
    levels = [np.rint(127 + 127 * each / most).astype(np.uint8) for each in filters]
    count, rows, columns = filters.shape
    alt = STEP_WORDS["filters"].alt.format(count=count, rows=rows, columns=columns)
    return MapsView(count, levels_png(tiles(levels, FILTER_COLUMNS), GRAYS, alt), None)


def expression_maps(reading: FaceResult, maps: Floats) -> tuple[ExpressionMap, ...]:
    """Return the occlusion maps (classes, height, width) over the face, in the order of the bars."""
    labels, shares = reading.prediction.labels, dict(reading.prediction.ranked())
    return tuple(
        ExpressionMap(
            messages.adjective(label),
            formatters.short_percent(shares[label]),
            label == reading.prediction.emotion,
            webp(
                explanation_image(reading, maps[labels.index(label)], side=EXPRESSION_SIDE),
                STEP_WORDS["why"].alt.format(word=messages.adjective(label)),
                quality=QUALITY,
            ),
        )
        for label in in_order(labels)
    )


def strongest_place(maps: InnerMaps) -> tuple[Levels, ...]:
    """Return for each block the mean of its maps as levels 0…254 (rows, columns), for the overview."""
    means = [block.mean(axis=0) for block in maps.blocks]
    return tuple(_levels(mean, float(mean.max())) for mean in means)


def tiles(levels: list[Levels], columns: int) -> Levels:
    """Lay tiles of one size out by rows, with a gap of one pixel."""
    rows, wide = levels[0].shape
    sheet = np.full((ceil(len(levels) / columns) * (rows + 1) - 1, columns * (wide + 1) - 1), GAP, np.uint8)
    for place, each in enumerate(levels):
        top, left = place // columns * (rows + 1), place % columns * (wide + 1)
        sheet[top : top + rows, left : left + wide] = each
    return sheet


def _wide(count: int) -> int:
    """Columns of a sheet that is a little wider than high."""
    return next(columns for columns in range(ceil((1.3 * count) ** 0.5), count + 1) if count % columns == 0)


def _levels(values: Floats, most: float) -> Levels:
    scaled = np.clip(values / max(most, 1e-9), 0, 1)
    return np.asarray(np.rint(BRIGHTEST * scaled), np.uint8)
