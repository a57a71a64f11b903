"""The contact sheet: sorted, filtered and opened by forms that send back what the page carries, and kept as a file."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from justhtml import JustHTML
from PIL import Image

from tests.conftest import ROOT
from tests.webapp.test_pages import assert_sound
from webapp.presenters import share_card
from webapp.presenters.expressions import ORDER
from webapp.samples import FOLDER
from webapp.services import rate_limit

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.conftest import MakeApp, Upload

SHEET, CARD, ALONE = "/results/sheet", "/results/card", "/results/photo"
FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
Fields = dict[str, Any]


def page(html: str) -> JustHTML:
    return JustHTML(html, strict=True, sanitize=False)


def form_of(html: str) -> Fields:
    """The fields of the page's form; of a field that is there several times, a list."""
    form = html.partition('<form id="result-data"')[2].partition("</form>")[0]
    fields: Fields = {}
    for name, value in FIELD.findall(form):
        fields[name] = (
            value
            if name not in fields
            else [*([fields[name]] if isinstance(fields[name], str) else fields[name]), value]
        )
    return fields


def post(client: FlaskClient, address: str, fields: Fields) -> TestResponse:
    return client.post(address, data=fields, content_type="multipart/form-data")


def test_a_samples_lesson_stays_when_a_card_is_opened(
    client: FlaskClient, press_sample: Callable[[str], TestResponse]
) -> None:
    html = press_sample("several").text
    sent = page(html)
    lesson = sent.query_one(".lesson")
    assert lesson is not None
    fields = form_of(html)
    again = post(client, SHEET, {**fields, "open": "1-2"}).text
    assert lesson.to_text() in page(again).query_one(".lesson").to_text()
    assert page(post(client, SHEET, {**fields, "sample": "none of them"}).text).query_one(".lesson") is None


@pytest.fixture
def crowd(upload: Upload) -> str:
    """The page of a photo of seven faces."""
    return upload((FOLDER / "several.jpg").read_bytes(), "several.jpg").text


@pytest.fixture
def three(upload: Upload, empty_png: bytes) -> str:
    """The page of a crowd, a file that is no photo, and a photo without a face."""
    several = (FOLDER / "several.jpg").read_bytes()
    return upload(several, "several.jpg", (b"dear diary", "diary.jpg"), (empty_png, "wall.png")).text


def keys(html: str) -> list[str]:
    return [row.attrs["data-key"] for row in page(html).query(".face-row")]


def part(html: str) -> JustHTML:
    """A part of a page."""
    return JustHTML(html, sanitize=False)


def test_rows_are_sorted_by_the_server_and_say_what_they_said(client: FlaskClient, crowd: str) -> None:
    answer = post(client, SHEET, {**form_of(crowd), "sort": "-sure"})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert_sound(answer.text)
    rows = page(answer.text).query(".face-row")
    sure = [float(row.attrs["data-sure"]) for row in rows]
    assert sure == sorted(sure, reverse=True)
    assert {row.attrs["data-key"]: row.attrs["data-sure"] for row in page(crowd).query(".face-row")} == {
        row.attrs["data-key"]: row.attrs["data-sure"] for row in rows
    }, "nothing is read anew"
    (head,) = page(answer.text).query('th[data-column="sure"]')
    assert head.attrs["aria-sort"] == "descending"
    again = post(client, SHEET, {**form_of(answer.text), "show": "happy"})
    assert {row.attrs["data-kind"] for row in page(again.text).query(".face-row")} == {"happy"}
    assert form_of(again.text)["sort"] == "-sure", "the order is kept"


def test_what_a_sheet_does_not_know_is_as_if_not_asked(client: FlaskClient, crowd: str) -> None:
    asked = {"sort": "<b>", "show": "nobody", "open": "7-7"}
    answer = post(client, SHEET, {**form_of(crowd), **asked})
    assert answer.status_code == 200
    assert keys(answer.text) == keys(crowd)


