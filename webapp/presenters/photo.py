"""View of one photo with its faces, a part of the results page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from model.output.draw import boxes_on_photo
from model.types import Analysis, Source
from webapp.presenters import formatters, no_face
from webapp.presenters.confidence import TrackRecord
from webapp.presenters.faces import CROP_SIDE, Explained, FaceView, present_face
from webapp.presenters.images import ImageView, jpeg
from webapp.presenters.no_face import RegionView

PHOTO_SIDE = 1024
# Photos of at least this width / height are shown above the cards, others beside them.
WIDE_ASPECT_RATIO = 1.4
# Faces from which on there is a list of them, and cards that are not folded.
OVERVIEW_FROM = 3
CARDS_OPEN = 6
# (faces at most, pixels of the stage images), which limits the size of the page.
SIDES = ((CARDS_OPEN, CROP_SIDE), (24, 160), (10**9, 96))


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
    image: ImageView  # The photo with numbered boxes.
    wide: bool  # Shown above the cards instead of beside them.
    overview: bool  # Whether a list of the faces goes before the cards.
    cards: tuple[FaceView, ...]  # Cards that are not folded.
    folded: tuple[FaceView, ...]  # Further cards.
    faint: tuple[FaceView, ...]  # Cards of small, unclear faces of the background, folded too.
    limits: tuple[str, ...]  # Sentences on what was not looked for or not kept.
    tried: tuple[str, ...]  # A phrase for each detection pass, without a face.
    region: RegionView | None  # Form to mark a region, without a detected face.
    form: PhotoForm  # Its form fields.
    timings: str  # Milliseconds of the stages.
    error: str = ""  # Empty; RefusedView has one.

    @property
    def faces(self) -> tuple[FaceView, ...]:
        return tuple(sorted(self.clear + self.faint, key=lambda face: face.number))

    @property
    def clear(self) -> tuple[FaceView, ...]:
        """All but the faint faces of the background."""
        return self.cards + self.folded


@dataclass(frozen=True, slots=True)
class RefusedView:
    """View of a refused photo among several."""

    anchor: str  # id of its section.
    name: str  # Name of its file.
    error: str  # Message of the PhotoError.


def present_photo(
    analysis: Analysis,
    form: PhotoForm,
    *,
    number: int = 1,
    record: TrackRecord | None = None,
    explained: Explained | None = None,
    limits: Sequence[str] = (),
) -> PhotoView:
    """Return the view of one analysed photo; ``number`` counts the photos of the page from 1.

    ``limits`` are the sentences of ``model.output.limits``.
    """
    anchor = f"photo-{number}"
    side = next(side for most, side in SIDES if len(analysis.faces) <= most)
    faces, faint = (
        tuple(
            present_face(
                reading.number, reading, prefix=f"{anchor}-", record=record, side=side, explained=explained
            )
            for reading in sorted(analysis.faces, key=lambda reading: reading.number)
            if reading.faint == background
        )
        for background in (False, True)
    )
    source = analysis.faces[0].source if analysis.faces else "detected"
    region = None
    if not faces or source != "detected":
        box = analysis.faces[0].face.box if faces else None
        region = no_face.present_region(analysis.photo, (form.width, form.height), box, form.error)
    # One or two cards more are not folded.
    still_open = len(faces) if len(faces) <= CARDS_OPEN + 2 else CARDS_OPEN
    return PhotoView(
        anchor=anchor,
        name=form.name,
        # The faint ones of the background are told below.
        title=title(len(faces or faint), source),
        summary=summary(faces or faint),
        rotated=no_face.rotated(analysis),
        truncated=analysis.photo.truncated,
        image=_image(analysis, source),
        wide=bool(faces) and analysis.photo.width > WIDE_ASPECT_RATIO * analysis.photo.height,
        overview=len(analysis.faces) >= OVERVIEW_FROM,
        cards=faces[:still_open],
        folded=faces[still_open:],
        faint=faint,
        limits=tuple(limits),
        tried=() if faces else no_face.attempts(analysis),
        region=region,
        form=form,
        timings=_timings(analysis),
    )


def title(count: int, source: Source) -> str:
    """Return the heading of one photo."""
    if source == "region":
        return "You pointed here"
    if source == "whole":
        return "No face found"
    return f"{formatters.how_many(count, 'face').capitalize()} found" if count else "No face found"


def _image(analysis: Analysis, source: Source) -> ImageView:
    count = len(analysis.faces)
    if source != "detected":
        alt = "The photo, with the part that was read in a box"
    else:
        alt = f"The photo, with {formatters.how_many(count, 'face')} marked by numbered boxes"
    faces = [reading.face for reading in analysis.faces]
    numbers = [reading.number for reading in analysis.faces]
    boxed = boxes_on_photo(analysis.photo, faces, max_side=PHOTO_SIDE, numbers=numbers)
    return jpeg(boxed, alt if count else "The photo that was looked at")


def summary(faces: tuple[FaceView, ...]) -> str:
    """Return the sentence below the heading, on how sure the model is."""
    if not faces:
        return "That happens with small, turned, hidden or blurred faces, and of course where there is none."
    if faces[0].pointed:
        return "The detector found no face; the network read the part in the box all the same."
    unsure = sum(not face.confident for face in faces)
    if unsure == 0:
        return "The boxes carry the numbers of the cards; the dots mark eyes, nose and mouth."
    if len(faces) == 1:
        return "The model found the face but is not sure about its expression."
    if unsure == len(faces):
        return "The model found the faces but is not sure about the expression of any of them."
    return f"About {unsure} of the {len(faces)} the model is not sure; their cards say so."


def _timings(analysis: Analysis) -> str:
    if not analysis.passes and not analysis.faces:
        return ""
    ms = analysis.timings_ms
    # No detection ran for faces that an earlier page found.
    finding = f"finding faces {ms.detect:.0f} ms, reading them" if ms.detect else "reading what it shows"
    return f"Opening the photo {ms.decode:.0f} ms, {finding} {ms.classify:.0f} ms"
