"""An analysis as a JSON object of plain Python types.

``model.output.tables`` makes CSV and table from the same object, so that all three agree. The types have their limits
and descriptions (``msgspec.Meta``), from which the API's schema is generated.
"""

from __future__ import annotations

from typing import Annotated, TypedDict, final

from msgspec import Meta

from ..photo.load import PhotoError
from ..types import Analysis, FaceResult, Quality

Probability = Annotated[float, Meta(ge=0, le=1)]
GrayLevel = Annotated[float, Meta(ge=0, le=255)]
Milliseconds = Annotated[float, Meta(ge=0)]
Point = Annotated[list[float], Meta(min_length=2, max_length=2)]


class QualityDict(TypedDict):
    """What speaks for or against a reading, see ``model.types.Quality``."""

    face_size: Annotated[float, Meta(ge=0, description="Shorter side of the box in pixels.")]
    sharpness: Annotated[float, Meta(ge=0, description="Relative strength of edges in the network input.")]
    brightness: Annotated[GrayLevel, Meta(description="Mean gray level of the network input, 0 to 255.")]
    contrast: Annotated[GrayLevel, Meta(description="Standard deviation of its gray levels.")]
    roll: Annotated[
        float, Meta(description="Degrees by which the head leans clockwise, as the viewer sees it.")
    ]
    evenness: Annotated[
        Probability,
        Meta(
            description="Share of the face in even tones, without a photo’s grain: high in drawings, statues."
        ),
    ]
    warnings: Annotated[
        list[str],
        Meta(
            description="What is bad enough to matter: small, blurred, dark, bright, flat, tilted, doubtful. "
            "doubtful: this may not be a photograph of a face. Often empty."
        ),
    ]


class FaceDict(TypedDict):
    """One face."""

    number: Annotated[
        int,
        Meta(
            ge=1,
            description="Its number in reading order: by rows from top to bottom, in each from left to right. So it "
            "is called on the page, in its downloads and on its picture.",
        ),
    ]
    box: Annotated[
        list[float],
        Meta(min_length=4, max_length=4, description="[x, y, width, height] in pixels of the photo."),
    ]
    score: Annotated[Probability, Meta(description="How sure the detector is that this is a face.")]
    landmarks: Annotated[
        dict[str, Point],
        Meta(
            description="[x, y] in pixels of left_eye, right_eye, nose, mouth_left and mouth_right, "
            "as the viewer sees them."
        ),
    ]
    emotion: Annotated[
        str,
        Meta(
            description="The most probable label: of votes, the one that most people are expected to choose."
        ),
    ]
    confidence: Annotated[
        Probability, Meta(description="Its probability, or the share of people expected to choose it.")
    ]
    confident: Annotated[
        bool, Meta(description="Whether that reaches the model’s threshold; if not, take it as “not sure”.")
    ]
    probabilities: Annotated[
        dict[str, Probability],
        Meta(
            description="The probability of each label; they add up to 1. Of a model whose target is people_votes, the "
            "share of people who are expected to choose it: 0.6 is about 6 in 10."
        ),
    ]
    source: Annotated[
        str,
        Meta(
            pattern="^(detected|region|whole)$",
            description="region where somebody pointed at the face, whole where the whole photo stands in "
            "because the Haar cascade found none: score 0, no landmarks.",
        ),
    ]
    faint: Annotated[
        bool,
        Meta(
            description="Whether it is small and unclear beside a face that is far larger: of the background."
        ),
    ]
    quality: QualityDict
    covered: Annotated[
        Probability | None,
        Meta(description="Probability that the lower face is covered; null of a model that does not tell."),
    ]
    looks_covered: Annotated[
        bool | None,
        Meta(description="Whether that reaches the model’s covered_threshold: mistrust the answer then."),
    ]


class TimingsDict(TypedDict):
    """Milliseconds of each stage."""

    decode: Milliseconds
    detect: Milliseconds
    classify: Milliseconds


class ModelDict(TypedDict):
    """Which saved model answered."""

    name: str
    version: str
    target: Annotated[
        str,
        Meta(
            pattern="^(people_votes|label)$",
            description="What the probabilities are of. people_votes: how ten people would read the face, without "
            "votes for contempt, unknown and not-a-face, the rest rescaled. label: which label the data set would "
            "give.",
        ),
    ]


