"""The page that sets what all models say of the same faces side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from model.output.draw import boxes_on_photo
from model.types import Analysis, Source
from webapp.presenters import formatters
from webapp.presenters.faces import FaceView, present_face
from webapp.presenters.images import ImageView, jpeg
from webapp.presenters.model_choice import ChoiceView

PHOTO_SIDE = 640
STAGE_SIDE = 160
# Every face comes with the pictures of every model; the largest ones tell enough.
MOST_FACES = 6


@dataclass(frozen=True, slots=True)
class AnswerView:
    """What one model says of a face."""

    model: ChoiceView
    face: FaceView


@dataclass(frozen=True, slots=True)
class ComparedFace:
    """One face with all answers."""

    number: int
    anchor: str
    source: Source
    agreement: str  # How far the answers agree, in words.
    thumbnail: ImageView
    answers: tuple[AnswerView, ...]


@dataclass(frozen=True, slots=True)
class ComparedView:
    """The page: the photo with its boxes, and each face."""

    title: str
    summary: str
    image: ImageView
    faces: tuple[ComparedFace, ...]
    timings: str


def present(analyses: Sequence[Analysis], models: Sequence[ChoiceView]) -> ComparedView:
    """Return the page; ``analyses`` are of one photo, one by each of ``models``, in their order."""
    first = analyses[0]
    count = len(first.faces)
    faces = tuple(_face(number, analyses, models) for number in range(1, min(count, MOST_FACES) + 1))
    boxed = boxes_on_photo(first.photo, [reading.face for reading in first.faces], max_side=PHOTO_SIDE)
    found = f"{formatters.how_many(count, 'face').capitalize()} found" if count else "No face found"
    return ComparedView(
        title=f"{found}, {formatters.how_many(len(models), 'model')}",
        summary=_summary(count),
        image=jpeg(boxed, f"The photo, with {formatters.how_many(count, 'face')} marked by numbered boxes"),
        faces=faces,
        timings="; ".join(
            f"{analysis.model.name} {analysis.model.version}: {analysis.timings_ms.classify:.0f} ms"
            for analysis in analyses
        ),
    )


def _face(number: int, analyses: Sequence[Analysis], models: Sequence[ChoiceView]) -> ComparedFace:
    cards = [
        present_face(number, analysis.faces[number - 1], prefix=f"{model.name}-", side=STAGE_SIDE)
        for analysis, model in zip(analyses, models, strict=True)
    ]
    return ComparedFace(
        number=number,
        anchor=f"face-{number}",
        source=cards[0].source,
        agreement=_agreement([card.brief for card in cards]),
        thumbnail=cards[0].thumbnail,
        answers=tuple(AnswerView(model, card) for model, card in zip(models, cards, strict=True)),
    )


def _agreement(briefs: Sequence[str]) -> str:
    """Return how far the answers agree; "not sure" is an answer too."""
    distinct = sorted(set(briefs), key=lambda brief: -briefs.count(brief))
    if len(distinct) == 1:
        return f"All say: {distinct[0]}."
    said = ", ".join(f"{brief} ({briefs.count(brief)} of {len(briefs)})" for brief in distinct)
    return f"They disagree: {said}."


def _summary(count: int) -> str:
    if not count:
        return "Analyse the photo on the start page: there you can point at the part that is a face."
    if count > MOST_FACES:
        return f"Compared are the {formatters.how_many(MOST_FACES, 'face')} that are largest."
    return "Each model got the same face, cut out as it was trained to see it."
