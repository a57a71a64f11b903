"""Regions of a photo without faces: a box, the whole photo, invalid fields."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from justhtml import JustHTML
from PIL import Image

from model import Recognizer
from tests.conftest import post_form
from tests.webapp.test_pages import assert_sound
from webapp.presenters.expressions import in_order
from webapp.services import signed_results

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.conftest import Upload

Fields = dict[str, str]


def page(html: str) -> JustHTML:
    return JustHTML(html, strict=True, sanitize=False)


def fields_of(html: str, form: str = "result-data") -> Fields:
    """The fields of the form with that id, inside it and elsewhere, with the values that the page put there."""
    found = page(html)
    fields = found.query(f'form[id="{form}"] input') + found.query(f'input[form="{form}"]')
    return {field.attrs["name"]: field.attrs["value"] for field in fields}


@pytest.fixture
def fields(upload: Upload, empty_png: bytes) -> Fields:
    """The form of a photo of 320×240 in which no face was found."""
    return fields_of(upload(empty_png, "wall.png").text)


def post(client: FlaskClient, fields: Fields) -> TestResponse:
    return post_form(client, fields, address="/results/region")


def test_the_form_starts_with_a_box_inside_the_photo(fields: Fields) -> None:
    x, y, width, height = (int(fields[name]) for name in ("x", "y", "width", "height"))
    assert 0 <= x < x + width <= 320
    assert 0 <= y < y + height <= 240
    assert Image.open(io.BytesIO(base64.b64decode(fields["image"]))).size == (320, 240)


def test_a_part_is_read_and_marked_as_pointed_at(
    client: FlaskClient, fields: Fields, recognizer: Recognizer
) -> None:
    answer = post(client, {**fields, "x": "40", "y": "30", "width": "100", "height": "100"})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert_sound(answer.text)
    html = page(answer.text)
    (card,) = html.query("article.face.pointed")
    assert "No face detected here" in card.to_text()
    assert "No face was detected here." in card.to_text()
    shown = [float(figure.attrs["value"]) for figure in card.query(".chart data")]
    reading = recognizer.analyze(base64.b64decode(fields["image"]), region=(40, 30, 100, 100)).faces[0]
    shares = dict(reading.prediction.ranked())
    expected = [shares[label] for label in in_order(reading.prediction.labels)]
    np.testing.assert_allclose(shown, expected, atol=1e-4)


def test_the_whole_photo_needs_no_box(client: FlaskClient, fields: Fields, app: Flask) -> None:
    answer = post(client, {**fields, "x": "", "width": "", "whole": "1"})
    assert answer.status_code == 200
    taken = fields_of(answer.text)
    with app.app_context():
        (result,) = signed_results.loads(taken["result"]).results
    assert result["photo"] == "wall.png"
    assert result["faces"][0]["box"] == [0, 0, 320, 240]
    assert result["faces"][0]["source"] == "region"


def test_another_part_can_follow(client: FlaskClient, fields: Fields) -> None:
    once = post(client, {**fields, "x": "40", "y": "30", "width": "100", "height": "100"})
    again = fields_of(once.text)
    assert [again[name] for name in ("x", "y", "width", "height")] == ["40", "30", "100", "100"]
    assert post(client, {**again, "width": "64", "height": "64"}).status_code == 200


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"width": "4"}, "at least 8×8 pixels"),
        ({"x": "1000"}, "at least 8×8 pixels"),
        ({"width": "-50"}, "at least 8×8 pixels"),
        ({"x": ""}, "four whole numbers"),
        ({"y": "nan"}, "four whole numbers"),
        ({"height": "inf"}, "four whole numbers"),
        ({"height": "tall"}, "four whole numbers"),
    ],
)
def test_a_box_that_is_none_is_asked_for_again(
    client: FlaskClient, fields: Fields, changes: Fields, sentence: str
) -> None:
    answer = post(client, {**fields, **changes})
    assert answer.status_code == 400
    assert_sound(answer.text)
    (error,) = page(answer.text).query(".region .field-error")
    assert sentence in error.to_text()
    assert fields_of(answer.text)["image"]


@pytest.mark.parametrize("image", ["", "not base64!", base64.b64encode(b"").decode()])
def test_a_missing_image_is_a_clear_refusal(client: FlaskClient, fields: Fields, image: str) -> None:
    answer = post(client, {**fields, "image": image})
    assert answer.status_code == 400
    assert "can’t be used" in answer.text
    assert_sound(answer.text)


def test_what_is_no_photo_is_refused_as_an_upload_is(client: FlaskClient, fields: Fields) -> None:
    for box in (fields, {**fields, "x": "left"}):
        answer = post(client, {**box, "image": base64.b64encode(b"dear diary").decode()})
        assert answer.status_code == 415
        assert "can’t be read" in answer.text


def test_the_name_that_comes_back_is_made_safe(client: FlaskClient, fields: Fields, app: Flask) -> None:
    answer = post(client, {**fields, "name": '../../"><b>x' + "y" * 500})
    assert_sound(answer.text)
    with app.app_context():
        (result,) = signed_results.loads(fields_of(answer.text)["result"]).results
    assert "/" not in result["photo"]
    assert len(result["photo"]) <= 80


def test_without_a_token_nothing_is_read(client: FlaskClient, fields: Fields) -> None:
    fields.pop("csrf_token")
    assert post(client, fields).status_code == 400


def test_a_box_beside_found_faces_adds_one_and_keeps_the_others(
    client: FlaskClient, upload: Upload, portrait_jpeg: bytes, app: Flask
) -> None:
    found = upload(portrait_jpeg, "anna.jpg")
    assert "A face missing? Draw a box" in found.text
    before = fields_of(found.text)
    answer = post(client, {**before, "x": "300", "y": "300", "width": "150", "height": "150"})
    assert answer.status_code == 200
    assert_sound(answer.text)
    html = page(answer.text)
    assert [card.attrs["id"] for card in html.query("article.face")] == ["photo-1-face-1", "photo-1-face-2"]
    assert len(html.query("article.face.pointed")) == 1
    with app.app_context():
        (first,) = signed_results.loads(before["result"]).results
        (result,) = signed_results.loads(fields_of(answer.text)["result"]).results
    assert result["faces"][0] == first["faces"][0], "what was said before stays"
    assert [face["source"] for face in result["faces"]] == ["detected", "region"]
    assert result["faces"][1]["box"] == [300, 300, 150, 150]
    # Each further page cuts both as they were cut.
    explained = {**fields_of(answer.text), "face": "1", "expression-1": "happy"}
    again = post_form(client, explained, address="/results/explain")
    with app.app_context():
        (later,) = signed_results.loads(fields_of(again.text)["result"]).results
    assert [face["source"] for face in later["faces"]] == ["detected", "region"]
    for one, other in zip(result["faces"], later["faces"], strict=True):
        assert one["emotion"] == other["emotion"]
        assert one["confidence"] == pytest.approx(other["confidence"], abs=0.02)


def test_a_box_that_is_none_keeps_the_found_faces(
    client: FlaskClient, upload: Upload, portrait_jpeg: bytes
) -> None:
    before = fields_of(upload(portrait_jpeg, "anna.jpg").text)
    answer = post(client, {**before, "width": "4"})
    assert answer.status_code == 400
    assert_sound(answer.text)
    html = page(answer.text)
    (error,) = html.query(".region .field-error")
    assert "at least 8×8 pixels" in error.to_text()
    assert len(html.query("article.face")) == 1
    assert "open" in html.query("details.again")[0].attrs
