"""View of one photo with its faces, a part of the results page."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from model.faces.movements import Movement
from model.types import Analysis, Source
from webapp.presenters import formatters, no_face
from webapp.presenters.confidence import TrackRecord
from webapp.presenters.faces import Explained, FaceView, present_face
from webapp.presenters.images import ImageView, fit, webp
from webapp.presenters.marks import Mark, marks
from webapp.presenters.no_face import RegionView
from webapp.presenters.sheet import SheetRow

# Longest side in pixels of the photo that is shown, with the faces at most; among several photos, less.
SIDES, SIDE_AMONG_SEVERAL = ((2, 640), (10**9, 800)), 480
SMALLEST = 480  # Smaller ones are shown enlarged.
QUALITY, MOST_BYTES = 74, 34_000  # Of its WebP.
# Photos of at least this width / height are shown above the cards, others beside them.
WIDE_ASPECT_RATIO = 2.2


@dataclass(frozen=True, slots=True)
class PhotoForm:
    """The form fields of one photo."""

    name: str  # Name of the photo's file.
    result: str  # Signed result.
    image: str  # The photo as a base64 JPEG.
    width: int  # Its width in pixels.
    height: int  # Its height in pixels.
    error: str = ""  # Why the last region could not be classified.


@dataclass(frozen=True, slots=True)
class PhotoView:
    """View of an analysed photo."""

    anchor: str  # id of its section.
    name: str  # Name of its file.
    title: str  # Heading.
    summary: str  # Sentence below the heading.
    rotated: str  # Sentence on the photo's rotation, or empty.
    truncated: bool  # Whether the end of its file is missing.
    image: ImageView  # The photo.
    marks: tuple[Mark, ...]  # What is drawn over it: a box for each face.
    wide: bool  # Shown above the cards instead of beside them.
    faces: tuple[SheetRow, ...]  # All its faces, in short, by their numbers.
    cards: tuple[FaceView, ...]  # The cards that are in the page, by their numbers.
    limits: tuple[str, ...]  # Sentences on what was not looked for or not kept.
    tried: tuple[str, ...]  # A phrase for each detection pass, without a face.
    region: RegionView  # Form to mark a region.
    form: PhotoForm  # Its form fields.
    timings: str  # Milliseconds of the stages.
    number: int = 1  # From 1, among the photos of the page.
    error: str = ""  # Empty; RefusedView has one.

    @property
    def clear_cards(self) -> tuple[FaceView, ...]:
        """The cards of faces that are not of the background; all of them where every face is."""
        faint = {face.number for face in self.faces if face.faint}
        return tuple(card for card in self.cards if card.number not in faint) or self.cards

    @property
    def alone(self) -> FaceView | None:
        """The face that the page is about, if just one was found beside the faint ones, and its card is in the page."""
        clear = [row for row in self.faces if not row.faint]
        if len(clear) != 1 or clear[0].pointed:
            return None
        return self.card(clear[0].key)

    def card(self, key: str) -> FaceView | None:
        """Return the card of the face that a form calls ``key``, if it is in the page."""
        return next((card for card in self.cards if f"{self.number}-{card.number}" == key), None)


@dataclass(frozen=True, slots=True)
class RefusedView:
    """View of a refused photo among several."""

    anchor: str  # id of its section.
    name: str  # Name of its file.
    error: str  # Message of the PhotoError.
    number: int = 1  # From 1, among the photos of the page.


def present_photo(
    analysis: Analysis,
    form: PhotoForm,
    rows: Sequence[SheetRow],
    *,
    opened: Collection[str],
    among_several: bool = False,
    number: int = 1,
    record: TrackRecord | None = None,
    explained: Explained | None = None,
    movements: Mapping[int, Sequence[Movement]] | None = None,
    limits: Sequence[str] = (),
) -> PhotoView:
    """Return the view of one analysed photo; ``number`` counts the photos of the page from 1.

    ``rows`` are all its faces, ``opened`` the keys of those whose cards are in the page, which the analysis has.
    ``among_several`` says whether the page has other photos, too.
    ``movements`` are the measures of its faces by number, ``limits`` the sentences of ``model.output.limits``.
    """
    anchor = f"photo-{number}"
    asked = [reading for reading in analysis.faces if f"{number}-{reading.number}" in opened]
    present = partial(present_face, prefix=f"{anchor}-", record=record, explained=explained)
    cards = tuple(
        present(reading.number, reading, movements=(movements or {}).get(reading.number, ()))
        for reading in sorted(asked, key=lambda reading: reading.number)
    )
    source = _source(analysis, rows)
    box = analysis.faces[0].face.box if source != "detected" else None
    image = _image(analysis, len(rows), source, among_several)
    # The faint ones of the background are told in the sheet.
    clear = [row for row in rows if not row.faint] or rows
    return PhotoView(
        anchor=anchor,
        name=form.name,
        title=title(len(clear), source),
        summary=summary(clear),
        rotated=no_face.rotated(analysis),
        truncated=analysis.photo.truncated,
        image=image,
        marks=marks(rows, analysis.photo.original_size, (image.width, image.height)),
        wide=bool(rows) and analysis.photo.width > WIDE_ASPECT_RATIO * analysis.photo.height,
        faces=tuple(rows),
        cards=cards,
        limits=tuple(limits),
        tried=() if rows else no_face.attempts(analysis),
        region=no_face.present_region(analysis.photo, (form.width, form.height), box, form.error),
        form=form,
        timings=_timings(analysis),
        number=number,
    )


def _source(analysis: Analysis, rows: Sequence[SheetRow]) -> Source:
    """Return where the faces come from, if all were pointed at; else they were detected."""
    pointed = bool(analysis.faces) and all(row.pointed for row in rows)
    return analysis.faces[0].source if pointed else "detected"


def title(count: int, source: Source) -> str:
    """Return the heading of one photo."""
    if source == "region":
        return "You pointed here"
    if source == "whole":
        return "No face found"
    return f"{formatters.how_many(count, 'face').capitalize()} found" if count else "No face found"


def _image(analysis: Analysis, count: int, source: Source, among_several: bool) -> ImageView:
    """Return the plain photo; a small one is to be shown larger than it is."""
    alt = f"The photo, with {formatters.how_many(count, 'face')} marked" if count else "The photo"
    if source != "detected":
        alt = "The photo, with the part that was read marked"
    side = SIDE_AMONG_SEVERAL if among_several else next(side for most, side in SIDES if count <= most)
    image = webp(fit(analysis.photo.pixels, side), alt, quality=QUALITY, most_bytes=MOST_BYTES)
    enlarged = SMALLEST / max(image.width, image.height)
    if enlarged <= 1:
        return image
    width, height = (max(1, round(length * enlarged)) for length in (image.width, image.height))
    return replace(image, width=width, height=height)


def summary(faces: Sequence[SheetRow]) -> str:
    """Return the sentence below the heading, on how sure the model is."""
    if not faces:
        return "That happens with small, turned, hidden or blurred faces, and of course where there is none."
    if all(face.pointed for face in faces):
        return "The detector found no face; the network read the part in the box all the same."
    unsure = sum(not face.confident for face in faces)
    if len(faces) == 1:
        return "The model found the face but is not sure about its expression." if unsure else ""
    found = f"{formatters.how_many(len(faces), 'face').capitalize()}, numbered as on the photo."
    if unsure == 0:
        return found
    if unsure == len(faces):
        return f"{found} The model is not sure about the expression of any of them."
    return f"{found} The model is unsure about {unsure} of the {len(faces)}."


def _timings(analysis: Analysis) -> str:
    if not analysis.passes and not analysis.faces:
        return ""
    ms = analysis.timings_ms
    # No detection ran for faces that an earlier page found.
    finding = f"finding faces {ms.detect:.0f} ms, reading them" if ms.detect else "reading what it shows"
    return f"Opening the photo {ms.decode:.0f} ms, {finding} {ms.classify:.0f} ms"
