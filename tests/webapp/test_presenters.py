"""Presenters: texts and images of the pages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from flask import Flask
from justhtml import JustHTML

from model import Recognizer
from model.types import FaceResult, Prediction
from tests.helpers.readings import LABELS, plain, prediction, said
from webapp.presenters import formatters, messages
from webapp.presenters.confidence import runner_up, too_close
from webapp.presenters.faces import present_face, probabilities, stages
from webapp.presenters.images import fit, jpeg, png


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


def test_an_upright_face_needs_no_aligned_crop(recognizer: Recognizer, portrait_jpeg: bytes) -> None:
    (reading,) = recognizer.analyze(portrait_jpeg).faces
    for roll, expected in ((1.0, 3), (-1.9, 3), (10.0, 4)):
        leaning = replace(reading, crop=replace(reading.crop, roll=roll))
        strip = stages(1, leaning)
        assert len(strip) == expected
        assert [stage.name for stage in strip][-1] == "Attention block"
