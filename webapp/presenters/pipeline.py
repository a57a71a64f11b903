"""View of the pipeline for one face, step by step: the example's on its own page, a visitor's when they ask."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from model.faces.crop import enlarge
from model.faces.movements import Movement
from model.geometry import Floats
from model.inside.feature_maps import InnerMaps
from model.output.draw import attention_on_crop, boxes_on_photo
from model.store.metadata import Metadata
from model.types import Analysis, FaceResult
from webapp.presenters import formatters
from webapp.presenters.confidence import TrackRecord
from webapp.presenters.faces import CROP_SIDE, FaceView, present_face
from webapp.presenters.images import ImageView, fit, jpeg, levels_png, png
from webapp.presenters.inside import (
    VIRIDIS,
    ExpressionMap,
    MapsView,
    SliderView,
    block_view,
    expression_maps,
    filters_view,
    strongest_place,
)
from webapp.presenters.step_words import STEP_WORDS, facts_of

PHOTO_SIDE = 480
THUMBNAIL_SIDE = 96
WEIGHED_AFTER = 2  # The block after which the network weighs the places.


@dataclass(frozen=True, slots=True)
class StepView:
    """The output of one stage for a face; its text is in templates/_steps.html."""

    anchor: str  # Name of the stage, id of its section.
    facts: tuple[tuple[str, str], ...]  # (name, value) pairs.
    image: ImageView | None = None  # Output of the stage, if it is an image.
    pixelated: bool = False  # Enlarged without smoothing.
    slider: SliderView | None = None  # What goes in and what comes out, one over the other.
    maps: MapsView | None = None  # Feature maps, or filters.
    expressions: tuple[ExpressionMap, ...] = ()  # What pointed to each.
    thumbnail: ImageView | None = None  # For the overview.


@dataclass(frozen=True, slots=True)
class PipelineView:
    """The steps of one face."""

    steps: tuple[StepView, ...]  # The stages in order.
    face: FaceView | None  # The face; None if none was detected.
    metadata: Metadata  # Of the model.
    views: int  # Test-time augmentation: views of a face.


@dataclass(frozen=True, slots=True, eq=False)
class Inner:
    """What was computed to look inside; nothing, if the model cannot be looked into."""

    maps: InnerMaps | None = None
    movements: tuple[Movement, ...] = ()  # What the face does.
    spoke: Floats | None = field(default=None)  # Occlusion maps of all labels, (classes, height, width).


def present(
    analysis: Analysis, metadata: Metadata, record: TrackRecord | None = None, inner: Inner | None = None
) -> PipelineView:
    """Return the steps of the analysis' first face by the model of ``metadata``.

    What ``record`` says is put under a sure answer; ``inner`` adds the steps inside the network.
    """
    inner = inner or Inner()
    views = len(metadata.tta_zooms) * (2 if metadata.tta_flip else 1)
    steps = [_open(analysis), _find(analysis)]
    if not analysis.faces:
        return PipelineView(tuple(steps), None, metadata, views)
    first = analysis.faces[0]
    steps += [_cut(first), _align(first), _shrink(first)]
    steps += _blocks(first, inner.maps)
    steps += [*_vary(first, metadata, views), _decide(first)]
    if inner.spoke is not None:
        steps.append(StepView("why", (), expressions=expression_maps(first, inner.spoke)))
    return PipelineView(
        tuple(steps),
        present_face(first.number, first, record=record, movements=inner.movements),
        metadata,
        views,
    )


def _open(analysis: Analysis) -> StepView:
    photo = analysis.photo
    known = {"format": photo.format} if photo.format else {}
    return StepView(
        "open",
        facts_of("open", size=formatters.size(*photo.original_size), **known),
        jpeg(fit(photo.pixels, PHOTO_SIDE), STEP_WORDS["open"].alt),
        thumbnail=jpeg(fit(photo.pixels, THUMBNAIL_SIDE), ""),
    )


def _find(analysis: Analysis) -> StepView:
    faces = [reading.face for reading in analysis.faces]
    count = formatters.how_many(len(faces), "face")
    first: dict[str, str] = {}
    if faces:
        width, height = faces[0].box[2:]
        first = {
            "score": formatters.percent(faces[0].score),
            "width": f"{width:.0f}",
            "height": f"{height:.0f}",
        }
    numbers = [reading.number for reading in analysis.faces]
    boxed = boxes_on_photo(analysis.photo, faces, max_side=PHOTO_SIDE, numbers=numbers)
    return StepView(
        "find",
        facts_of("find", count=count, **first),
        jpeg(boxed, STEP_WORDS["find"].alt.format(count=count)),
        thumbnail=jpeg(fit(boxed, THUMBNAIL_SIDE), ""),
    )


def _cut(reading: FaceResult) -> StepView:
    side = round(reading.crop.square[2])
    return StepView(
        "cut",
        facts_of("cut", size=formatters.size(side, side)),
        jpeg(fit(reading.crop.pixels, CROP_SIDE), STEP_WORDS["cut"].alt),
        thumbnail=jpeg(fit(reading.crop.pixels, THUMBNAIL_SIDE), ""),
    )


def _align(reading: FaceResult) -> StepView:
    return StepView(
        "align",
        facts_of("align", tilt=formatters.tilt(reading.crop.roll)),
        jpeg(fit(reading.crop.aligned, CROP_SIDE), STEP_WORDS["align"].alt),
        thumbnail=jpeg(fit(reading.crop.aligned, THUMBNAIL_SIDE), ""),
    )


def _shrink(reading: FaceResult) -> StepView:
    rows, columns = reading.network_input.shape
    words = STEP_WORDS["shrink"]
    given = png(reading.network_input, words.alt.format(columns=columns, rows=rows))
    facts = facts_of("shrink", count=formatters.thousands(rows * columns))
    if reading.band is not None:
        return StepView("shrink", facts, given, pixelated=True, thumbnail=given)
    before = jpeg(fit(reading.crop.aligned, CROP_SIDE), words.more)
    return StepView("shrink", facts, slider=SliderView(before, given), thumbnail=given)


def _blocks(reading: FaceResult, maps: InnerMaps | None) -> list[StepView]:
    """Return the steps inside the network: its first filters, each block's maps, and the attention where it is."""
    if maps is None:
        return _weigh(reading)
    count, rows, columns = maps.filters.shape
    facts = facts_of("filters", count=count, size=formatters.size(columns, rows))
    steps = [StepView("filters", facts, maps=filters_view(maps.filters))]
    for number, (block, place) in enumerate(zip(maps.blocks, strongest_place(maps), strict=True), start=1):
        count, rows, columns = block.shape
        facts = facts_of("block", count=count, size=formatters.size(columns, rows))
        view = block_view(number, block, reading.number)
        steps.append(StepView(f"block-{number}", facts, maps=view, thumbnail=levels_png(place, VIRIDIS, "")))
        if number == WEIGHED_AFTER:
            steps += _weigh(reading)
    return steps