def test_a_row_opens_with_the_numbers_that_it_showed(client: FlaskClient, crowd: str) -> None:
    key = keys(crowd)[2]
    answer = post(client, SHEET, {**form_of(crowd), "open": key})
    assert_sound(answer.text)
    (card,) = page(answer.text).query("article.face")
    assert card.attrs["id"] == f"photo-1-face-{key.split('-')[1]}"
    closed = post(client, SHEET, {**form_of(answer.text), "open": ""})
    assert page(closed.text).query("article.face") == []
    alone = post(client, CARD, {**form_of(crowd), "face": key.split("-")[1]})
    assert alone.text.strip().startswith("<article")
    said, before = (
        [value.attrs["value"] for value in part(html).query("article.face .chart data")]
        for html in (alone.text, answer.text)
    )
    assert said == before


def test_several_cards_come_at_once(client: FlaskClient, crowd: str) -> None:
    answer = post(client, CARD, {**form_of(crowd), "face": ["1", "2", "7"]})
    cards = [card.attrs["id"] for card in part(answer.text).query("article.face")]
    assert cards == ["photo-1-face-1", "photo-1-face-2", "photo-1-face-7"]


def test_several_photos_stay_together_and_one_is_opened_alone(client: FlaskClient, three: str) -> None:
    assert_sound(three)
    answer = post(client, SHEET, {**form_of(three), "open": "1-2", "sort": "answer"})
    assert_sound(answer.text)
    assert len(page(answer.text).query(".contact-photos > li")) == 3
    (card,) = page(answer.text).query("article.face")
    assert card.attrs["id"] == "photo-1-face-2"
    fields = form_of(three)
    one = {**fields, "image": fields["image"][0], "photo": "1", "face": "2"}
    assert 'id="photo-1-face-2"' in post(client, CARD, one).text
    wall = post(client, ALONE, {**fields, "photo": "3"})
    assert_sound(wall.text)
    assert "No face found" in wall.text
    assert page(wall.text).query("[data-region]")


@pytest.mark.parametrize(
    ("address", "changes"),
    [
        (SHEET, {"result": "forged"}),
        (SHEET, {"image": "bm8gcGhvdG8="}),
        (SHEET, {"image": ["", "", ""]}),
        (CARD, {"face": "8"}),
        (CARD, {"face": "²"}),
        (CARD, {"face": ""}),
        (CARD, {"face": "1", "photo": "2"}),
        (CARD, {"face": "1", "photo": "0"}),
        (CARD, {"face": "1", "photo": "9" * 400}),
        (CARD, {"face": "1", "image": "bm8gcGhvdG8="}),
        (ALONE, {"photo": "-1"}),
        (ALONE, {"result": ""}),
        ("/results/by", {"by": "<b>"}),
        ("/results/download/html", {"result": "forged"}),
        ("/results/download/png", {"shape": "round"}),
    ],
)
def test_what_the_page_did_not_put_there_is_refused(
    client: FlaskClient, crowd: str, address: str, changes: Fields
) -> None:
    answer = post(client, address, {**form_of(crowd), **changes})
    assert answer.status_code == 400
    assert "These results can’t be used" in answer.text


def test_what_each_costs(make_app: MakeApp, portrait_jpeg: bytes) -> None:
    """docs/operations.md has the same figures."""
    costs = {SHEET: 1, CARD: 1, ALONE: 1, "/results/download/html": 1}
    costs |= {"/results/download/png": rate_limit.EXPLANATION}
    for address, cost in costs.items():
        app = make_app(rate_limit=f"{1 + cost} per minute")
        app.config["WTF_CSRF_ENABLED"] = False
        client = app.test_client()
        html = client.post("/results", data={"photo": (io.BytesIO(portrait_jpeg), "a.jpg")}).text
        fields = {**form_of(html), "face": "1", "shape": "wide"}
        assert post(client, address, fields).status_code == 200, address
        assert post(client, address, fields).status_code == 429, address


