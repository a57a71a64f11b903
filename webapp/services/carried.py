"""What a page of results carries, made into a detection and an analysis again without searching for faces."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import replace

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
    """Return the result's faces as a detection in its image, which may be smaller than the original photo."""
    started = time.perf_counter()
    photo = photo_of(image, result)
    decode = 1000 * (time.perf_counter() - started)
    kinds = {face["source"] for face in result["faces"]}
    source: Source = "region" if "region" in kinds else "whole" if "whole" in kinds else "detected"
    return Detection(photo, faces_on(photo, result), rotation=result["turn"], source=source, decode_ms=decode)


def show_again(
    recognizer: Recognizer, image: bytes, result: AnalysisDict, numbers: Collection[int], side: int
) -> Analysis:
    """Return the faces of those numbers with all their stages, and with the answers that are signed.

    The stages are made of the picture in the form, which may be smaller than the photo was. ``side`` is the largest of
    their crops in pixels. Raises PhotoError, and ValueError where the model has other labels now.
    """
    found = found_before(image, result)
    pairs = [
        (face, signed)
        for face, signed in zip(found.faces, result["faces"], strict=True)
        if signed["number"] in numbers
    ]
    analysis = recognizer.classify(replace(found, faces=tuple(face for face, _ in pairs)), crop_side=side)
    faces = tuple(
        _as_signed(reading, signed) for reading, (_, signed) in zip(analysis.faces, pairs, strict=True)
    )
    return replace(analysis, faces=faces)


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
        number=signed["number"],
        faint=signed["faint"],
    )


def _scaled(face: FaceDict, photo: Photo, result: AnalysisDict) -> Face:
    """Return the face with its positions in the pixels of ``photo``."""
    right, down = photo.width / result["width"], photo.height / result["height"]
    x, y, width, height = face["box"]
    points = {name: (place[0] * right, place[1] * down) for name, place in face["landmarks"].items()}
    return Face((x * right, y * down, width * right, height * down), points, face["score"])
