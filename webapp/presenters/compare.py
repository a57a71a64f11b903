"""View of the comparison: the predictions of all models for the same faces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from model.faces.group import reading_order
from model.output.draw import boxes_on_photo
from model.types import Analysis, Detection, Source
from webapp.presenters import formatters
from webapp.presenters.faces import FaceView, present_face
from webapp.presenters.images import ImageView, jpeg
from webapp.presenters.model_choice import ChoiceView

PHOTO_SIDE = 640
STAGE_SIDE = 160
# Faces that are compared; each has the stages of every model.
MOST_FACES = 12


@dataclass(frozen=True, slots=True)
class AnswerView:
    """One model's prediction of a face."""

    model: ChoiceView  # Name and kind of the model.
    face: FaceView  # Card of the face.


@dataclass(frozen=True, slots=True)
class ComparedFace:
    """One face with the predictions of all models."""

    number: int  # From 1, as on the photo.
    anchor: str  # id of the face's section.
    source: Source  # Detected, or a region.
    agreement: str  # Sentence on how far the predictions agree.
    thumbnail: ImageView  # Crop of the face.
    answers: tuple[AnswerView, ...]  # In the order of the models.


@dataclass(frozen=True, slots=True)
class ComparedView:
    """The comparison page."""

    title: str  # Heading.
    summary: str  # Sentence below the heading.
    image: ImageView  # The photo with numbered boxes.
    faces: tuple[ComparedFace, ...]  # At most MOST_FACES.
    left_out: str  # Sentence on the models that cannot be loaded; empty if there is none.
    timings: str  # Milliseconds of each model's classification.


class Comparison:
    """The page in the making: takes one model's analysis after the other and keeps encoded pictures only."""

    def __init__(self, compared: Detection, found: int) -> None:
        """Begin with the faces that are compared, of so many that were ``found``."""
        self._found = found
        self._numbers = reading_order([face.box for face in compared.faces])
        self._answers: list[list[AnswerView]] = [[] for _ in compared.faces]
        self._models: list[str] = []
        self._timings: list[str] = []
        marked = formatters.how_many(len(compared.faces), "face")
        boxed = boxes_on_photo(compared.photo, compared.faces, max_side=PHOTO_SIDE, numbers=self._numbers)
        self._image = jpeg(boxed, f"The photo, with {marked} marked by numbered boxes")

    def add(self, analysis: Analysis, model: ChoiceView) -> None:
        """Add the analysis of the same faces by ``model``."""
        for number, answers, reading in zip(self._numbers, self._answers, analysis.faces, strict=True):
            card = present_face(number, reading, prefix=f"{model.name}-", side=STAGE_SIDE)
            answers.append(AnswerView(model, card))
        self._models.append(model.name)
        identity = analysis.model
        self._timings.append(f"{identity.name} {identity.version}: {analysis.timings_ms.classify:.0f} ms")

    def view(self, left_out: Sequence[str] = ()) -> ComparedView:
        """Return the view; ``left_out`` are the names of the models that cannot be loaded."""
        found = "No face found"
        if self._found:
            found = f"{formatters.how_many(self._found, 'face').capitalize()} found"
        return ComparedView(
            title=f"{found}, {formatters.how_many(len(self._models), 'model')}",
            summary=_summary(self._found),
            image=self._image,
            faces=tuple(
                _face(number, self._answers[place])
                for number, place in sorted((number, place) for place, number in enumerate(self._numbers))
            ),
            left_out=_left_out(left_out),
            timings="; ".join(self._timings),
        )


def _face(number: int, answers: Sequence[AnswerView]) -> ComparedFace:
    cards = [answer.face for answer in answers]
    return ComparedFace(
        number=number,
        anchor=f"face-{number}",
        source=cards[0].source,
        agreement=_agreement([card.brief for card in cards]),
        thumbnail=cards[0].thumbnail,
        answers=tuple(answers),
    )


def _agreement(briefs: Sequence[str]) -> str:
    """Return the sentence on how far the predictions agree; "not sure" counts as one of them."""
    distinct = sorted(set(briefs), key=lambda brief: -briefs.count(brief))
    if len(distinct) == 1:
        return f"All say: {distinct[0]}."
    said = ", ".join(f"{brief} ({briefs.count(brief)} of {len(briefs)})" for brief in distinct)
    return f"They disagree: {said}."


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
