"""View of the results page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from model.output.serialize import ModelDict
from webapp.presenters import formatters
from webapp.presenters.photo import PhotoView, RefusedView


@dataclass(frozen=True, slots=True)
class ResultsView:
    """The results page. A single photo's title is the page's; several have their own each."""

    title: str  # Heading.
    summary: str  # Sentence below the heading.
    photos: tuple[PhotoView | RefusedView, ...]  # In the order of the upload.
    single: bool  # Whether there is one photo.
    result: str  # Signed results of all photos, for downloads; empty for a single photo.
    model: str  # Name of the model.
    version: str  # Version of the model.
    target: str  # What its probabilities are of: people's votes, or the label.


def present(photos: Sequence[PhotoView | RefusedView], result: str, model: ModelDict) -> ResultsView:
    """Return the page of one or more photos, of which at least one was analysed."""
    single = len(photos) == 1
    read = [photo for photo in photos if isinstance(photo, PhotoView)]
    return ResultsView(
        title=read[0].title if single else _title(read, len(photos)),
        summary=read[0].summary if single else _summary(read, len(photos)),
        photos=tuple(photos),
        single=single,
        result=result,
        model=model["name"],
        version=model["version"],
        target=model["target"],
    )


def _title(read: Sequence[PhotoView], sent: int) -> str:
    faces = sum(len(photo.clear or photo.faint) for photo in read)
    return f"{formatters.how_many(sent, 'photo').capitalize()}, {formatters.how_many(faces, 'face')}"


def _summary(read: Sequence[PhotoView], sent: int) -> str:
    refused = sent - len(read)
    empty = sum(not photo.faces for photo in read)
    said = []
    if refused:
        said.append(f"{formatters.how_many(refused, 'photo').capitalize()} could not be read.")
    if empty:
        said.append(f"In {formatters.how_many(empty, 'photo')} no face was found.")
    return " ".join(said) or "Each photo has its own part below; the boxes carry the numbers of its cards."