@final  # So that the key "error" discriminates between the two types.
class AnalysisDict(TypedDict):
    """A photo that was read."""

    photo: Annotated[str, Meta(description="The file’s name, without folders.")]
    width: Annotated[int, Meta(ge=1, description="Of the upright photo in pixels.")]
    height: Annotated[int, Meta(ge=1, description="Of the upright photo in pixels.")]
    faces: Annotated[list[FaceDict], Meta(description="Largest first; empty where no face was found.")]
    timings_ms: TimingsDict
    model: ModelDict
    turn: Annotated[
        int,
        Meta(
            ge=0,
            le=270,
            multiple_of=90,
            description="Degrees by which the photo was turned clockwise until faces were found; "
            "width, height and all positions are those of the turned photo.",
        ),
    ]
    warnings: Annotated[
        list[str],
        Meta(
            description="What is wrong with the photo as a whole: truncated where the end of the file is missing, "
            "so that what is at its bottom may be gone. Mostly empty."
        ),
    ]
    smallest_face: Annotated[
        float | None,
        Meta(description="Faces under so many pixels were not looked for; null where none were looked for."),
    ]
    left_out: Annotated[
        int,
        Meta(ge=0, description="Faces that were found beyond the 100 that the detector is surest of."),
    ]
    undone: Annotated[
        list[str],
        Meta(
            description="What there was no time to look for: faces in the photo turned (rotated), heads that lean "
            "(leaning), small faces (small, upscaled), faint ones (faint). Nearly always empty."
        ),
    ]


@final  # So that the key "error" discriminates between the two types.
class ErrorDict(TypedDict):
    """A photo that was refused."""

    photo: Annotated[str, Meta(description="The file’s name, without folders.")]
    error: Annotated[str, Meta(description="What is wrong, and the way out.")]


Result = AnalysisDict | ErrorDict


def analysis_to_dict(name: str, analysis: Analysis) -> AnalysisDict:
    """Return the JSON object of the photo ``name``; pixels and ms are rounded to 0.1, probabilities to 0.000001."""
    timings, limits = analysis.timings_ms, analysis.limits
    searched = limits.smallest_face > 0
    width, height = analysis.photo.original_size
    return {
        "photo": name,
        "width": width,
        "height": height,
        "faces": [face_to_dict(reading, analysis.photo.scale) for reading in analysis.faces],
        "timings_ms": {
            "decode": _rounded(timings.decode, 1),
            "detect": _rounded(timings.detect, 1),
            "classify": _rounded(timings.classify, 1),
        },
        "model": {
            "name": analysis.model.name,
            "version": analysis.model.version,
            "target": analysis.model.target,
        },
        "turn": analysis.rotation,
        "warnings": ["truncated"] if analysis.photo.truncated else [],
        "smallest_face": _rounded(analysis.photo.scale * limits.smallest_face, 1) if searched else None,
        "left_out": limits.left_out,
        "undone": list(limits.undone),
    }


def error_to_dict(name: str, error: PhotoError) -> ErrorDict:
    """Return the JSON object of the photo ``name`` that was refused."""
    return {"photo": name, "error": error.message}


def face_to_dict(reading: FaceResult, scale: float) -> FaceDict:
    """Return one face; ``scale`` (``Photo.scale``) converts positions to pixels of the file's image."""
    face, prediction = reading.face, reading.prediction
    shares = zip(prediction.labels, prediction.probabilities, strict=True)
    return {
        "number": reading.number,
        "box": [_rounded(scale * value, 1) for value in face.box],
        "score": _rounded(face.score, 6),
        "landmarks": {
            name: [_rounded(scale * x, 1), _rounded(scale * y, 1)] for name, (x, y) in face.landmarks.items()
        },
        "emotion": prediction.emotion,
        "confidence": _rounded(prediction.confidence, 6),
        "confident": bool(prediction.confident),
        "probabilities": {label: _rounded(share, 6) for label, share in shares},
        "source": reading.source,
        "faint": reading.faint,
        "quality": _quality_to_dict(reading.quality, scale),
        "covered": None if prediction.covered is None else _rounded(prediction.covered, 6),
        "looks_covered": None if prediction.covered is None else prediction.looks_covered,
    }


def _quality_to_dict(quality: Quality, scale: float) -> QualityDict:
    return {
        "face_size": _rounded(scale * quality.face_size, 1),
        "sharpness": _rounded(quality.sharpness, 3),
        "brightness": _rounded(quality.brightness, 1),
        "contrast": _rounded(quality.contrast, 1),
        "roll": _rounded(quality.roll, 1),
        "evenness": _rounded(quality.evenness, 3),
        "warnings": list(quality.warnings),
    }


def _rounded(value: float, digits: int) -> float:
    """Round to a plain float (NumPy's are not JSON) that is never minus zero."""
    return round(float(value), digits) + 0.0
