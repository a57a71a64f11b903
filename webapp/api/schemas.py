"""Types of the API's own JSON objects; a photo's are in ``model.output.serialize``, as for the command line."""

from __future__ import annotations

from typing import Annotated, NotRequired, TypedDict

from msgspec import Meta

from model.geometry import Floats
from model.output.serialize import AnalysisDict, ErrorDict, FaceDict, ModelDict
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
    target: Annotated[
        str,
        Meta(
            pattern="^(people_votes|label)$",
            description="What its probabilities are of: people’s votes, or the data set’s label.",
        ),
    ]
    covered_threshold: Annotated[
        float | None,
        Meta(description="A face’s “covered” from which on it counts as covered; null without that."),
    ]


class ExplanationDict(TypedDict):
    """What pointed to an expression of one face."""

    photo: Annotated[str, Meta(description="The file’s name, without folders.")]
    model: ModelDict
    number: Annotated[
        int, Meta(ge=1, description="Which of the photo’s faces it is: the one asked for, or the largest.")
    ]
    face: Annotated[FaceDict | None, Meta(description="That face; null where the photo has fewer faces.")]
    expression: Annotated[
        str | None, Meta(description="The expression that is explained: the one asked for, or the answer.")
    ]
    map: Annotated[
        list[list[float]] | None,
        Meta(
            description="Rows from top to bottom, over the face as the network sees it. Positive where covering a "
            "small patch makes the expression less likely, negative where it makes it more likely; the strongest place "
            "is 1 or -1, and all are 0 where nothing changed it. Null without such a face, or where the model does "
            "not know the expression."
        ),
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
        "target": metadata.target,
        "covered_threshold": metadata.covered_threshold,
    }


def explanation_to_dict(
    result: AnalysisDict, number: int, expression: str | None, spoke: Floats | None
) -> ExplanationDict:
    """Return the JSON object of an explanation; ``spoke`` is a map of ``model.explain``, rounded to 0.001."""
    rows = None if spoke is None else [[round(float(value), 3) + 0.0 for value in row] for row in spoke]
    return {
        "photo": result["photo"],
        "model": result["model"],
        "number": number,
        "face": next((face for face in result["faces"] if face["number"] == number), None),
        "expression": expression,
        "map": rows,
    }
