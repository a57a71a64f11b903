"""View of the comparison: a matrix of models and expressions for each of the same faces."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from model.faces.group import reading_order
from model.output.draw import boxes_on_photo
from model.types import Analysis, Detection, FaceResult, Source
from webapp.presenters import formatters, messages
from webapp.presenters.expressions import NOBODY, SAME, Tone, in_order, tones
from webapp.presenters.images import ImageView, fit, webp
from webapp.presenters.model_choice import ChoiceView

PHOTO_SIDE, THUMBNAIL_SIDE = 640, 160
QUALITY = 76  # WebP quality, 0…100.
# The largest crop that is made of a face.
STAGE_SIDE = THUMBNAIL_SIDE
# Faces that are compared; each is read by every model.
MOST_FACES = 12
UNSURE = "not sure"


@dataclass(frozen=True, slots=True)
class Column:
    """One expression."""

    label: str  # As in the models.
    word: str  # Its adjective.
    tone: Tone  # How it is drawn.


@dataclass(frozen=True, slots=True)
class Cell:
    """One model's probability of one expression."""

    percent: str  # As text, without the sign; empty where the model does not know the expression.
    level: int  # Tenths, 0…10.
    top: bool  # Whether it is the model's highest.
    tone: str  # Name of the expression's colour.


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One model's reading of a face."""

    model: ChoiceView  # Name and kind of the model.
    brief: str  # Its answer in a word or two.
    confident: bool  # Whether it is sure.
    agrees: bool  # Whether it answers what most do.
    cells: tuple[Cell, ...]  # In the order of the columns.


@dataclass(frozen=True, slots=True)
class ComparedFace:
    """One face with the readings of all models."""

    number: int  # From 1, as on the photo.
    anchor: str  # id of the face's section.
    source: Source  # Detected, or a region.
    agreement: str  # How many agree.
    thumbnail: ImageView  # Crop of the face.
    rows: tuple[ModelRow, ...]  # In the order of the models.


@dataclass(frozen=True, slots=True)
class ComparedView:
    """The comparison page."""

    title: str  # Heading.
    summary: str  # Sentence below the heading.
    truncated: bool  # Whether the end of the photo's file is missing.
    image: ImageView  # The photo with numbered boxes.
    columns: tuple[Column, ...]  # All expressions that a model knows.
    faces: tuple[ComparedFace, ...]  # At most MOST_FACES.
    left_out: str  # Sentence on the models that cannot be loaded; empty if there is none.
    timings: str  # Milliseconds of each model's classification.


@dataclass(frozen=True, slots=True)
class _Reading:
    """What is kept of one model's reading."""

    model: ChoiceView
    emotion: str
    confident: bool
    shares: dict[str, float]


