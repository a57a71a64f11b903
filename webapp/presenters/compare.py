"""View of the comparison: the predictions of all models for the same faces."""

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
# Largest faces that are shown; each has the stages of every model.
MOST_FACES = 6


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


def present(
    analyses: Sequence[Analysis], models: Sequence[ChoiceView], left_out: Sequence[str] = ()
) -> ComparedView:
    """Return the view; ``analyses`` are of the same photo, one for each of ``models``, in their order.

    ``left_out`` are the names of the models that cannot be loaded.
    """
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
        left_out=_left_out(left_out),
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
        return f"Compared are the {formatters.how_many(MOST_FACES, 'face')} that are largest."
    return "Each model got the same face, cut out as it was trained to see it."
