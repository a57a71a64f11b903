"""View of a photo without faces: the detection passes, and the form to mark a region."""

from __future__ import annotations

from dataclasses import dataclass

from model.detection.search import MIN_REGION
from model.geometry import Box
from model.types import Analysis, DetectionPass, Photo


@dataclass(frozen=True, slots=True)
class RegionView:
    """The form to mark a region, in pixels of the image in the page's form."""

    width: int  # Width of that image.
    height: int  # Its height.
    least: int  # Smallest side of a region.
    box: tuple[int, int, int, int]  # Initial (x, y, width, height).
    error: str  # Why the last region could not be classified, or empty.


def attempts(analysis: Analysis) -> tuple[str, ...]:
    """Return a phrase for each kind of detection pass, in the order in which they were run."""
    found: dict[str, int] = {}
    for taken in analysis.passes:
        phrase = _pass(taken)
        found[phrase] = found.get(phrase, 0) + taken.faces
    return tuple(
        f"{phrase}: {'something like a face, but not surely one' if faces else 'no face'}"
        for phrase, faces in found.items()
    )


def _pass(taken: DetectionPass) -> str:
    if taken.low_threshold:
        return "A look for faint faces, blurred or cut off"
    if taken.upscaled:
        return "A closer look, for small faces"
    if taken.tiles:
        return "Part by part at full size, for small faces"
    if taken.rotation % 90:
        return "Turned in between, for heads that lean far"
    if taken.rotation == 0:
        return "Upright, as the camera noted it, at many sizes"
    if taken.rotation == 180:
        return "Turned upside down"
    return "Turned to the right by 90°" if taken.rotation == 90 else "Turned to the left by 90°"


def rotated(analysis: Analysis) -> str:
    """Return a sentence on the photo's rotation; empty without one."""
    how = {
        90: "by 90° to the right",
        180: "upside down",
        270: "by 90° to the left",
    }.get(analysis.rotation)
    return f"No face was certain enough in the photo as it came, so it was turned {how}." if how else ""


def present_region(
    photo: Photo, size: tuple[int, int], box: Box | None = None, error: str = ""
) -> RegionView:
    """Return the form for a photo whose image in the page's form has ``size`` (width, height).

    ``box`` is in pixels of ``photo``; without one the form starts with a square in the center.
    """
    width, height = size
    if box is None:
        side = max(1, round(0.6 * min(size)))
        start = ((width - side) // 2, (height - side) // 2, side, side)
    else:
        scale = max(size) / max(photo.width, photo.height)
        start = (
            round(scale * box[0]),
            round(scale * box[1]),
            round(scale * box[2]),
            round(scale * box[3]),
        )
    return RegionView(
        width=width,
        height=height,
        least=min(MIN_REGION, width, height),
        box=start,
        error=error,
    )
