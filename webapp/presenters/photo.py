"""One photo with all its faces, as its part of the results page shows it."""

from __future__ import annotations

from dataclasses import dataclass

from model.output.draw import boxes_on_photo
from model.types import Analysis, Source
from webapp.presenters import formatters, no_face
from webapp.presenters.confidence import TrackRecord
from webapp.presenters.faces import CROP_SIDE, Explained, FaceView, present_face
from webapp.presenters.images import ImageView, jpeg
from webapp.presenters.no_face import RegionView

PHOTO_SIDE = 1024
# From this ratio of width to height on, a photo is better shown above the cards than beside them.
WIDE_ASPECT_RATIO = 1.4
# This many faces get a list on top, and so many cards stay open; further ones are folded away.
OVERVIEW_FROM = 3
CARDS_OPEN = 6
# The more faces, the smaller their pictures, so that a page stays light: (up to this many faces, pixels).
SIDES = ((CARDS_OPEN, CROP_SIDE), (24, 160), (10**9, 96))


@dataclass(frozen=True, slots=True)
class PhotoForm:
    """What the form of one photo carries, and why the last box in it could not be read."""

    name: str
    result: str  # Signed.
    picture: str  # The photo as a base64 JPEG,
    width: int  # of so many pixels.
    height: int
    error: str = ""


@dataclass(frozen=True, slots=True)
class PhotoView:
    """One photo's part of the page."""

    anchor: str
    name: str
    title: str
    summary: str
    rotated: str  # How the photo was rotated to find faces, or empty.
    image: ImageView
    wide: bool  # Shown above the cards instead of beside them.
    overview: bool  # Whether a list of the faces goes before the cards.
    cards: tuple[FaceView, ...]  # Open.
    folded: tuple[FaceView, ...]
    tried: tuple[str, ...]  # The detection passes, where no face was found.
    region: RegionView | None  # Where no detector found a face.
    form: PhotoForm
    timings: str
    error: str = ""

    @property
    def faces(self) -> tuple[FaceView, ...]:
        return self.cards + self.folded


@dataclass(frozen=True, slots=True)
class RefusedView:
    """A photo among several that could not be read, and why."""

    anchor: str
    name: str
    error: str


def present_photo(
    analysis: Analysis,
    form: PhotoForm,
    *,
    number: int = 1,
    record: TrackRecord | None = None,
    explained: Explained | None = None,
) -> PhotoView:
    """Return the view of one analysed photo; ``number`` counts the photos of the page from 1."""
    anchor = f"photo-{number}"
    side = next(side for most, side in SIDES if len(analysis.faces) <= most)
    faces = tuple(
        present_face(place, reading, prefix=f"{anchor}-", record=record, side=side, explained=explained)
        for place, reading in enumerate(analysis.faces, start=1)
    )
    source = analysis.faces[0].source if analysis.faces else "detected"
    region = None
    if not faces or source != "detected":
        box = analysis.faces[0].face.box if faces else None
        region = no_face.present_region(analysis.photo, (form.width, form.height), box, form.error)
    # One or two cards beyond the open ones are not worth hiding.
    still_open = len(faces) if len(faces) <= CARDS_OPEN + 2 else CARDS_OPEN
    return PhotoView(
        anchor=anchor,
        name=form.name,
        title=title(len(faces), source),
        summary=_summary(faces),
        rotated=no_face.rotated(analysis),
        image=_image(analysis, faces),
        wide=bool(faces) and analysis.photo.width > WIDE_ASPECT_RATIO * analysis.photo.height,
        overview=len(faces) >= OVERVIEW_FROM,
        cards=faces[:still_open],
        folded=faces[still_open:],
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


def _image(analysis: Analysis, faces: tuple[FaceView, ...]) -> ImageView:
    if any(face.pointed for face in faces):
        alt = "The photo, with the part that was read in a box"
    else:
        alt = f"The photo, with {formatters.how_many(len(faces), 'face')} marked by numbered boxes"
    boxed = boxes_on_photo(analysis.photo, [reading.face for reading in analysis.faces], max_side=PHOTO_SIDE)
    return jpeg(boxed, alt if faces else "The photo that was looked at")


def _summary(faces: tuple[FaceView, ...]) -> str:
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
    # Faces that the page has found before are not searched again.
    finding = f"finding faces {ms.detect:.0f} ms, " if ms.detect else ""
    return f"Opening the photo {ms.decode:.0f} ms, {finding}reading them {ms.classify:.0f} ms"
