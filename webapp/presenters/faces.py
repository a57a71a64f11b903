"""View of one face: prediction, stages, chart of probabilities and quality panel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from model.faces.movements import Movement
from model.geometry import Floats, Pixels
from model.output.draw import attention_on_crop, band_on_face, explanation_image, mesh_image
from model.output.votes import out_of_ten
from model.types import FaceResult, Prediction, Quality, Source
from webapp.presenters import formatters, messages
from webapp.presenters.confidence import Cover, Measured, TrackRecord, cover, runner_up, too_close
from webapp.presenters.expressions import NOBODY, Group, in_order, ten_people, tones
from webapp.presenters.formatters import NEARLY_LEVEL
from webapp.presenters.images import ImageView, fit, png, webp
from webapp.presenters.movements import MovementView, present_movements
from webapp.presenters.stage_words import STAGE_WORDS

CROP_SIDE = 160
EXPLANATION_SIDE = 240
THUMBNAIL_SIDE = 56
NOT_SURE = "not sure"
# Of a face's crops, no more is shown anywhere.
LARGEST_SIDE = max(CROP_SIDE, EXPLANATION_SIDE)


@dataclass(frozen=True, slots=True)
class ProbabilityRow:
    """One bar of the chart."""

    label: str  # Adjective of the expression.
    value: float  # Probability, 0…1.
    percent: str  # The same as text.
    top: bool  # Whether it is the most probable.
    tone: str = NOBODY  # Name of its colour and face, see ``webapp.presenters.expressions``.
    letter: str = ""  # What stands in place of a face, for labels of other models.


@dataclass(frozen=True, slots=True)
class StageView:
    """The image of one stage of a face."""

    name: str  # Name of the stage.
    note: str  # Short description.
    image: ImageView  # Output of the stage.
    pixelated: bool = False  # Enlarged without smoothing.


@dataclass(frozen=True, slots=True, eq=False)
class Explained:
    """An occlusion map of one face."""

    face: int  # Number of the face, from 1, as on the photo.
    label: str  # The explained expression.
    spoke: Floats  # Map of ``model.explain.occlusion_map``, (height, width).


@dataclass(frozen=True, slots=True)
class ExplanationView:
    """View of an explanation."""

    label: str  # The explained expression.
    image: ImageView  # The map over the face.


@dataclass(frozen=True, slots=True)
class FaceView:
    """One face's card; the sentences are in the templates."""

    number: int  # From 1, as on the photo.
    anchor: str  # id of the card.
    source: Source  # Detected, or a region.
    prediction: Prediction  # Label, probabilities, logits.
    confident: bool  # Whether the confidence is above the model's threshold.
    too_close: bool  # Whether the two highest probabilities are too close to call.
    # How many of ten people would choose each label; empty unless the model predicts votes.
    people: tuple[tuple[str, int], ...]
    ten: tuple[Group, ...]  # The same as ten figures; empty, too, unless it predicts votes.
    cover: Cover  # Whether the lower face is covered.
    eyes_only: bool  # Whether the model reads eyes and eyebrows only.
    runner_up: tuple[str, float] | None  # Label and probability, if it is close.
    record: Measured | None  # Accuracy of such predictions, if it was measured.
    quality: Quality  # For the quality panel.
    stages: tuple[StageView, ...]  # In order.
    probabilities: tuple[ProbabilityRow, ...]  # In the order of the bars.
    thumbnail: ImageView  # Crop of the face.
    explanation: ExplanationView | None  # If it was requested for this face.
    movements: tuple[MovementView, ...] = ()  # What the face does, if it was measured.

    @property
    def pointed(self) -> bool:
        """Whether it is a marked region or the whole photo instead of a detected face."""
        return self.source != "detected"

    @property
    def threshold(self) -> float:
        """The probability, 0…1, from which on the model counts as sure."""
        return self.prediction.threshold

    @property
    def tone(self) -> str:
        """The tone of the answer; that of nobody if the model is not sure."""
        return next((row.tone for row in self.probabilities if row.top and self.confident), NOBODY)

    @property
    def rivals(self) -> tuple[str, ...]:
        """Adjectives of the two expressions between which it is too close to call."""
        return tuple(messages.adjective(label) for label, _ in self.prediction.ranked()[:2])

    @property
    def brief(self) -> str:
        """The prediction in a word or two."""
        return messages.adjective(self.prediction.emotion) if self.confident else NOT_SURE


