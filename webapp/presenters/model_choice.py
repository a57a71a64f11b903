"""Which models a visitor may choose from, each with a name and a line on what it is for."""

from __future__ import annotations

from dataclasses import dataclass

from model import ModelRegistry
from model.store.metadata import Metadata

# What tells a model from the others, in the order in which it is looked for.
UPPER_FACE = ("The lower face is covered", "Looks at eyes and eyebrows only: for masks, scarves and hands.")
POINTS = ("Face and 468 points", "Reads where the points of a face mesh lie, beside the picture.")
COLOUR = ("A larger picture", "Reads 128 × 128 pixels instead of 48 × 48.")
VOTES = (
    "Whole face, people’s votes",
    "The network with attention; it learned how ten people judged each picture.",
)
ATTENTION = (
    "Whole face",
    "The network with attention; it learned the one label that each picture of FER-2013 has.",
)
DEEP = ("Deep network", "More layers, and no attention over places.")
# By configuration: models that were trained to compare with, not to be chosen for what they do.
RIVALS = {
    "upper_face_mobilenet": (
        "Eyes only, MobileNetV2",
        "For comparison: a published network on the same band, trained for as many epochs.",
    ),
    "upper_face_efficientnet": (
        "Eyes only, EfficientNetB0",
        "For comparison: a published network on the same band, trained for as many epochs.",
    ),
    "whole_face_ceiling": (
        "Whole face, half of them masked",
        "For comparison with the eyes alone: what the rest of the face would have told.",
    ),
    "landmarks_ablation": (
        "A larger picture, seven expressions",
        "For comparison: the network with 468 points, trained without them.",
    ),
}


@dataclass(frozen=True, slots=True)
class ChoiceView:
    """One model: its name for the form, what it is called, and what it is for."""

    name: str
    title: str
    purpose: str
    chosen: bool


def choices(models: ModelRegistry, chosen: str | None = None) -> tuple[ChoiceView, ...]:
    """Return all models, the default first; ``chosen`` is marked, or the default if there is none of that name."""
    marked = chosen if chosen in models.names else models.names[0]
    return tuple(view_of(models.metadata(name), chosen=name == marked) for name in models.names)


def offered(models: ModelRegistry, chosen: str | None = None) -> tuple[ChoiceView, ...]:
    """Return the models that the form offers: all but those for comparison, unless one of them is chosen already."""
    rivals = {name for name in models.names if _configuration(models.metadata(name)) in RIVALS}
    return tuple(view for view in choices(models, chosen) if view.chosen or view.name not in rivals)


def view_of(metadata: Metadata, *, chosen: bool = False) -> ChoiceView:
    """Return one model's name and words."""
    return ChoiceView(metadata.name, *describe(metadata), chosen)


def describe(metadata: Metadata) -> tuple[str, str]:
    """Return what a model is called and what it is for, with its expressions where they are fewer than seven."""
    title, purpose = _kind(metadata)
    if len(metadata.labels) < 7:
        purpose += f" Knows {len(metadata.labels)} expressions: {', '.join(metadata.labels)}."
    return title, purpose


def _kind(metadata: Metadata) -> tuple[str, str]:
    if rival := RIVALS.get(_configuration(metadata)):
        return rival
    if metadata.region == "upper_face":
        return UPPER_FACE
    if metadata.input.points:
        return POINTS
    if metadata.input.channels == 3:
        return COLOUR
    if not has_attention(metadata):
        return DEEP
    return VOTES if metadata.label_source == "ferplus" else ATTENTION


def has_attention(metadata: Metadata) -> bool:
    """Return whether the network weighs places, as its training configuration says."""
    network = metadata.raw.get("training", {}).get("settings", {}).get("network", {})
    return bool(network.get("attention", True))


def _configuration(metadata: Metadata) -> str:
    return str(metadata.raw.get("training", {}).get("configuration", ""))
