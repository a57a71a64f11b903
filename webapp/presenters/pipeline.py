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
    return StepView(
        "open",
        ((("Format", photo.format),) if photo.format else ())
        + (("Size", f"{formatters.size(*photo.original_size)} pixels"),),
        jpeg(fit(photo.pixels, PHOTO_SIDE), "The photo as it was opened"),
        thumbnail=jpeg(fit(photo.pixels, THUMBNAIL_SIDE), ""),
    )


def _find(analysis: Analysis) -> StepView:
    faces = [reading.face for reading in analysis.faces]
    count = formatters.how_many(len(faces), "face")
    facts = [("Found", count)]
    if faces:
        facts.append(("Detector’s score", formatters.percent(faces[0].score)))
        facts.append(("Box", f"{faces[0].box[2]:.0f} × {faces[0].box[3]:.0f} pixels"))
    numbers = [reading.number for reading in analysis.faces]
    boxed = boxes_on_photo(analysis.photo, faces, max_side=PHOTO_SIDE, numbers=numbers)
    return StepView(
        "find",
        tuple(facts),
        jpeg(boxed, f"The photo with {count} marked"),
        thumbnail=jpeg(fit(boxed, THUMBNAIL_SIDE), ""),
    )


def _cut(reading: FaceResult) -> StepView:
    side = round(reading.crop.square[2])
    return StepView(
        "cut",
        (("Crop", f"{formatters.size(side, side)} pixels"),),
        jpeg(fit(reading.crop.pixels, CROP_SIDE), "The face, cut out as a square"),
        thumbnail=jpeg(fit(reading.crop.pixels, THUMBNAIL_SIDE), ""),
    )


def _align(reading: FaceResult) -> StepView:
    return StepView(
        "align",
        (("The head leans", formatters.tilt(reading.crop.roll)),),
        jpeg(fit(reading.crop.aligned, CROP_SIDE), "The face, turned until its eyes are level"),
        thumbnail=jpeg(fit(reading.crop.aligned, THUMBNAIL_SIDE), ""),
    )


def _shrink(reading: FaceResult) -> StepView:
    rows, columns = reading.network_input.shape
    given = png(reading.network_input, f"The face as {columns} by {rows} gray pixels")
    facts = (("Numbers", formatters.thousands(rows * columns)), ("Each from", "0 to 255"))
    if reading.band is not None:
        return StepView("shrink", facts, given, pixelated=True, thumbnail=given)
    before = jpeg(fit(reading.crop.aligned, CROP_SIDE), "The face as it was cut out of the photo, in colour")
    return StepView("shrink", facts, slider=SliderView(before, given), thumbnail=given)


def _blocks(reading: FaceResult, maps: InnerMaps | None) -> list[StepView]:
    """Return the steps inside the network: its first filters, each block's maps, and the attention where it is."""
    if maps is None:
        return _weigh(reading)
    count, rows, columns = maps.filters.shape
    facts = (("Filters", str(count)), ("Each", f"{formatters.size(columns, rows)} weights"))
    steps = [StepView("filters", facts, maps=filters_view(maps.filters))]
    for number, (block, place) in enumerate(zip(maps.blocks, strongest_place(maps), strict=True), start=1):
        count, rows, columns = block.shape
        facts = (("Maps", str(count)), ("Each", f"{formatters.size(columns, rows)} values"))
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
    facts = (("Map", f"{formatters.size(columns, rows)} weights"),)
    picture = jpeg(mapped, "The face under the network’s attention map")
    return [StepView("weigh", facts, picture, thumbnail=jpeg(fit(mapped, THUMBNAIL_SIDE), ""))]


def _vary(reading: FaceResult, metadata: Metadata, views: int) -> list[StepView]:
    """Return the step of test-time augmentation; none if the network reads one view."""
    if views == 1:
        return []
    given = reading.network_input[np.newaxis]
    rows = [[enlarge(given, zoom)[0]] for zoom in metadata.tta_zooms]
    if metadata.tta_flip:
        rows = [[view, view[:, ::-1]] for (view,) in rows]
    image = png(np.vstack([np.hstack(row) for row in rows]), "The views of the face that the network reads")
    return [StepView("vary", (("Views", str(views)),), image, pixelated=True, thumbnail=image)]


def _decide(reading: FaceResult) -> StepView:
    logits = reading.prediction.logits
    facts = (("Highest score", f"{float(logits.max()):.2f}"), ("Lowest score", f"{float(logits.min()):.2f}"))
    return StepView("decide", facts)