def test_what_a_download_of_figures_costs(make_app: MakeApp, portrait_jpeg: bytes) -> None:
    app = make_app(rate_limit="2 per minute")
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    fields = form_of(client.post("/results", data={"photo": (io.BytesIO(portrait_jpeg), "a.jpg")}).text)
    for _ in range(3):
        assert post(client, "/results/download/json", fields).status_code == 200
        assert post(client, "/results/download/csv", fields).status_code == 200


def test_the_end_of_a_file_stays_missing(client: FlaskClient, upload: Upload, portrait_jpeg: bytes) -> None:
    html = upload(portrait_jpeg[:-1500], "cut.jpg").text
    fields = form_of(html)
    sentence = "The end of the file is missing"
    assert sentence in html
    for address, more in (
        (SHEET, {}),
        ("/results/eyes", {}),
        ("/results/by", {"by": "attention_cnn"}),
        ("/results/as-it-came", {}),
        ("/compare", {}),
        ("/results/download/html", {}),
    ):
        answer = post(client, address, {**fields, **more})
        assert answer.status_code == 200
        assert sentence in answer.text, address
    again = form_of(post(client, "/results/eyes", fields).text)
    (result,) = json.loads(post(client, "/results/download/json", again).data)
    assert result["warnings"] == ["truncated"]
    assert (result["width"], result["height"]) == (512, 512)
    assert "truncated\n" in post(client, "/results/download/csv", fields).text
    assert post(client, "/results/download/csv", fields).text.strip().endswith("true")


def test_a_saved_file_needs_nothing_else(client: FlaskClient, three: str) -> None:
    answer = post(client, "/results/download/html", form_of(three))
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == 'attachment; filename="photos-emotions.html"'
    html = answer.text
    assert html.lstrip().startswith("<!doctype html>")
    assert len(page(html).query("article.face")) == 7
    for never in ("<script", "<form", "<button", "<select", "csrf_token", "@font-face", "url(/", "url(.."):
        assert never not in html, never
    sources = re.findall(r'src="([^"]{12})', html)
    assert sources
    assert {source[:11] for source in sources} == {"data:image/"}
    assert not re.search(r'href="/[^"]', html)


def test_a_saved_file_says_of_one_face_what_its_page_says(
    client: FlaskClient, upload: Upload, portrait_jpeg: bytes
) -> None:
    html = post(client, "/results/download/html", form_of(upload(portrait_jpeg).text)).text
    assert len(page(html).query("article.face")) == 1
    assert "probably of the background" not in html, "there is nobody else"


@pytest.mark.parametrize(("shape", "size"), [("wide", (1200, 630)), ("square", (1080, 1080))])
@pytest.mark.parametrize("name", ["hopper.jpg", "several.jpg", "together.jpg"])
def test_a_card_to_post_has_its_shape(
    client: FlaskClient, upload: Upload, name: str, shape: str, size: tuple[int, int]
) -> None:
    fields = form_of(upload((FOLDER / name).read_bytes(), name).text)
    answer = post(client, "/results/download/png", {**fields, "shape": shape})
    assert answer.status_code == 200
    picture = Image.open(io.BytesIO(answer.data))
    assert (picture.format, picture.size) == ("PNG", size)
    assert answer.headers["Content-Disposition"].endswith(f'-{shape}.png"')
    colours = picture.convert("RGB").resize((60, 60)).getcolors(3600)
    assert colours is not None
    assert len(colours) > 200, "there is a photo on it"


def test_the_colours_on_a_card_are_those_of_the_page() -> None:
    css = (ROOT / "static" / "css" / "expressions.css").read_text(encoding="utf-8")
    light = {tone: re.search(rf"--{tone}: light-dark\((#\w+),", css) for tone in ORDER}
    assert {tone: found and found[1] for tone, found in light.items()} == share_card.TONES


def test_pictures_in_the_form_are_small(app: Flask, crowd: str) -> None:
    assert len(base64.b64decode(form_of(crowd)["image"])) < 150_000