class Comparison:
    """The page in the making: takes one model's analysis after the other and keeps numbers only."""

    def __init__(self, compared: Detection, found: int) -> None:
        """Begin with the faces that are compared, of so many that were ``found``."""
        self._found = found
        self._numbers = reading_order([face.box for face in compared.faces])
        self._readings: list[list[_Reading]] = [[] for _ in compared.faces]
        self._pictures: list[ImageView] = []
        self._source = compared.source
        self._truncated = compared.photo.truncated
        self._models: list[str] = []
        self._timings: list[str] = []
        marked = formatters.how_many(len(compared.faces), "face")
        boxed = boxes_on_photo(compared.photo, compared.faces, max_side=PHOTO_SIDE, numbers=self._numbers)
        self._image = webp(boxed, f"The photo, with {marked} marked by numbered boxes", quality=QUALITY)

    def add(self, analysis: Analysis, model: ChoiceView) -> None:
        """Add the analysis of the same faces by ``model``."""
        if not self._pictures:
            self._pictures = [_picture(reading) for reading in analysis.faces]
        for readings, reading in zip(self._readings, analysis.faces, strict=True):
            prediction = reading.prediction
            shares = {SAME.get(label, label): share for label, share in prediction.ranked()}
            emotion = SAME.get(prediction.emotion, prediction.emotion)
            readings.append(_Reading(model, emotion, prediction.confident, shares))
        self._models.append(model.name)
        identity = analysis.model
        self._timings.append(f"{identity.name} {identity.version}: {analysis.timings_ms.classify:.0f} ms")

    def view(self, left_out: Sequence[str] = ()) -> ComparedView:
        """Return the view; ``left_out`` are the names of the models that cannot be loaded."""
        columns = self._columns()
        places = sorted(range(len(self._numbers)), key=lambda place: self._numbers[place])
        faces = tuple(self._face(place, columns) for place in places)
        return ComparedView(
            title=_title(self._found, len(self._models), faces),
            summary=_summary(self._found),
            truncated=self._truncated,
            image=self._image,
            columns=columns,
            faces=faces,
            left_out=_left_out(left_out),
            timings="; ".join(self._timings),
        )

    def _columns(self) -> tuple[Column, ...]:
        known = {label: None for readings in self._readings for one in readings for label in one.shares}
        labels = in_order(tuple(known))
        drawn = tones(labels)
        return tuple(Column(label, messages.adjective(label), drawn[label]) for label in labels)

    def _face(self, place: int, columns: Sequence[Column]) -> ComparedFace:
        readings, number = self._readings[place], self._numbers[place]
        briefs = [messages.adjective(one.emotion) if one.confident else UNSURE for one in readings]
        most = Counter(briefs).most_common(1)[0][0] if briefs else ""
        rows = tuple(
            ModelRow(
                one.model,
                brief,
                one.confident,
                brief == most,
                tuple(_cell(one, column) for column in columns),
            )
            for one, brief in zip(readings, briefs, strict=True)
        )
        return ComparedFace(
            number=number,
            anchor=f"face-{number}",
            source=self._source,
            agreement=agreement(briefs),
            thumbnail=self._pictures[place],
            rows=rows,
        )


def _picture(reading: FaceResult) -> ImageView:
    return webp(
        fit(reading.crop.aligned, THUMBNAIL_SIDE),
        f"Face {reading.number}, as it was cut out",
        quality=QUALITY,
    )


def _cell(reading: _Reading, column: Column) -> Cell:
    if column.label not in reading.shares:
        return Cell("", 0, top=False, tone=NOBODY)
    share = reading.shares[column.label]
    percent = "<1" if 0 < share < 0.005 else ">99" if 0.995 <= share < 1 else f"{100 * share:.0f}"
    return Cell(percent, round(10 * share), column.label == reading.emotion, column.tone.name)


def agreement(briefs: Sequence[str]) -> str:
    """Return how many of the answers agree; "not sure" counts as one of them."""
    counts = Counter(briefs).most_common()
    if not counts:
        return ""
    said, most = counts[0]
    if most == len(briefs):
        return f"All {most} are {UNSURE}." if said == UNSURE else f"All {most} agree: {said}."
    others = "; ".join(
        f"{count} {'are' if count > 1 else 'is'} {UNSURE}"
        if brief == UNSURE
        else f"{count} {'say' if count > 1 else 'says'} {brief}"
        for brief, count in counts[1:]
    )
    if said == UNSURE:
        return f"{most} of {len(briefs)} are {UNSURE}; {others}."
    return f"{most} of {len(briefs)} agree: {said}; {others}."


def _title(found: int, models: int, faces: Sequence[ComparedFace]) -> str:
    if not found:
        return "No face found"
    if found == 1:
        return faces[0].agreement.partition(";")[0].rstrip(".")
    return f"{formatters.how_many(found, 'face').capitalize()}, {formatters.how_many(models, 'model')}"


def _left_out(names: Sequence[str]) -> str:
    if not names:
        return ""
    files = "its files are" if len(names) == 1 else "their files are"
    return f"Left out: {', '.join(names)}, because {files} missing or altered on this server."


def _summary(count: int) -> str:
    if not count:
        return "Analyse the photo on the start page: there you can point at the part that is a face."
    if count > MOST_FACES:
        return f"Compared are the {formatters.how_many(MOST_FACES, 'face')} that the detector is surest of."
    return "Each model got the same face, cut out as it was trained to see it."
