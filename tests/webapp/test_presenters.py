"""Presenters: texts and images of the pages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from flask import Flask
from justhtml import JustHTML

from model import Recognizer
from model.types import FaceResult, Prediction, Quality
from webapp.presenters import formatters, messages
from webapp.presenters.confidence import TrackRecord, runner_up, too_close, track_record
from webapp.presenters.faces import present_face, probabilities, stages
from webapp.presenters.images import fit, jpeg, png

LABELS = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")


def prediction(label: str, share: float, threshold: float = 0.5) -> Prediction:
    shares = np.full(len(LABELS), (1 - share) / (len(LABELS) - 1), dtype=np.float32)
    shares[LABELS.index(label)] = share
    attention = np.ones((12, 12), dtype=np.float32)
    return Prediction(LABELS, np.log(shares), shares, attention, threshold)


def said(app: Flask, reading: FaceResult, record: TrackRecord | None = None) -> str:
    """What the card of a face answers, as text."""
    macros: Any = app.jinja_env.get_template("_macros.html").module
    face = present_face(1, reading, record=record)
    html = macros.answer(face) + macros.certainty(face)
    return " ".join(JustHTML(html, sanitize=False).to_text().split())


@pytest.fixture(scope="module")
def reading(recognizer: Recognizer, portrait_jpeg: bytes) -> FaceResult:
    """The portrait's face."""
    (found,) = recognizer.analyze(portrait_jpeg).faces
    return found


@pytest.mark.parametrize(
    ("label", "share", "expected"),
    [("happy", 0.95, "very sure"), ("fear", 0.75, "fairly sure"), ("sad", 0.55, "somewhat sure")],
)
def test_a_sure_answer_is_a_sentence(
    app: Flask, reading: FaceResult, label: str, share: float, expected: str
) -> None:
    text = said(app, replace(reading, prediction=prediction(label, share)))
    assert text.startswith(f"Looks {messages.adjective(label)}. ")
    assert expected in text


def test_under_the_threshold_there_is_no_answer(app: Flask, reading: FaceResult) -> None:
    text = said(app, replace(reading, prediction=prediction("sad", 0.38)))
    assert text.startswith("Not sure, perhaps sad. ")
    assert "not sure" in text
    assert plain(formatters.percent(0.38)) in text
    assert plain(formatters.percent(0.5)) in text


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (0.4, 0.35, "Too close to call: happy or sad."),
        (0.45, 0.35, "Too close to call: happy or sad."),
        (0.46, 0.35, "Not sure, perhaps happy."),
    ],
)
def test_only_within_ten_points_it_is_too_close_to_call(
    app: Flask, reading: FaceResult, first: float, second: float, expected: str
) -> None:
    assert said(app, replace(reading, prediction=two_first(first, second))).startswith(f"{expected} ")
    shares = dict(two_first(first, second).ranked())
    assert too_close(shares) is expected.startswith("Too close to call")


def two_first(first: float, second: float, **changes: Any) -> Prediction:
    """The answer happy, sad behind it, and the rest even."""
    shares = np.full(len(LABELS), (1 - first - second) / (len(LABELS) - 2), dtype=np.float32)
    shares[3], shares[5] = first, second
    given = Prediction(LABELS, np.log(shares), shares, np.ones((12, 12), dtype=np.float32), 0.5)
    return replace(given, **changes)


def votes(first: float, second: float) -> Prediction:
    return two_first(first, second, target="people_votes")


def test_votes_are_said_as_ten_people(app: Flask, reading: FaceResult) -> None:
    text = said(app, replace(reading, prediction=votes(0.62, 0.31)))
    assert text == "Looks happy. The model expects 6 in 10 people to say so."
    text = said(app, replace(reading, prediction=votes(0.98, 0.01)))
    assert text == "Looks happy. The model expects nearly all of ten people to say so."
    text = said(app, replace(reading, prediction=votes(0.44, 0.22)))
    assert text.startswith("Not sure, perhaps happy. The model expects 4 in 10 people to say happy, 2 sad")
    close = said(app, replace(reading, prediction=votes(0.45, 0.4)))
    assert close.startswith("Too close to call: happy or sad. ")
    assert "Close behind" not in close