def present_face(
    number: int,
    reading: FaceResult,
    *,
    prefix: str = "",
    record: TrackRecord | None = None,
    side: int = CROP_SIDE,
    explained: Explained | None = None,
    movements: Sequence[Movement] = (),
) -> FaceView:
    """Return the card of one face; ``number`` counts from 1 as on the photo.

    ``prefix`` makes the anchors of several photos unique, ``record`` has the accuracy shown for a confident prediction,
    ``side`` limits the images in pixels. ``explained`` is shown on the card of its face,
    ``movements`` are its measures.
    """
    prediction = reading.prediction
    shares = dict(prediction.ranked())
    votes = prediction.target == "people_votes"
    # The test set has faces only, so its accuracy does not apply to other regions.
    plain = reading.source == "detected" and not prediction.looks_covered
    known = record is not None and prediction.confident and plain
    return FaceView(
        number=number,
        anchor=f"{prefix}face-{number}",
        source=reading.source,
        prediction=prediction,
        confident=prediction.confident,
        too_close=too_close(shares),
        people=tuple(out_of_ten(shares)) if votes else (),
        ten=ten_people(shares) if votes else (),
        cover=cover(prediction),
        eyes_only=reading.band is not None,
        # The votes show the second place already.
        runner_up=None if votes else runner_up(prediction),
        record=record.of(prediction) if record is not None and known else None,
        quality=reading.quality,
        stages=stages(number, reading, side),
        probabilities=probabilities(prediction),
        thumbnail=webp(fit(reading.crop.pixels, THUMBNAIL_SIDE), ""),
        explanation=_explanation(reading, explained) if explained and explained.face == number else None,
        movements=present_movements(movements),
    )


def _explanation(reading: FaceResult, explained: Explained) -> ExplanationView:
    picture = explanation_image(reading, explained.spoke, side=EXPLANATION_SIDE)
    return ExplanationView(explained.label, webp(picture, explanation_alt(explained.face, explained.label)))


def explanation_alt(number: object, label: str) -> str:
    """Return what the picture shows of what pointed to ``label``."""
    word = messages.adjective(label)
    return f"Face {number} in gray; orange where covering a small patch makes “{word}” less likely"


def probabilities(prediction: Prediction) -> tuple[ProbabilityRow, ...]:
    """Return the bars, in the same order for every face."""
    shares, drawn = dict(prediction.ranked()), tones(prediction.labels)
    return tuple(
        ProbabilityRow(
            messages.adjective(label),
            round(shares[label], 4),
            formatters.short_percent(shares[label]),
            top=label == prediction.emotion,
            tone=drawn[label].name,
            letter=drawn[label].letter,
        )
        for label in in_order(prediction.labels)
    )


def stages(number: int, reading: FaceResult, side: int = CROP_SIDE) -> tuple[StageView, ...]:
    """Return the stages in order; the aligned crop only if it was rotated."""
    # The images may have been shrunk already.
    pixels = round(reading.crop.square[2])
    rows, columns = reading.network_input.shape
    level = fit(reading.crop.aligned, side)
    roll = reading.crop.roll
    strip = [
        _stage("crop", fit(reading.crop.pixels, side), number=number, size=formatters.size(pixels, pixels))
    ]
    if abs(roll) > NEARLY_LEVEL:
        back = "left" if roll > 0 else "right"
        strip.append(_stage("aligned", level, number=number, degrees=f"{abs(roll):.0f}", side=back))
    strip += _extractions(number, reading, side)
    kind = "input" if reading.mesh is None else "input_and_mesh"
    given = {"size": formatters.size(columns, rows), "columns": columns, "rows": rows}
    strip.append(_stage(kind, reading.network_input, number=number, **given))
    attention = reading.prediction.attention
    # Of the eye band, not of the whole face.
    if attention is not None and reading.band is None:
        strip.append(_stage("attention", attention_on_crop(level, attention), number=number))
    return tuple(strip)


def _stage(kind: str, picture: Pixels, **given: object) -> StageView:
    """Return a stage with its words; a gray picture is shown pixel by pixel."""
    words, gray = STAGE_WORDS[kind], picture.ndim == 2
    image = (png if gray else webp)(picture, words.alt.format(**given))
    return StageView(words.name, words.note.format(**given), image, pixelated=gray)


def _extractions(number: int, reading: FaceResult, side: int) -> list[StageView]:
    """Return the stages before the input that some models have: eye band or mesh."""
    if reading.band is not None:
        how = (
            "found by the eyes"
            if reading.band.measured
            else "placed as in an average face: no eyes were marked"
        )
        return [
            StageView(
                "Eyes and eyebrows",
                f"the band inside the frame, {how}",
                webp(
                    fit(band_on_face(reading.band), side),
                    f"Face {number} in gray with a frame around its eyes",
                ),
            )
        ]
    if reading.mesh is None:
        return []
    if not reading.mesh.found:
        note = "no mesh could be placed; average points stand in"
        return [
            StageView("Mesh", note, webp(fit(reading.crop.aligned, side), f"Face {number} without a mesh"))
        ]
    picture = mesh_image(reading.crop, reading.mesh, side=side)
    note = f"{len(reading.mesh.points)} points that the model reads beside the pixels"
    return [StageView("Mesh", note, webp(picture, f"Face {number} under a net of lines along its surface"))]
