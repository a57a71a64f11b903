"""The track record beside an answer: measured, of answers equally sure, and only where it applies."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from model import Recognizer
from model.types import FaceResult
from tests.helpers.readings import plain, prediction, said
from webapp.presenters import formatters
from webapp.presenters.confidence import TrackRecord, track_record
from webapp.presenters.faces import present_face


def record_with(
    recognizer: Recognizer,
    bins: tuple[dict[str, float], ...] = (),
    truth: str = "fer2013",
    **confident: object,
) -> TrackRecord:
    measured = {
        "images": 3589,
        "confident": {"threshold": 0.5, "coverage": 0.8, "accuracy": 0.8, **confident},
        "reliability": bins,
    }
    metadata = replace(recognizer.metadata, label_source=truth)
    return track_record(metadata, {"truths": {truth: {"PrivateTest_without_twins": measured}}})


@pytest.mark.parametrize(
    ("accuracy", "expected"),
    [(0.812, "about 8 in 10"), (0.76, "about 8 in 10"), (0.65, "about 6 in 10"), (0.97, "more than 9 in 10")],
)
def test_the_track_record_is_computed_from_the_measurement(
    app: Flask, recognizer: Recognizer, reading: FaceResult, accuracy: float, expected: str
) -> None:
    record = record_with(recognizer, accuracy=accuracy)
    text = said(app, replace(reading, prediction=prediction("happy", 0.9)), record)
    assert f"Of the answers it is sure enough to give, {expected} are right" in text
    assert plain(formatters.percent(accuracy)) in text
    assert plain(formatters.thousands(round(0.8 * 3589))) in text


def test_the_track_record_is_that_of_answers_equally_sure(
    app: Flask, recognizer: Recognizer, reading: FaceResult
) -> None:
    bins = (
        {"images": 200, "confidence": 0.62, "accuracy": 0.6},
        {"images": 300, "confidence": 0.9, "accuracy": 0.91},
        {"images": 9, "confidence": 0.99, "accuracy": 1.0},
    )
    record = record_with(recognizer, bins)
    (sixty, ninety, few) = (
        said(app, replace(reading, prediction=prediction("happy", share)), record)
        for share in (0.61, 0.92, 0.99)
    )
    assert "Of answers this sure, about 6 in 10 are right" in sixty
    assert "about 9 in 10" in ninety
    assert "Of the answers it is sure enough to give" in few, "nine answers tell nothing"


def test_a_model_of_peoples_votes_is_measured_by_what_people_say(
    app: Flask, recognizer: Recognizer, reading: FaceResult
) -> None:
    record = record_with(recognizer, truth="ferplus")
    sure = replace(reading, prediction=prediction("happy", 0.9))
    assert "are what most people say" in said(app, sure, record)


def test_real_photos_count_before_the_test(app: Flask, recognizer: Recognizer, reading: FaceResult) -> None:
    photos = {"photos": 265, "sure": {"right": {"value": 0.874}, "coverage": {"value": 0.75}}}
    record = track_record(recognizer.metadata, {"real_photos": photos})
    text = said(app, replace(reading, prediction=prediction("happy", 0.9)), record)
    assert text.endswith(
        "Of the answers it was sure enough to give on press photos (about 199), about 9 in 10 were right (87 %); one "
        "person labelled each photo."
    )
    few = track_record(recognizer.metadata, {"real_photos": photos | {"photos": 20}})
    assert few.of(prediction("happy", 0.9)) is None


def test_without_enough_answers_there_is_no_track_record(recognizer: Recognizer) -> None:
    happy = prediction("happy", 0.9)
    assert record_with(recognizer, accuracy=None).of(happy) is None
    assert record_with(recognizer, coverage=0.001).of(happy) is None
    assert track_record(recognizer.metadata, None).of(happy) is None


def test_the_track_record_is_said_of_sure_answers_about_faces_only(
    recognizer: Recognizer, reading: FaceResult
) -> None:
    sure = replace(reading, prediction=prediction("happy", 0.9))
    unsure = replace(reading, prediction=prediction("happy", 0.3))
    record = record_with(recognizer)
    assert present_face(1, sure, record=record).record is not None
    assert present_face(1, unsure, record=record).record is None
    assert present_face(1, replace(sure, source="region"), record=record).record is None
    covered = replace(sure.prediction, covered=0.9, covered_threshold=0.5)
    assert present_face(1, replace(sure, prediction=covered), record=record).record is None
