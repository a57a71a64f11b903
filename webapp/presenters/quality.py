"""What speaks for or against a reading, in plain words; the limits are the model's own (``model.faces.quality``)."""

from __future__ import annotations

from dataclasses import dataclass

from model.faces import quality as limits
from model.types import Quality
from webapp.presenters import formatters

WARNINGS = {
    "small": "The face is small: the network’s picture of it had to be enlarged, so detail is missing.",
    "blurred": "The face is blurred, and fine lines around eyes and mouth are what expressions are read from.",
    "dark": "The face is dark. The model learned from few faces with so little light.",
    "bright": "The face is very bright, and its features wash out.",
    "flat": "There is hardly any contrast in the face.",
    "tilted": "The head leans far to the side. It was turned level, but the model knows mostly upright heads.",
    "doubtful": "The detector itself has doubts that this is a face.",
}
NO_WARNING = "Size, sharpness, light and pose are all good enough; nothing speaks against reading this face."
WITH_WARNING = "Take this reading with care"
REGION = "No face was detected here. The model names an expression for anything, even for a wall."
NEARLY_LEVEL = 2.0  # Degrees: under this, a crop and the same crop turned level look alike.


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement: its name, its value with unit, and a word on whether that is good."""

    name: str
    value: str
    verdict: str
    good: bool


@dataclass(frozen=True, slots=True)
class ReliabilityView:
    """The panel: a sentence for each warning, or the one that there is none, and the figures behind it."""

    heading: str
    warnings: tuple[str, ...]
    reassurance: str
    figures: tuple[Figure, ...]


def present(quality: Quality, *, detected: bool) -> ReliabilityView:
    """Return the panel of one face; ``detected`` is False where somebody pointed at it."""
    warnings = tuple(WARNINGS.get(code, code) for code in quality.warnings)
    if not detected:
        warnings = (REGION, *warnings)
    return ReliabilityView(
        heading=WITH_WARNING if warnings else "",
        warnings=warnings,
        reassurance="" if warnings else NO_WARNING,
        figures=_figures(quality, detected=detected),
    )


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


def explain_limits() -> str:
    """Return from where on each measurement is warned about."""
    return (
        f"Warned about: faces under {limits.SMALL:.0f} pixels, sharpness under {limits.BLURRED:.2f}, light under "
        f"{limits.DARK:.0f} or over {limits.BRIGHT:.0f}, contrast under {limits.FLAT:.0f}, tilt over "
        f"{limits.TILTED:.0f}°, detector’s scores under {formatters.percent(limits.DOUBTFUL)}. Where these lie follows "
        "from the pictures the model learned from."
    )
