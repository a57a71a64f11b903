"""What is said where no face was found: what was tried, what helps, and the part that the visitor may point at."""

from __future__ import annotations

from dataclasses import dataclass

from model.detection.search import MIN_REGION
from model.geometry import Box
from model.types import Analysis, DetectionPass, Photo
from webapp.presenters.images import ImageView, fit, jpeg

PHOTO_SIDE = 1024

TIPS = (
    "Take a photo in which the face is upright and looks towards the camera.",
    "Come closer: a face should be at least 40 pixels wide, better 100.",
    "Look for more light, and light from the front rather than from behind.",
    "Sunglasses, hands, masks and strong blur can hide what the detector needs.",
)
POINT_HEADING = "Is there a face? Point at it"
POINT_TEXT = (
    "The network can read any part of the photo, found or not. Frame the face closely, from the hair to the chin; "
    "of an oblong box the middle square is read. The answer will be marked as yours to judge, for a part without "
    "a face gets one, too."
)
DRAW_HINT = (
    "Drag over the photo to draw a box; drag the box or its corners to change it, or type the numbers."
)


@dataclass(frozen=True, slots=True)
class RegionView:
    """The form to point at a part of the photo: its size, the box (x, y, width, height) to start with, the picture.

    All in pixels of the picture that travels in the form. ``error`` is why the last box could not be read.
    """

    heading: str
    text: str
    hint: str
    width: int
    height: int
    least: int
    box: tuple[int, int, int, int]
    image: ImageView
    error: str


def attempts(analysis: Analysis) -> tuple[str, ...]:
    """Return what was tried to find a face, one phrase for each look."""
    return tuple(
        f"{_look(taken)}: {'something like a face, but not surely one' if taken.faces else 'no face'}"
        for taken in analysis.passes
    )


def _look(taken: DetectionPass) -> str:
    if taken.low_threshold:
        return "A look for faint faces, blurred or cut off"
    if taken.upscaled:
        return "A closer look, for small faces"
    if taken.rotation == 0:
        return "Upright, as the camera noted it, at many sizes"
    if taken.rotation == 180:
        return "Turned upside down"
    return "Turned to the right by 90°" if taken.rotation == 90 else "Turned to the left by 90°"


def turned(analysis: Analysis) -> str:
    """Return a sentence about how the photo was turned, or an empty one."""
    how = {
        90: "by 90° to the right",
        180: "upside down",
        270: "by 90° to the left",
    }.get(analysis.rotation)
    return f"No face was sure enough in the photo as it came, so it was turned {how}." if how else ""


def present_region(photo: Photo, box: Box | None = None, error: str = "") -> RegionView:
    """Return the form for a photo as it travels; without a ``box`` it starts with a square in the middle."""
    if box is None:
        side = max(1, round(0.6 * min(photo.width, photo.height)))
        start = ((photo.width - side) // 2, (photo.height - side) // 2, side, side)
    else:
        start = (round(box[0]), round(box[1]), round(box[2]), round(box[3]))
    return RegionView(
        heading=POINT_HEADING,
        text=POINT_TEXT,
        hint=DRAW_HINT,
        width=photo.width,
        height=photo.height,
        least=min(MIN_REGION, photo.width, photo.height),
        box=start,
        image=jpeg(fit(photo.pixels, PHOTO_SIDE), "The photo that was looked at"),
        error=error,
    )
