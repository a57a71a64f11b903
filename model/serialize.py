"""What a photo's analysis is outside Python: the JSON object, the CSV rows and the table for a terminal.

``analysis_to_dict`` and ``error_to_dict`` make the JSON objects, of plain Python types only; the CSV and the
table are made from those, so that all three say the same. The types of those objects carry their limits and
descriptions (``msgspec.Meta``), from which the API's schema is generated.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Annotated, TypedDict, final

from msgspec import Meta

from model.photo import PhotoError
from model.stages import Analysis, FaceReading, Quality

Share = Annotated[float, Meta(ge=0, le=1)]
GrayLevel = Annotated[float, Meta(ge=0, le=255)]
Milliseconds = Annotated[float, Meta(ge=0)]
Point = Annotated[list[float], Meta(min_length=2, max_length=2)]


class QualityDict(TypedDict):
    """What speaks for or against a reading, see ``model.stages.Quality``."""

    face_size: Annotated[float, Meta(ge=0, description="Shorter side of the box in pixels.")]
    sharpness: Annotated[float, Meta(ge=0, description="Relative strength of edges in the network input.")]
    brightness: Annotated[GrayLevel, Meta(description="Mean gray level of the network input, 0 to 255.")]
    contrast: Annotated[GrayLevel, Meta(description="Standard deviation of its gray levels.")]
    roll: Annotated[
        float, Meta(description="Degrees by which the head leans clockwise, as the viewer sees it.")
    ]
    warnings: Annotated[
        list[str],
        Meta(
            description="What is bad enough to matter: small, blurred, dark, bright, flat, tilted, doubtful. "
            "Often empty."
        ),
    ]


class FaceDict(TypedDict):
    """One face."""

    box: Annotated[
        list[float],
        Meta(min_length=4, max_length=4, description="[x, y, width, height] in pixels of the photo."),
    ]
    score: Annotated[Share, Meta(description="How sure the detector is that this is a face.")]
    landmarks: Annotated[
        dict[str, Point],
        Meta(
            description="[x, y] in pixels of left_eye, right_eye, nose, mouth_left and mouth_right, "
            "as the viewer sees them."
        ),
    ]
    emotion: Annotated[str, Meta(description="The most probable label.")]
    confidence: Annotated[Share, Meta(description="Its probability.")]
    confident: Annotated[
        bool, Meta(description="Whether that reaches the model’s threshold; if not, take it as “not sure”.")
    ]
    probabilities: Annotated[
        dict[str, Share], Meta(description="The probability of each label; they add up to 1.")
    ]
    source: Annotated[
        str,
        Meta(
            pattern="^(detected|region)$",
            description="region where somebody pointed at the face: score 0, no landmarks.",
        ),
    ]
    quality: QualityDict


class TimingsDict(TypedDict):
    """Milliseconds of each stage."""

    decode: Milliseconds
    detect: Milliseconds
    classify: Milliseconds


class ModelDict(TypedDict):
    """Which saved model answered."""

    name: str
    version: str


@final  # so that the key "error" tells the two kinds of result apart
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


@final  # so that the key "error" tells the two kinds of result apart
class ErrorDict(TypedDict):
    """A photo that was refused."""

    photo: Annotated[str, Meta(description="The file’s name, without folders.")]
    error: Annotated[str, Meta(description="What is wrong, and the way out.")]


Result = AnalysisDict | ErrorDict

CSV_START = ("photo", "face", "x", "y", "width", "height", "score", "emotion", "confidence", "confident")
CSV_END = ("error",)


def analysis_to_dict(name: str, analysis: Analysis) -> AnalysisDict:
    """Return the JSON object of a photo called ``name``: pixels and ms to 0.1, shares of 1 to 0.000001."""
    timings = analysis.timings_ms
    return {
        "photo": name,
        "width": analysis.photo.width,
        "height": analysis.photo.height,
        "faces": [_face_to_dict(reading) for reading in analysis.faces],
        "timings_ms": {
            "decode": _rounded(timings.decode, 1),
            "detect": _rounded(timings.detect, 1),
            "classify": _rounded(timings.classify, 1),
        },
        "model": {"name": analysis.model.name, "version": analysis.model.version},
        "turn": analysis.turn,
    }


def error_to_dict(name: str, error: PhotoError) -> ErrorDict:
    """Return the JSON object of a photo called ``name`` that was refused."""
    return {"photo": name, "error": error.message}


def _face_to_dict(reading: FaceReading) -> FaceDict:
    face, prediction = reading.face, reading.prediction
    shares = zip(prediction.labels, prediction.probabilities, strict=True)
    return {
        "box": [_rounded(value, 1) for value in face.box],
        "score": _rounded(face.score, 6),
        "landmarks": {name: [_rounded(x, 1), _rounded(y, 1)] for name, (x, y) in face.landmarks.items()},
        "emotion": prediction.emotion,
        "confidence": _rounded(prediction.confidence, 6),
        "confident": bool(prediction.confident),
        "probabilities": {label: _rounded(share, 6) for label, share in shares},
        "source": reading.source,
        "quality": _quality_to_dict(reading.quality),
    }


def _quality_to_dict(quality: Quality) -> QualityDict:
    return {
        "face_size": _rounded(quality.face_size, 1),
        "sharpness": _rounded(quality.sharpness, 3),
        "brightness": _rounded(quality.brightness, 1),
        "contrast": _rounded(quality.contrast, 1),
        "roll": _rounded(quality.roll, 1),
        "warnings": list(quality.warnings),
    }


def _rounded(value: float, digits: int) -> float:
    """Return a plain rounded float (NumPy's are not JSON), and never a minus zero."""
    return round(float(value), digits) + 0.0


def csv_header(labels: Sequence[str]) -> list[str]:
    """Return the column names; each label is the column of its probability."""
    return [*CSV_START, *labels, *CSV_END]


def csv_rows(result: Result, labels: Sequence[str]) -> list[list[str]]:
    """Return a row for each face, numbered from 1, or one row for a photo without faces or with an error."""
    empty = [""] * (len(CSV_START) - 1 + len(labels))
    if "error" in result:
        return [[result["photo"], *empty, result["error"]]]
    if not result["faces"]:
        return [[result["photo"], *empty, ""]]
    return [
        [
            result["photo"],
            str(number),
            *(str(value) for value in face["box"]),
            str(face["score"]),
            face["emotion"],
            str(face["confidence"]),
            "true" if face["confident"] else "false",
            *(str(face["probabilities"][label]) for label in labels),
            "",
        ]
        for number, face in enumerate(result["faces"], start=1)
    ]


def csv_text(rows: Iterable[Sequence[str]]) -> str:
    """Return rows as CSV lines (RFC 4180 quoting, "\\n" line ends)."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue()


def table_text(result: Result) -> str:
    """Return a photo's heading and aligned lines, one a face, for a person at a terminal."""
    name = _printable(result["photo"])
    if "error" in result:
        return f"{name}\n  error: {_printable(result['error'])}\n"
    faces = result["faces"]
    count = {0: "no face found", 1: "1 face"}.get(len(faces), f"{len(faces)} faces")
    heading = f"{name}: {result['width']} × {result['height']} pixels, {count}, {_total(result):.0f} ms\n"
    if not faces:
        return heading
    lines: list[tuple[str, ...]] = [
        ("#", "emotion", "confidence", "", "next likely", "box (x, y, width × height)")
    ]
    lines += [_table_line(number, face) for number, face in enumerate(faces, start=1)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    # Numbers are aligned to the right, words to the left.
    adjust = (str.rjust, str.ljust, str.rjust, str.ljust, str.ljust, str.ljust)
    for line in lines:
        cells = (put(cell, width) for put, cell, width in zip(adjust, line, widths, strict=True))
        heading += "  " + "  ".join(cells).rstrip() + "\n"
    return heading


def _table_line(number: int, face: FaceDict) -> tuple[str, ...]:
    ranked = sorted(face["probabilities"].items(), key=lambda item: -item[1])
    following = f"{ranked[1][0]} {ranked[1][1]:.1%}" if len(ranked) > 1 else ""
    sure = "" if face["confident"] else "not sure"
    x, y, width, height = face["box"]
    box = f"{x:.0f}, {y:.0f}, {width:.0f} × {height:.0f}"
    return str(number), face["emotion"], f"{face['confidence']:.1%}", sure, following, box


def _total(result: AnalysisDict) -> float:
    timings = result["timings_ms"]
    return timings["decode"] + timings["detect"] + timings["classify"]


def _printable(text: str) -> str:
    """Escape what in a file name could confuse a terminal: control characters and stray bytes."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
