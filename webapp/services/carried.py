"""What a page of results carries, made into a detection and an analysis again without searching for faces."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import replace
from typing import cast

import numpy as np

from model import Recognizer, load_photo
from model.output.serialize import AnalysisDict, FaceDict
from model.types import Analysis, Detection, Face, FaceResult, Photo, Quality, Source


def photo_of(image: bytes, result: AnalysisDict) -> Photo:
    """Return the picture in the form, with what the result knows of the file. Raises PhotoError."""
    photo = load_photo(image)
    size = (result["width"], result["height"])
    return replace(photo, full_size=size, truncated="truncated" in result.get("warnings", ()))


def faces_on(photo: Photo, result: AnalysisDict) -> tuple[Face, ...]:
    """Return the result's faces with their positions in the pixels of ``photo``, which may be smaller."""
    return tuple(_scaled(face, photo, result) for face in result["faces"])


def found_before(image: bytes, result: AnalysisDict) -> Detection:
    """Return the result's faces as a detection in its image, which may be smaller than the original photo.

    Where some were detected and others pointed at, only the detected ones.
    """
    started = time.perf_counter()
    photo = photo_of(image, result)
    decode = 1000 * (time.perf_counter() - started)
    sources = [cast("Source", face["source"]) for face in result["faces"]]
    source: Source = "detected" if "detected" in sources or not sources else sources[0]
    faces = tuple(face for face, own in zip(faces_on(photo, result), sources, strict=True) if own == source)
    return Detection(photo, faces, rotation=result["turn"], source=source, decode_ms=decode)


def classify_again(
    recognizer: Recognizer, image: bytes, result: AnalysisDict, numbers: Collection[int], side: int
) -> Analysis:
    """Return the faces of those numbers, read again; each is cut out as it was, by the detector's box or a visitor's.

    ``side`` is the largest of their crops in pixels. Raises PhotoError.
    """
    found = found_before(image, result)
    pairs = [
        (face, signed)
        for face, signed in zip(faces_on(found.photo, result), result["faces"], strict=True)
        if signed["number"] in numbers
    ]
    readings: dict[int, FaceResult] = {}
    analysis = recognizer.classify(replace(found, faces=()))
    for source in dict.fromkeys(signed["source"] for _, signed in pairs):
        own = [(face, signed) for face, signed in pairs if signed["source"] == source]
        given = replace(found, faces=tuple(face for face, _ in own), source=cast("Source", source))
        part = recognizer.classify(given, crop_side=side)
        for reading, (_, signed) in zip(part.faces, own, strict=True):
            number = signed["number"]
            readings[number] = replace(reading, number=number, faint=signed["faint"])
        spent = analysis.timings_ms.classify + part.timings_ms.classify
        analysis = replace(analysis, timings_ms=replace(part.timings_ms, classify=spent))
    return replace(analysis, faces=tuple(readings[signed["number"]] for _, signed in pairs))


def with_another(result: AnalysisDict, more: AnalysisDict) -> AnalysisDict:
    """Return the result with the faces of ``more``, which was read from the same photo, perhaps from a smaller copy."""
    right, down = result["width"] / more["width"], result["height"] / more["height"]
    last = max((face["number"] for face in result["faces"]), default=0)
    added = []
    for number, face in enumerate(more["faces"], start=last + 1):
        x, y, width, height = face["box"]
        box = [round(x * right, 1), round(y * down, 1), round(width * right, 1), round(height * down, 1)]
        added.append({**face, "box": box, "number": number})
    return cast("AnalysisDict", {**result, "faces": [*result["faces"], *added]})


def show_again(
    recognizer: Recognizer, image: bytes, result: AnalysisDict, numbers: Collection[int], side: int
) -> Analysis:
    """Return the faces of those numbers with all their stages, and with the answers that are signed.

    The stages are made of the picture in the form, which may be smaller than the photo was. ``side`` is the largest of
    their crops in pixels. Raises PhotoError, and ValueError where the model has other labels now.
    """
    analysis = classify_again(recognizer, image, result, numbers, side)
    signed = {face["number"]: face for face in result["faces"]}
    return replace(
        analysis, faces=tuple(_as_signed(reading, signed[reading.number]) for reading in analysis.faces)
    )


def _as_signed(reading: FaceResult, signed: FaceDict) -> FaceResult:
    """Return the reading with the numbers that the visitor has seen."""
    prediction, shares = reading.prediction, signed["probabilities"]
    if set(shares) != set(prediction.labels):
        raise ValueError("the model has other labels now")
    probabilities = np.array([shares[label] for label in prediction.labels], np.float32)
    covered = signed.get("covered") if prediction.covered is not None else None
    quality = signed["quality"]
    return replace(
        reading,
        prediction=replace(prediction, probabilities=probabilities, covered=covered),
        quality=Quality(
            face_size=quality["face_size"],
            sharpness=quality["sharpness"],
            brightness=quality["brightness"],
            contrast=quality["contrast"],
            roll=quality["roll"],
            score=signed["score"],
            warnings=tuple(quality["warnings"]),
            evenness=quality["evenness"],
        ),
    )


def _scaled(face: FaceDict, photo: Photo, result: AnalysisDict) -> Face:
    """Return the face with its positions in the pixels of ``photo``."""
    right, down = photo.width / result["width"], photo.height / result["height"]
    x, y, width, height = face["box"]
    points = {name: (place[0] * right, place[1] * down) for name, place in face["landmarks"].items()}
    return Face((x * right, y * down, width * right, height * down), points, face["score"])