def _weigh(reading: FaceResult) -> list[StepView]:
    """Return the step of the attention; none if the network has no attention block, or reads a band of the face."""
    attention = reading.prediction.attention
    if attention is None or reading.band is not None:
        return []
    rows, columns = attention.shape
    mapped = attention_on_crop(fit(reading.crop.aligned, CROP_SIDE), attention)
    facts = facts_of("weigh", size=formatters.size(columns, rows))
    picture = jpeg(mapped, STEP_WORDS["weigh"].alt)
    return [StepView("weigh", facts, picture, thumbnail=jpeg(fit(mapped, THUMBNAIL_SIDE), ""))]


def _vary(reading: FaceResult, metadata: Metadata, views: int) -> list[StepView]:
    """Return the step of test-time augmentation; none if the network reads one view."""
    if views == 1:
        return []
    given = reading.network_input[np.newaxis]
    rows = [[enlarge(given, zoom)[0]] for zoom in metadata.tta_zooms]
    if metadata.tta_flip:
        rows = [[view, view[:, ::-1]] for (view,) in rows]
    image = png(np.vstack([np.hstack(row) for row in rows]), STEP_WORDS["vary"].alt)
    return [StepView("vary", facts_of("vary", count=views), image, pixelated=True, thumbnail=image)]


def _decide(reading: FaceResult) -> StepView:
    logits = reading.prediction.logits
    most, least = (f"{float(each):.2f}" for each in (logits.max(), logits.min()))
    return StepView("decide", facts_of("decide", most=most, least=least))
