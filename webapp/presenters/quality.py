"""What speaks for or against a reading; the limits are the model's own (``model.faces.quality``)."""

from __future__ import annotations

from dataclasses import dataclass

from model.types import Quality
from webapp.presenters import formatters

NEARLY_LEVEL = 2.0  # Degrees: under this, a crop and the same crop turned level look alike.


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement."""

    name: str
    value: str  # With its unit.
    verdict: str  # A word on whether that is good.
    good: bool


@dataclass(frozen=True, slots=True)
class ReliabilityView:
    """The panel of one face; templates/_results.html has a sentence for each warning."""

    warnings: tuple[str, ...]  # ``Quality.warnings``, after "undetected" where no detector found the face.
    figures: tuple[Figure, ...]


def present(quality: Quality, *, detected: bool) -> ReliabilityView:
    """Return the panel of one face; ``detected`` is False where somebody pointed at it."""
    warnings = quality.warnings if detected else ("undetected", *quality.warnings)
    return ReliabilityView(warnings, _figures(quality, detected=detected))


def _figures(quality: Quality, *, detected: bool) -> tuple[Figure, ...]:
    found = set(quality.warnings)
    light = "too dark" if "dark" in found else "too bright" if "bright" in found else "good"
    figures = [
        _figure("Face size", f"{quality.face_size:.0f} pixels", "small" if "small" in found else "enough"),
        _figure("Sharpness", f"{quality.sharpness:.2f}", "blurred" if "blurred" in found else "sharp"),
        _figure("Light", f"{quality.brightness:.0f} of 255", light),
        _figure("Contrast", f"{quality.contrast:.0f} gray levels", "flat" if "flat" in found else "good"),
        _figure("Tilt", tilt(quality.roll), _pose(quality)),
    ]
    if detected:
        doubt = "doubtful" if "doubtful" in found else "sure"
        figures.append(_figure("Detector’s score", formatters.percent(quality.score), doubt))
    else:
        figures.append(Figure("Detector’s score", "none", "no face detected", good=False))
    return tuple(figures)


def _figure(name: str, value: str, verdict: str) -> Figure:
    return Figure(
        name, value, verdict, good=verdict in ("enough", "sharp", "good", "level", "leaning", "sure")
    )


def _pose(quality: Quality) -> str:
    if "tilted" in quality.warnings:
        return "far from level"
    return "level" if abs(quality.roll) <= NEARLY_LEVEL else "leaning"


def tilt(roll: float) -> str:
    """Return "12° to the right": the way the head leans, as the viewer sees it."""
    degrees = round(abs(roll))
    if degrees == 0:
        return "0°"
    return f"{degrees}° to the {'right' if roll > 0 else 'left'}"
