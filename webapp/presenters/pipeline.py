"""The pipeline page: each stage explained beside what it made of one real photo."""

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
from webapp.presenters.quality import tilt

PHOTO_SIDE = 480

CREDIT = (
    "The example is the official portrait of the astronaut Eileen Collins by NASA, in the public domain. "
    "The pictures and numbers on this page were made by the running model, not drawn."
)
ATTENTION_CAUTION = (
    "What the map shows: what the network multiplied its own features with, place by place, halfway through. What it "
    "does not show: why it answered as it did. Later layers mix all places, the bright ones may have spoken for "
    "another expression, and two networks with the same answers can have different maps. A hint on where to look, "
    "and no explanation of the decision."
)


@dataclass(frozen=True, slots=True)
class StepView:
    """One stage: what happens, and what it made of the example."""

    anchor: str
    title: str
    text: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    image: ImageView | None = None
    pixelated: bool = False


@dataclass(frozen=True, slots=True)
class PipelineView:
    """The page: the steps in order, and the example's answer with its chart (None if no face was found)."""

    steps: tuple[StepView, ...]
    face: FaceView | None
    credit: str


def present(analysis: Analysis, metadata: Metadata, record: TrackRecord | None = None) -> PipelineView:
    """Return the page about the analysis of the example photo by the model of ``metadata``.

    What ``record`` says is put under a sure answer.
    """
    steps = [_open(analysis), _find(analysis)]
    if not analysis.faces:
        return PipelineView(tuple(steps), None, CREDIT)
    first = analysis.faces[0]
    steps += [
        _cut(first),
        _align(first),
        _shrink(first),
        *_weigh(first),
        *_vary(first, metadata),
        _decide(first),
    ]
    return PipelineView(tuple(steps), present_face(1, first, record=record), CREDIT)


def _open(analysis: Analysis) -> StepView:
    photo = analysis.photo
    return StepView(
        "open",
        "Open the photo",
        (
            "The file is judged by its content, not by its name, and turned upright as the camera noted it. "
            "It stays in memory: nothing is written to a disk.",
        ),
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
    return StepView(
        "find",
        "Find the faces",
        (
            "Three small networks in a row (MTCNN) search the photo at many sizes: the first proposes "
            "places, the second sorts out, the third settles the box and marks eyes, nose and mouth.",
            "Where no face is sure enough, the photo is turned by 90°, 180° and 270° and searched again, then "
            "looked at more closely, and at last for blurred or cut-off faces. If all that finds nothing the way "
            "ends here: no face is ever made up.",
        ),
        tuple(facts),
        jpeg(boxes_on_photo(analysis.photo, faces, max_side=PHOTO_SIDE), f"The example with {count} marked"),
    )


def _cut(reading: FaceResult) -> StepView:
    side = reading.crop.pixels.shape[0]
    return StepView(
        "cut",
        "Cut out a square",
        (
            "The square is placed so that eyes and mouth land where they are in the pictures that the "
            "network learned from. A face framed otherwise would look strange to it.",
        ),
        (("Crop", f"{formatters.size(side, side)} pixels"),),
        jpeg(fit(reading.crop.pixels, CROP_SIDE), "The face, cut out as a square"),
    )


def _align(reading: FaceResult) -> StepView:
    roll = reading.crop.roll
    return StepView(
        "align",
        "Turn the eyes level",
        (
            "Heads lean, and the faces that the network learned from hardly do. So the photo is turned about the "
            "middle of the square until the line through the eyes is level, and the same square is cut again.",
            "Over 45° the eyes are more likely misplaced than the head leaning so far; then nothing is turned.",
        ),
        (("The head leans", tilt(roll)),),
        jpeg(fit(reading.crop.aligned, CROP_SIDE), "The face, turned until its eyes are level"),
    )


def _shrink(reading: FaceResult) -> StepView:
    rows, columns = reading.network_input.shape
    return StepView(
        "shrink",
        f"Down to {formatters.size(columns, rows)} grays",
        (
            "Colour goes, and most of the detail with it: this is everything the network will see. "
            "The same few lines of code prepare the pictures for training.",
        ),
        (
            ("Numbers", f"{rows * columns:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")),
            ("Each from", "0 to 255"),
        ),
        png(reading.network_input, f"The face as {columns} by {rows} gray pixels"),
        pixelated=True,
    )


def _weigh(reading: FaceResult) -> list[StepView]:
    """Return the step of the attention, or none where the network has no such block."""
    attention = reading.prediction.attention
    if attention is None:
        return []
    rows, columns = attention.shape
    crop = fit(reading.crop.aligned, CROP_SIDE)
    step = StepView(
        "weigh",
        "Look closer where it matters",
        (
            "Blocks of convolutions look for edges, then for shapes. After the second block the network "
            "weighs every place of the picture and lets the rest fade: its attention.",
            ATTENTION_CAUTION,
        ),
        (("Map", f"{formatters.size(columns, rows)} weights"),),
        jpeg(attention_on_crop(crop, attention), "The face under the network’s attention map"),
    )
    return [step]


def _vary(reading: FaceResult, metadata: Metadata) -> list[StepView]:
    """Return the step of the several views, or none where the network reads the face only as it is."""
    given = reading.network_input[np.newaxis]
    rows = [[enlarge(given, zoom)[0]] for zoom in metadata.tta_zooms]
    if metadata.tta_flip:
        rows = [[view, view[:, ::-1]] for (view,) in rows]
    count = len(rows) * len(rows[0])
    if count == 1:
        return []
    ways = [f"enlarged by {formatters.percent(zoom - 1)}" for zoom in metadata.tta_zooms[1:]]
    mirrored = " And each time its mirror image too: it shows the same expression." * metadata.tta_flip
    step = StepView(
        "vary",
        f"Read it in {formatters.how_many(count, 'view')}",
        (
            f"The network reads the picture {' and '.join(['as it is', *ways])}.{mirrored} What it says of an "
            "expression is the mean of these scores, so that a chance of framing counts for less.",
        ),
        (("Views", str(count)),),
        png(np.vstack([np.hstack(row) for row in rows]), "The views of the face that the network reads"),
        pixelated=True,
    )
    return [step]


def _decide(reading: FaceResult) -> StepView:
    prediction = reading.prediction
    return StepView(
        "decide",
        "Turn scores into probabilities",
        (
            f"The network gives one score to each of {len(prediction.labels)} expressions. A temperature, "
            "measured on faces it never learned from, turns them into probabilities that mean what they say.",
            f"Under {formatters.percent(prediction.threshold)} the site answers that it is not sure.",
        ),
        (
            ("Highest score", f"{float(prediction.logits.max()):.2f}"),
            ("Lowest score", f"{float(prediction.logits.min()):.2f}"),
        ),
    )
