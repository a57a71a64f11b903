"""View of the pipeline page: the output of each stage for the example photo."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from model.faces.crop import enlarge
from model.output.draw import attention_on_crop, boxes_on_photo
from model.store.metadata import Metadata
from model.types import Analysis, FaceResult
from webapp.presenters import formatters
from webapp.presenters.confidence import TrackRecord
from webapp.presenters.faces import CROP_SIDE, FaceView, present_face
from webapp.presenters.images import ImageView, fit, jpeg, png

PHOTO_SIDE = 480


@dataclass(frozen=True, slots=True)
class StepView:
    """The output of one stage for the example; its text is in templates/pipeline.html."""

    anchor: str  # Name of the stage, id of its section.
    facts: tuple[tuple[str, str], ...]  # (name, value) pairs.
    image: ImageView | None = None  # Output of the stage, if it is an image.
    pixelated: bool = False  # Enlarged without smoothing.


@dataclass(frozen=True, slots=True)
class PipelineView:
    """The pipeline page."""

    steps: tuple[StepView, ...]  # The stages in order.
    face: FaceView | None  # The example's first face; None if none was detected.
    metadata: Metadata  # Of the default model.
    views: int  # Test-time augmentation: views of a face.


def present(analysis: Analysis, metadata: Metadata, record: TrackRecord | None = None) -> PipelineView:
    """Return the view of the example photo's analysis by the model of ``metadata``.

    What ``record`` says is put under a sure answer.
    """
    views = len(metadata.tta_zooms) * (2 if metadata.tta_flip else 1)
    steps = [_open(analysis), _find(analysis)]
    if not analysis.faces:
        return PipelineView(tuple(steps), None, metadata, views)
    first = analysis.faces[0]
    steps += [
        _cut(first),
        _align(first),
        _shrink(first),
        *_weigh(first),
        *_vary(first, metadata, views),
        _decide(first),
    ]
    return PipelineView(tuple(steps), present_face(1, first, record=record), metadata, views)


def _open(analysis: Analysis) -> StepView:
    photo = analysis.photo
    return StepView(
        "open",
        (("Format", photo.format or "pixels"), ("Size", f"{formatters.size(*photo.original_size)} pixels")),
        jpeg(fit(photo.pixels, PHOTO_SIDE), "The example: portrait of an astronaut in an orange suit"),
    )


def _find(analysis: Analysis) -> StepView:
    faces = [reading.face for reading in analysis.faces]
    count = formatters.how_many(len(faces), "face")
    facts = [("Found", count)]
    if faces:
        facts.append(("Detector’s score", formatters.percent(faces[0].score)))
        facts.append(("Box", f"{faces[0].box[2]:.0f} × {faces[0].box[3]:.0f} pixels"))
    boxed = boxes_on_photo(analysis.photo, faces, max_side=PHOTO_SIDE)
    return StepView("find", tuple(facts), jpeg(boxed, f"The example with {count} marked"))


def _cut(reading: FaceResult) -> StepView:
    side = round(reading.crop.square[2])
    return StepView(
        "cut",
        (("Crop", f"{formatters.size(side, side)} pixels"),),
        jpeg(fit(reading.crop.pixels, CROP_SIDE), "The face, cut out as a square"),
    )


def _align(reading: FaceResult) -> StepView:
    return StepView(
        "align",
        (("The head leans", formatters.tilt(reading.crop.roll)),),
        jpeg(fit(reading.crop.aligned, CROP_SIDE), "The face, turned until its eyes are level"),
    )


def _shrink(reading: FaceResult) -> StepView:
    rows, columns = reading.network_input.shape
    return StepView(
        "shrink",
        (("Numbers", formatters.thousands(rows * columns)), ("Each from", "0 to 255")),
        png(reading.network_input, f"The face as {columns} by {rows} gray pixels"),
        pixelated=True,
    )


def _weigh(reading: FaceResult) -> list[StepView]:
    """Return the step of the attention; none if the network has no attention block."""
    attention = reading.prediction.attention
    if attention is None:
        return []
    rows, columns = attention.shape
    mapped = attention_on_crop(fit(reading.crop.aligned, CROP_SIDE), attention)
    facts = (("Map", f"{formatters.size(columns, rows)} weights"),)
    return [StepView("weigh", facts, jpeg(mapped, "The face under the network’s attention map"))]


def _vary(reading: FaceResult, metadata: Metadata, views: int) -> list[StepView]:
    """Return the step of test-time augmentation; none if the network reads one view."""
    if views == 1:
        return []
    given = reading.network_input[np.newaxis]
    rows = [[enlarge(given, zoom)[0]] for zoom in metadata.tta_zooms]
    if metadata.tta_flip:
        rows = [[view, view[:, ::-1]] for (view,) in rows]
    image = png(np.vstack([np.hstack(row) for row in rows]), "The views of the face that the network reads")
    return [StepView("vary", (("Views", str(views)),), image, pixelated=True)]


def _decide(reading: FaceResult) -> StepView:
    logits = reading.prediction.logits
    facts = (("Highest score", f"{float(logits.max()):.2f}"), ("Lowest score", f"{float(logits.min()):.2f}"))
    return StepView("decide", facts)
