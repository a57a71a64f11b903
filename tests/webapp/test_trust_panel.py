"""The panel on how far to trust a face's reading."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from justhtml import JustHTML

from model.types import FaceResult, Quality
from tests.helpers.readings import plain, prediction
from webapp.presenters import formatters
from webapp.presenters.faces import present_face


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