def test_ten_figures_and_the_same_in_words(app: Flask, reading: FaceResult) -> None:
    macros: Any = app.jinja_env.get_template("_macros.html").module
    six = present_face(1, replace(reading, prediction=votes(0.62, 0.31)))
    html = JustHTML(macros.ten_people(six), sanitize=False)
    assert len(html.query(".people use")) == 10
    assert [figure.attrs["href"] for figure in html.query(".people use")] == [
        *["#figure-happy"] * 6,
        *["#figure-sad"] * 3,
        "#figure-none",
    ]
    assert plain(html.query(".ten-words")[0].to_text()) == "6 happy 3 sad 1 split among the rest"
    label = present_face(1, replace(reading, prediction=two_first(0.62, 0.31)))
    assert plain(macros.ten_people(label)) == "", "the probabilities of a label are no people"


def test_the_chart_of_votes_is_of_people(app: Flask, reading: FaceResult) -> None:
    macros: Any = app.jinja_env.get_template("_macros.html").module
    people = macros.probability_chart(present_face(1, replace(reading, prediction=votes(0.6, 0.3))))
    label = macros.probability_chart(present_face(1, replace(reading, prediction=two_first(0.6, 0.3))))
    assert "Share of people" in people
    assert "in the model’s probabilities" in label


def test_the_threshold_itself_counts_as_sure(app: Flask, reading: FaceResult) -> None:
    text = said(app, replace(reading, prediction=prediction("sad", 0.5, threshold=0.5)))
    assert text.startswith("Looks sad. ")


def plain(text: str) -> str:
    return " ".join(text.split())


def test_bars_keep_their_order_and_one_is_marked() -> None:
    for label, place in (("surprise", 1), ("happy", 0)):
        rows = probabilities(prediction(label, 0.6))
        assert [row.label for row in rows] == [
            *("happy", "surprised", "neutral", "sad", "afraid", "disgusted", "angry")
        ]
        assert [row.top for row in rows] == [number == place for number in range(7)]


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0.0, "0 %"), (0.0001, "under 1 %"), (0.214, "21 %"), (0.9999, "over 99 %"), (1.0, "100 %")],
)
def test_percent_never_claims_certainty(share: float, expected: str) -> None:
    assert formatters.percent(share).replace("\N{NO-BREAK SPACE}", " ") == expected


@pytest.mark.parametrize(
    ("count", "expected"), [(0, "no faces"), (1, "one face"), (3, "three faces"), (12, "12 faces")]
)
def test_how_many(count: int, expected: str) -> None:
    assert formatters.how_many(count, "face") == expected


def test_every_label_of_the_seven_has_a_word() -> None:
    assert all(label in messages.ADJECTIVES for label in LABELS)
    assert messages.adjective("bored") == "bored"


def test_pictures_name_their_own_size() -> None:
    view = jpeg(np.zeros((20, 30, 3), dtype=np.uint8), "black")
    assert (view.width, view.height, view.alt) == (30, 20, "black")
    assert view.source.startswith("data:image/jpeg;base64,")
    assert png(np.zeros((48, 48), dtype=np.uint8), "x").source.startswith("data:image/png;base64,")


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((100, 50, 3), (100, 50, 3)), ((1000, 500, 3), (200, 100, 3)), ((3, 900, 3), (1, 200, 3))],
)
def test_fit_only_shrinks(shape: tuple[int, ...], expected: tuple[int, ...]) -> None:
    assert fit(np.zeros(shape, dtype=np.uint8), 200).shape == expected


@pytest.mark.parametrize(
    ("share", "second", "expected"), [(0.45, 0.40, True), (0.45, 0.31, True), (0.60, 0.30, False)]
)
def test_the_runner_up_is_named_only_when_it_is_close(
    app: Flask, reading: FaceResult, share: float, second: float, expected: bool
) -> None:
    two = two_first(share, second)
    assert bool(runner_up(two)) is expected
    close = f"Close behind: sad, with {plain(formatters.percent(second))}."
    assert (close in said(app, replace(reading, prediction=two))) is expected


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


def quality(*warnings: str, roll: float = 1.0, score: float = 0.99, evenness: float = 0.0) -> Quality:
    return Quality(120.0, 0.8, 120.0, 50.0, roll, score, warnings, evenness)


