"""The results page for several photos, many faces, and rotated faces or photos."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest
from flask.testing import FlaskClient
from justhtml import JustHTML
from PIL import Image

from model import Recognizer
from tests.webapp.test_pages import assert_sound
from tests.webapp.test_region import fields_of
from webapp.services import signed_results

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from werkzeug.test import TestResponse

    from tests.conftest import Upload


def page(html: str) -> JustHTML:
    return JustHTML(html, strict=True, sanitize=False)


def texts(html: JustHTML, selector: str) -> list[str]:
    return [" ".join(element.to_text().split()) for element in html.query(selector)]


def test_each_photo_has_its_part_and_its_cards(
    upload: Upload, portrait_jpeg: bytes, empty_png: bytes
) -> None:
    answer = upload(portrait_jpeg, "anna.jpg", (empty_png, "wall.png"), (portrait_jpeg, "ben.jpg"))
    assert answer.status_code == 200
    assert_sound(answer.text)
    html = page(answer.text)
    assert texts(html, "h1") == ["Three photos, two faces"]
    assert texts(html, ".one-photo > h2") == [
        "anna.jpg Looks happy.",
        "wall.png No face found",
        "ben.jpg Looks happy.",
    ]
    assert [card.attrs["id"] for card in html.query("article.face")] == ["photo-1-face-1", "photo-3-face-1"]
    assert len(html.query(".region")) == 3
    assert len(html.query(".take-picture button")) == 2


def test_one_unreadable_photo_spoils_nothing(upload: Upload, portrait_jpeg: bytes) -> None:
    answer = upload(b"dear diary", "diary.jpg", (portrait_jpeg, "anna.jpg"))
    assert answer.status_code == 200
    assert_sound(answer.text)
    html = page(answer.text)
    assert texts(html, ".one-photo > h2") == ["diary.jpg", "anna.jpg Looks happy."]
    assert len(html.query(".field-error")) == 1
    assert "One photo could not be read." in answer.text
    assert len(html.query("article.face")) == 1


def test_where_no_photo_can_be_read_each_gets_its_reason(upload: Upload, portrait_jpeg: bytes) -> None:
    answer = upload(b"dear diary", "diary.jpg", (portrait_jpeg[:5000], "half.jpg"))
    assert answer.status_code == 400
    (error,) = page(answer.text).query("#photo-error")
    assert "diary.jpg: " in error.to_text()
    assert "half.jpg: " in error.to_text()
    assert upload(b"dear diary", "a.jpg", (b"dear diary", "b.jpg")).status_code == 415


def test_hostile_names_are_only_shown(upload: Upload, portrait_jpeg: bytes) -> None:
    name = '"><script>alert(1)</script>.jpg'
    answer = upload(portrait_jpeg, name, (portrait_jpeg, name))
    assert_sound(answer.text)
    assert "<script>alert" not in answer.text


def test_many_faces_get_a_row_each_and_cards_only_when_they_are_opened(
    upload: Upload, crowd_jpeg: bytes
) -> None:
    answer = upload(crowd_jpeg)
    assert_sound(answer.text)
    html = page(answer.text)
    assert len(html.query(".sheet tbody .face-row")) == 24
    assert html.query("article.face") == []
    assert len(answer.data) < 400_000


def test_a_photo_on_its_side_is_turned_and_that_is_said(press_sample: Callable[[str], TestResponse]) -> None:
    html = page(press_sample("turned").text)
    assert texts(html, "h1") == ["Looks neutral."]
    (said,) = texts(html, ".turned")
    assert "turned by 90°" in said


def test_a_small_face_is_warned_about_and_the_portrait_is_not(
    press_sample: Callable[[str], TestResponse], app: Flask
) -> None:
    small = page(press_sample("small").text)
    assert len(small.query(".trust.warned")) == 1
    assert any("small" in warning for warning in texts(small, ".trust.warned li"))
    portrait = page(press_sample("portrait").text)
    assert portrait.query(".trust.warned") == []
    tells_covers = app.extensions["models"].default.metadata.covered_threshold is not None
    assert len(portrait.query(".trust .facts > div")) == 7 + tells_covers


def test_the_page_carries_its_results_signed(upload: Upload, portrait_jpeg: bytes, app: Flask) -> None:
    fields = fields_of(upload(portrait_jpeg, "anna.jpg").text)
    with app.app_context():
        signed = signed_results.loads(fields["result"])
        picture = signed_results.from_field(fields["image"], 10**6)
        assert signed_results.belongs(picture, signed)
        assert not signed_results.belongs(picture + b"x", signed)
    assert signed.results[0]["photo"] == "anna.jpg"
    assert json.dumps(signed.results)


def test_addresses_of_forms_say_why_there_is_nothing(client: FlaskClient) -> None:
    for address in ("/results", "/results/region", "/results/download/json"):
        answer = client.get(address)
        assert answer.status_code == 200
        assert "There is no result here" in answer.text


def test_a_page_is_light(upload: Upload, portrait_jpeg: bytes, crowd_jpeg: bytes) -> None:
    """Of a portrait of nine megapixels, as of one of a quarter; of 24 faces."""
    large = io.BytesIO()
    Image.open(io.BytesIO(portrait_jpeg)).resize((3000, 3000), Image.Resampling.LANCZOS).save(large, "JPEG")
    for photo in (portrait_jpeg, large.getvalue()):
        assert len(upload(photo).data) <= 160_000
    assert len(upload(crowd_jpeg).data) <= 400_000


def test_a_mark_leads_to_its_face_and_its_card_back(upload: Upload, portrait_jpeg: bytes) -> None:
    html = page(upload(portrait_jpeg).text)
    (mark,), (card,), (back,) = (html.query(each) for each in (".face-mark", "article.face", ".on-photo"))
    assert mark.attrs["href"] == f"#{card.attrs['id']}"
    assert back.attrs["href"] == f"#{mark.attrs['id']}"
    assert mark.attrs["aria-label"] == "Face 1: happy"
    (plate,) = html.query(".plate text")
    assert plate.to_text() == "happy"


def test_every_face_of_a_group_has_a_mark_that_leads_to_its_row(upload: Upload, crowd_jpeg: bytes) -> None:
    html = page(upload(crowd_jpeg).text)
    marks = [mark.attrs["href"] for mark in html.query(".face-mark")]
    assert marks == [f"#{row.attrs['id']}" for row in html.query(".face-row")]
    assert [plate.to_text()[:2].strip() for plate in html.query(".plate text")] == [
        str(number) for number in range(1, 25)
    ]


@pytest.mark.parametrize("side", [512, 240, 3000])
def test_marks_lie_where_the_faces_are_on_the_picture(
    upload: Upload, portrait_jpeg: bytes, recognizer: Recognizer, side: int
) -> None:
    """A small photo is shown larger than it is, a large one smaller, and the marks with it."""
    photo = io.BytesIO()
    Image.open(io.BytesIO(portrait_jpeg)).resize((side, side)).save(photo, "PNG")
    html = page(upload(photo.getvalue()).text)
    shown = min(max(side, 480), 640)
    (picture,), (svg,), (line,) = (html.query(each) for each in (".frame img", ".marks", ".face-mark .line"))
    assert picture.attrs["width"] == picture.attrs["height"] == str(shown)
    assert svg.attrs["viewBox"] == f"0 0 {shown} {shown}"
    drawn = [float(line.attrs[name]) for name in ("x", "y", "width", "height")]
    analysis = recognizer.analyze(photo.getvalue())
    expected = [shown / analysis.photo.width * length for length in analysis.faces[0].box]
    assert drawn == pytest.approx(expected, abs=1)
