"""Types of the API's own JSON objects; a photo's are in ``model.output.serialize``, as for the command line."""

from __future__ import annotations

from typing import Annotated, NotRequired, TypedDict

from msgspec import Meta

from model.output.serialize import ErrorDict
from model.store.metadata import Metadata


class ModelInfoDict(TypedDict):
    """A model that answers here."""

    name: str
    version: str
    description: str
    default: Annotated[bool, Meta(description="Whether it answers where a request names no model.")]
    labels: Annotated[list[str], Meta(description="The expressions that it tells apart.")]
    confidence_threshold: Annotated[
        float, Meta(ge=0, le=1, description="A confidence below it counts as “not sure”.")
    ]


class ProblemDict(TypedDict):
    """What went wrong (RFC 9457)."""

    type: Annotated[str, Meta(description="An address that names and explains this kind of problem.")]
    title: Annotated[str, Meta(description="What this kind of problem is called.")]
    status: Annotated[int, Meta(ge=400, le=599, description="The HTTP status once more.")]
    detail: Annotated[str, Meta(description="What is wrong with this very request, and the way out.")]
    photos: NotRequired[Annotated[list[ErrorDict], Meta(description="Why each photo was refused.")]]
    available: NotRequired[Annotated[list[str], Meta(description="The names that would be accepted.")]]
    limit: NotRequired[Annotated[int, Meta(description="How many photos one request takes.")]]
    retry_after: NotRequired[Annotated[int, Meta(ge=1, description="Seconds to wait.")]]


def model_to_dict(metadata: Metadata, *, default: bool) -> ModelInfoDict:
    """Return the JSON object of a model."""
    return {
        "name": metadata.name,
        "version": metadata.version,
        "description": metadata.description,
        "default": default,
        "labels": list(metadata.labels),
        "confidence_threshold": metadata.confidence_threshold,
    }