def panel(app: Flask, reading: FaceResult, **changes: Any) -> JustHTML:
    """The panel on how far to trust a face's reading."""
    face = present_face(1, replace(reading, **changes))
    macros: Any = app.jinja_env.get_template("_card.html").module
    return JustHTML(macros.trust(face, 3), sanitize=False)


def test_nothing_is_warned_about_without_reason(app: Flask, reading: FaceResult) -> None:
    html = panel(app, reading, quality=quality(), prediction=prediction("happy", 0.9))
    assert html.query("li") == html.query(".bad") == []
    text = plain(html.to_text())
    assert "Size, sharpness, light, contrast and tilt were checked and are good enough" in text
    assert "a face seen from the side, glasses, a hand, mask or scarf over part of the face" in text


@pytest.mark.parametrize("covered", [None, 0.01, 0.3, 0.9])
@pytest.mark.parametrize("share", [0.3, 0.9])
def test_the_panel_reassures_only_under_a_sure_answer_about_an_uncovered_face(
    app: Flask, reading: FaceResult, covered: float | None, share: float
) -> None:
    given = replace(prediction("happy", share), covered=covered, covered_threshold=0.5)
    text = plain(panel(app, reading, quality=quality(), prediction=given).to_text())
    assert "nothing speaks against" not in text
    assert ("good enough" in text) is (share > 0.5 and covered != 0.9)
    assert ("The lower part of this face seems to be covered" in text) is (covered == 0.9)
    assert ("a hand, mask or scarf over part of the face" in text) is (covered != 0.9)
    assert "glasses" in text


def test_a_covered_face_is_marked_among_the_figures(app: Flask, reading: FaceResult) -> None:
    given = replace(prediction("happy", 0.9), covered=0.9, covered_threshold=0.5)
    (bad,) = panel(app, reading, quality=quality(), prediction=given).query(".bad")
    assert plain(bad.to_text()) == "Mouth and chin 90 % covered"


@pytest.mark.parametrize("code", ["small", "blurred", "dark", "bright", "flat", "tilted"])
def test_each_warning_has_a_sentence_and_marks_its_figure(app: Flask, reading: FaceResult, code: str) -> None:
    html = panel(app, reading, quality=quality(code))
    (warning,) = html.query("li")
    assert len(warning.to_text()) > 20
    assert len(html.query(".bad")) == 1
    assert "Take this reading with care" in html.to_text()


@pytest.mark.parametrize(
    ("figures", "figure"),
    [
        ({"score": 0.9}, "Detector’s score 90 % low"),
        ({"evenness": 0.4}, "Even tones 40 % as in drawings"),
    ],
)
def test_what_may_be_no_photo_of_a_face_is_called_that(
    app: Flask, reading: FaceResult, figures: dict[str, float], figure: str
) -> None:
    html = panel(app, reading, quality=quality("doubtful", **figures))
    assert "may not be a photograph of a face" in plain(html.query("li")[0].to_text())
    (bad,) = html.query(".bad")
    assert plain(bad.to_text()) == figure


def test_a_part_pointed_at_is_always_warned_about(app: Flask, reading: FaceResult) -> None:
    html = panel(app, reading, quality=quality(), source="region")
    assert "No face was detected" in html.query("li")[0].to_text()
    assert len(html.query(".bad")) == 1


@pytest.mark.parametrize(
    ("roll", "expected"), [(0.3, "0°"), (12.4, "12° to the right"), (-30.0, "30° to the left")]
)
def test_tilt_is_said_as_the_viewer_sees_it(roll: float, expected: str) -> None:
    assert formatters.tilt(roll) == expected


def test_an_upright_face_needs_no_aligned_crop(recognizer: Recognizer, portrait_jpeg: bytes) -> None:
    (reading,) = recognizer.analyze(portrait_jpeg).faces
    for roll, expected in ((1.0, 3), (-1.9, 3), (10.0, 4)):
        leaning = replace(reading, crop=replace(reading.crop, roll=roll))
        strip = stages(1, leaning)
        assert len(strip) == expected
        assert [stage.name for stage in strip][-1] == "Attention block"
