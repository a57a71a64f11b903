"""The results page: its photos, what it says above them, and what can be taken along."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.presenters import formatters, quality
from webapp.presenters.photo import PhotoView, RefusedView


@dataclass(frozen=True, slots=True)
class Labels:
    """What headings, buttons and fields of the page are called."""

    overview: str = "All faces"
    figures: str = "The figures behind it"
    limits: str = quality.explain_limits()
    trust: str = "Can this reading be trusted?"
    tried: str = "What was tried"
    tips: str = "What helps"
    pointed: str = "No face detected here"
    again: str = "Point at another part"
    read_box: str = "Read this part"
    read_whole: str = "Use the whole photo"
    x: str = "Left"
    y: str = "Top"
    width: str = "Width"
    height: str = "Height"
    take: str = "Take it with you"
    take_text: str = "Made from what this page carries; the server has kept nothing."
    take_json: str = "JSON"
    take_csv: str = "CSV"
    take_png: str = "Picture (PNG)"
    take_print: str = "Print"
    refused: str = "This photo could not be read"
    next: str = "Analyse another photo"
    explain: str = "How it works"
    compare: str = "Let every model read this photo"


LABELS = Labels()


@dataclass(frozen=True, slots=True)
class ResultsView:
    """The page. ``result`` are all photos' results, signed, for the downloads of everything.

    A single photo's heading is the page's; of several, each has its own.
    """

    title: str
    summary: str
    photos: tuple[PhotoView | RefusedView, ...]
    single: bool
    result: str
    model: str
    version: str
    labels: Labels = LABELS


def present(photos: Sequence[PhotoView | RefusedView], result: str, model: str, version: str) -> ResultsView:
    """Return the page of one or more photos, of which at least one was read."""
    single = len(photos) == 1
    read = [photo for photo in photos if isinstance(photo, PhotoView)]
    return ResultsView(
        title=read[0].title if single else _title(read, len(photos)),
        summary=read[0].summary if single else _summary(read, len(photos)),
        photos=tuple(photos),
        single=single,
        result=result,
        model=model,
        version=version,
    )


def _title(read: Sequence[PhotoView], sent: int) -> str:
    faces = sum(len(photo.faces) for photo in read)
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
