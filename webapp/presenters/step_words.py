"""The words of the steps of one face, with their placeholders: the pages that read in the browser fill in the same."""

from __future__ import annotations

from dataclasses import dataclass
from string import Formatter


@dataclass(frozen=True, slots=True)
class StepWords:
    """Words with the placeholders of ``str.format``."""

    facts: tuple[
        tuple[str, str], ...
    ] = ()  # (name, value); one whose placeholders are not given is left out.
    alt: str = ""  # Text alternative of its picture.
    more: str = ""  # The same of a second picture.


_MAPS = "of block {number} for face {face}, from dark blue (nothing) to yellow (most)"

STEP_WORDS = {
    "open": StepWords((("Format", "{format}"), ("Size", "{size} pixels")), "The photo as it was opened"),
    "find": StepWords(
        (("Found", "{count}"), ("Detector’s score", "{score}"), ("Box", "{width} × {height} pixels")),
        "The photo with {count} marked",
    ),
    "cut": StepWords((("Crop", "{size} pixels"),), "The face, cut out as a square"),
    "align": StepWords((("The head leans", "{tilt}"),), "The face, turned until its eyes are level"),
    "shrink": StepWords(
        (("Numbers", "{count}"), ("Each from", "0 to 255")),
        "The face as {columns} by {rows} gray pixels",
        "The face as it was cut out of the photo, in colour",
    ),
    "filters": StepWords(
        (("Filters", "{count}"), ("Each", "{size} weights")),
        "{count} filters of {rows} by {columns} weights, dark negative, bright positive",
    ),
    "block": StepWords(
        (("Maps", "{count}"), ("Each", "{size} values")),
        "The {few} most varied maps " + _MAPS,
        "All {count} maps " + _MAPS,
    ),
    "weigh": StepWords((("Map", "{size} weights"),), "The face under the network’s attention map"),
    "vary": StepWords((("Views", "{count}"),), "The views of the face that the network reads"),
    "decide": StepWords((("Highest score", "{most}"), ("Lowest score", "{least}"))),
    "why": StepWords(alt="The face in gray, orange where covering it makes “{word}” less likely"),
}


def facts_of(kind: str, **given: object) -> tuple[tuple[str, str], ...]:
    """Return the facts of a step, filled in; those that need something that is not given are left out."""
    return tuple(
        (name, pattern.format(**given))
        for name, pattern in STEP_WORDS[kind].facts
        if all(field is None or field in given for _, field, _, _ in Formatter().parse(pattern))
    )
