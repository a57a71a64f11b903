"""Views of the models for forms and lists; their descriptions are in templates/_models.html."""

from __future__ import annotations

from dataclasses import dataclass

from model import ModelRegistry
from model.store.metadata import Metadata
from webapp.services.inference import current_models

# Training configurations of baselines, which are for comparison and not offered in the form.
BASELINES = frozenset(
    {"upper_face_mobilenet", "upper_face_efficientnet", "whole_face_upper_bound", "landmarks_ablation"}
)

# For faces whose lower part is covered.
EYES_MODEL = "upper_face"


@dataclass(frozen=True, slots=True)
class ChoiceView:
    """One model in a form or a list."""

    name: str  # Folder below model/saved.
    kind: str  # Key of MODELS in templates/_models.html.
    labels: tuple[str, ...]  # Expressions that it distinguishes.
    chosen: bool  # Whether it is selected.


def choices(models: ModelRegistry, chosen: str | None = None) -> tuple[ChoiceView, ...]:
    """Return all models, the default first; ``chosen`` is selected, or the default if there is no such model."""
    marked = chosen if chosen in models.names else models.names[0]
    return tuple(view_of(models.metadata(name), chosen=name == marked) for name in models.names)


def view_of(metadata: Metadata, *, chosen: bool = False) -> ChoiceView:
    """Return the view of one model."""
    return ChoiceView(metadata.name, kind_of(metadata), metadata.labels, chosen)


def named(name: str) -> ChoiceView:
    """Return the view of a model of this site. Raises UnknownModelError."""
    return view_of(current_models().metadata(name))


def kind_of(metadata: Metadata) -> str:
    """Return the model's key in templates/_models.html."""
    if metadata.configuration in BASELINES:
        return metadata.configuration
    if metadata.label_source == "own":
        return "own"
    if metadata.region == "upper_face":
        return "upper_face"
    if metadata.input.points:
        return "points"
    if metadata.input.channels == 3:
        return "colour"
    if not metadata.has_attention:
        return "deep"
    return "votes" if metadata.label_source == "ferplus" else "attention"
