"""View of the results page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from model.output.serialize import ModelDict
from webapp.presenters import formatters
from webapp.presenters.faces import FaceView
from webapp.presenters.photo import PhotoView, RefusedView
from webapp.presenters.sheet import SheetRow, SheetView


@dataclass(frozen=True, slots=True)
class ResultsView:
    """The results page. A single photo's title is the page's; several have their own each."""

    title: str  # Heading.
    summary: str  # Sentence below the heading.
    photos: tuple[PhotoView | RefusedView, ...]  # In the order of the upload.
    single: bool  # Whether there is one photo.
    result: str  # Signed results of all photos, for downloads; empty for a single photo.
    sheet: SheetView | None  # The contact sheet; None where all faces have their cards in the page.
    model: str  # Name of the model.
    version: str  # Version of the model.
    open_key: str  # What a form calls the face whose card is open; empty if none is.
    target: str  # What its probabilities are of: people's votes, or the label.

    def card(self, key: str) -> FaceView | None:
        """Return the card of the face that a form calls ``key``, if it is in the page."""
        cards = (photo.card(key) for photo in self.photos if isinstance(photo, PhotoView))
        return next((card for card in cards if card), None)


def present(
    photos: Sequence[PhotoView | RefusedView], result: str, model: ModelDict, sheet: SheetView | None = None
) -> ResultsView:
    """Return the page of one or more photos, of which at least one was analysed."""
    single = len(photos) == 1
    read = [photo for photo in photos if isinstance(photo, PhotoView)]
    return ResultsView(
        title=sheet.title if sheet and not sheet.folded else _title(read, len(photos)),
        summary=_summary(sheet, read, len(photos)),
        photos=tuple(photos),
        single=single,
        result=result,
        sheet=sheet,
        model=model["name"],
        version=model["version"],
        open_key=_open_key(read, sheet),
        target=model["target"],
    )


def _open_key(read: Sequence[PhotoView], sheet: SheetView | None) -> str:
    """Return the key of the first open card of the sheet; empty if there is none."""
    keys = {f"{photo.number}-{card.number}" for photo in read for card in photo.cards}
    return next((row.key for row in (sheet.rows if sheet else ()) if row.key in keys), "")


def _title(read: Sequence[PhotoView], sent: int) -> str:
    if sent == 1:
        pair = [face for face in read[0].faces if not face.faint]
        return of_two(*pair) if len(pair) == 2 else read[0].title
    faces = sum(len([face for face in photo.faces if not face.faint] or photo.faces) for photo in read)
    return f"{formatters.how_many(sent, 'photo').capitalize()}, {formatters.how_many(faces, 'face')}"


def of_two(one: SheetRow, other: SheetRow) -> str:
    """Return what a person would say of two faces."""
    if not (one.confident or other.confident):
        return "Not sure about either of them"
    if one.confident and other.confident:
        return (
            f"Both look {one.brief}"
            if one.brief == other.brief
            else f"One looks {one.brief}, one {other.brief}"
        )
    sure = one if one.confident else other
    return f"One looks {sure.brief}, not sure about the other"


def _summary(sheet: SheetView | None, read: Sequence[PhotoView], sent: int) -> str:
    if sent == 1:
        said = [read[0].summary] if not sheet or sheet.folded else []
        return " ".join([*filter(None, said), *([sheet.summary] if sheet else [])])
    refused = sent - len(read)
    empty = sum(not photo.faces for photo in read)
    said = [sheet.summary] if sheet else []
    if refused:
        said.append(f"{formatters.how_many(refused, 'photo').capitalize()} could not be read.")
    if empty:
        said.append(f"In {formatters.how_many(empty, 'photo')} no face was found.")
    return " ".join(said) or "Each photo has its own part below; the boxes carry the numbers of its cards."
