"""The photo of a page of results once more: the eyes alone, and what pointed to an answer."""

from __future__ import annotations

import base64
import io
import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from justhtml import JustHTML
from PIL import Image

from model import ModelRegistry
from tests.conftest import post_form
from tests.helpers.covered_model import save_with_covered
from tests.helpers.several_models import NAME, build
from tests.webapp.test_pages import assert_sound
from tests.webapp.test_region import Fields, fields_of
from webapp import create_app
from webapp.services import rate_limit
from webapp.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import MakeApp, Upload

EYES, EXPLAIN, AS_IT_CAME = "/results/eyes", "/results/explain", "/results/as-it-came"
BUTTON = 'button[formaction^="{}"]'


@pytest.fixture
def fields(upload: Upload, portrait_jpeg: bytes) -> Fields:
    return fields_of(upload(portrait_jpeg, "me.jpg").text)


def test_what_spoke_for_an_expression_is_shown_on_the_card(client: FlaskClient, fields: Fields) -> None:
    answer = post_form(client, {**fields, "face": "1", "expression-1": "sad"}, address=EXPLAIN)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert_sound(answer.text)
    html = JustHTML(answer.text, strict=True, sanitize=False)
    (caption,) = html.query(".explain figcaption")
    assert "What pointed to “sad”" in caption.to_text()
    assert "Orange where covering a small patch of the face makes “sad” less likely." in caption.to_text()
    (chosen,) = html.query(".explain option[selected]")
    assert chosen.attrs["value"] == "sad"
    # And from there to the next.
    again = {**fields_of(answer.text), "face": "1", "expression-1": "happy"}
    answer = post_form(client, again, address=EXPLAIN)
    assert "makes the answer less likely." in answer.text


def test_an_explanation_is_on_the_open_card_of_its_face(
    client: FlaskClient, upload: Upload, crowd_jpeg: bytes
) -> None:
    page = upload(crowd_jpeg).text
    faces = len(JustHTML(page, strict=True, sanitize=False).query(".face-row"))
    assert faces > 10
    asked = {**fields_of(page), "face": str(faces), "expression-1": "sad", f"expression-{faces}": "happy"}
    answer = post_form(client, asked, address=EXPLAIN)
    assert_sound(answer.text)
    html = JustHTML(answer.text, strict=True, sanitize=False)
    (figure,) = html.query(".explain figure")
    assert figure.attrs["id"] == f"photo-1-face-{faces}-why"
    (card,) = html.query("article.face")
    assert card.attrs["id"] == f"photo-1-face-{faces}"


@pytest.mark.parametrize(
    "changes",
    [
        {"result": "forged"},
        {"image": "bm8gcGhvdG8="},
        {"face": "2"},
        {"face": "0"},
        {"face": "²"},
        {"face": "9" * 5000},
        {"face": ""},
        {"expression-1": "<b>"},
        {"expression-1": ""},
    ],
)
def test_what_the_page_did_not_put_there_is_refused(
    client: FlaskClient, fields: Fields, changes: Fields
) -> None:
    asked = {**fields, "face": "1", "expression-1": "sad", **changes}
    answer = post_form(client, asked, address=EXPLAIN)
    assert answer.status_code == 400
    assert "These results can’t be used" in answer.text


def test_an_explanation_counts_as_several_photos(make_app: MakeApp, portrait_jpeg: bytes) -> None:
    app = make_app(rate_limit=f"{rate_limit.EXPLANATION + 1} per minute")
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    page = client.post("/results", data={"photo": (io.BytesIO(portrait_jpeg), "a.jpg")}).text
    asked = {**fields_of(page), "face": "1", "expression-1": "happy"}
    assert post_form(client, asked, address=EXPLAIN).status_code == 200
    assert post_form(client, asked, address=EXPLAIN).status_code == 429


def test_the_eyes_alone_read_the_same_faces(
    client: FlaskClient, upload: Upload, crowd_jpeg: bytes, recognizers: ModelRegistry
) -> None:
    first = upload(crowd_jpeg, "crowd.jpg").text
    answer = post_form(client, fields_of(first), address=EYES)
    assert answer.status_code == 200
    assert_sound(answer.text)
    assert '<a href="/model/upper_face">' in answer.text
    assert "finding faces" not in answer.text, "they are not searched again"
    assert "ms, reading what it shows" in answer.text
    before, after = (JustHTML(html, strict=True, sanitize=False) for html in (first, answer.text))
    assert len(after.query(".face-row")) == len(before.query(".face-row")) > 10


def test_a_part_pointed_at_stays_that(client: FlaskClient, upload: Upload, empty_png: bytes) -> None:
    fields = fields_of(upload(empty_png).text)
    pointed = post_form(client, {**fields, "whole": "1"}, address="/results/region").text
    asked = {**fields_of(pointed), "face": "1", "expression-1": "happy"}
    answer = post_form(client, asked, address=EXPLAIN)
    assert answer.status_code == 200
    assert "The part you pointed at" in answer.text
    assert "No face detected here" in answer.text
    # Enter in a number's field still reads the part, and asks for no explanation.
    (button, *_) = JustHTML(answer.text, strict=True, sanitize=False).query("form#result-data button")
    assert "formaction" not in button.attrs


@pytest.fixture(scope="module")
def covering(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The site with a model that calls every face in the light covered, and the eyes alone."""
    root = build(tmp_path_factory.mktemp("saved"), upper_face={})
    folder = save_with_covered(root / "covering")
    raw = json.loads((folder / "metadata.json").read_text(encoding="utf-8"))
    raw |= {"name": "covering", "covered": {"threshold": 0.1}}
    (folder / "metadata.json").write_text(json.dumps(raw), encoding="utf-8")
    models = ModelRegistry.load("covering", root=root, threads=1)
    return create_app(Settings(secret_key="x", rate_limit=None, testing=True), models)  # noqa: S106


def test_where_the_face_is_covered_the_eyes_alone_are_offered(
    covering: Flask, client: FlaskClient, portrait_jpeg: bytes
) -> None:
    covering.config["WTF_CSRF_ENABLED"] = False
    covered, plain = covering.test_client(), client
    page = covered.post("/results", data={"photo": (io.BytesIO(portrait_jpeg), "a.jpg")})
    assert_sound(page.text)
    html = JustHTML(page.text, strict=True, sanitize=False)
    assert "The lower part of this face seems to be covered" in html.to_text()
    assert len(html.query(BUTTON.format(EYES))) == 1
    assert post_form(covered, fields_of(page.text), address=EYES).status_code == 200
    chosen = {"photo": (io.BytesIO(portrait_jpeg), "a.jpg"), "model": NAME}
    html = JustHTML(covered.post("/results", data=chosen).text, strict=True, sanitize=False)
    assert not html.query(BUTTON.format(EYES)), "this model does not tell"
    assert plain.post(EYES, data={}).status_code == 400
    (result,) = covered.post("/api/v1/analyze", data={"photo": (io.BytesIO(portrait_jpeg), "a.jpg")}).json
    assert result["faces"][0]["covered"] > 0.1


def test_without_that_model_the_eyes_are_not_offered(tmp_path: Path, portrait_jpeg: bytes) -> None:
    root = build(tmp_path)
    folder = save_with_covered(root / "covering")
    raw = json.loads((folder / "metadata.json").read_text(encoding="utf-8"))
    raw |= {"name": "covering", "covered": {"threshold": 0.1}}
    (folder / "metadata.json").write_text(json.dumps(raw), encoding="utf-8")
    models = ModelRegistry.load("covering", root=root, threads=1)
    app = create_app(Settings(secret_key="x", rate_limit=None, testing=True), models)  # noqa: S106
    app.config["WTF_CSRF_ENABLED"] = False
    page = app.test_client().post("/results", data={"photo": (io.BytesIO(portrait_jpeg), "a.jpg")}).text
    assert "The lower part of this face seems to be covered" in page
    assert EYES not in page
    assert post_form(app.test_client(), fields_of(page), address=EYES).status_code == 400


def test_the_api_explains_one_face(client: FlaskClient, portrait_jpeg: bytes, empty_png: bytes) -> None:
    def explain(photo: bytes, **fields: str) -> tuple[int, dict[str, object]]:
        data = {"photo": (io.BytesIO(photo), "me.jpg"), **fields}
        answer = client.post("/api/v1/explain", data=data)
        return answer.status_code, dict(answer.json)

    status, found = explain(portrait_jpeg)
    assert (status, found["number"], found["expression"]) == (200, 1, "happy")
    rows = found["map"]
    assert isinstance(rows, list)
    assert (len(rows), len(rows[0])) == (48, 48)
    assert max(abs(value) for row in rows for value in row) == 1
    status, asked = explain(portrait_jpeg, expression="sad")
    assert (status, asked["expression"]) == (200, "sad")
    assert asked["map"] != rows
    status, none = explain(empty_png, expression="sad", face="3")
    assert (status, none["face"], none["map"]) == (200, None, None)
    assert explain(portrait_jpeg, expression="bored")[1]["type"] == "/api#unknown-expression"
    for face in ("0", "-1", "x", "1e3", "0" * 5000 + "1"):
        assert explain(portrait_jpeg, face=face)[1]["type"] == "/api#no-such-face"
    assert explain(portrait_jpeg, model="landmarks")[1]["type"] == "/api#cannot-explain"
    assert explain(b"no photo")[0] == 415
    status, eyes = explain(portrait_jpeg, model="upper_face", expression="fear")
    assert (status, eyes["map"]) == (200, None), "it does not know fear"


def test_a_model_with_points_offers_no_explanation(
    client: FlaskClient, csrf_token: str, portrait_jpeg: bytes
) -> None:
    form = {"csrf_token": csrf_token, "model": "landmarks"}
    page = post_form(client, form, [(portrait_jpeg, "me.jpg")])
    assert page.status_code == 200
    assert EXPLAIN not in page.text


def test_the_picture_is_of_the_face(client: FlaskClient, fields: Fields) -> None:
    answer = post_form(client, {**fields, "face": "1", "expression-1": "happy"}, address=EXPLAIN)
    (image,) = JustHTML(answer.text, strict=True, sanitize=False).query(".explain img")
    content = base64.b64decode(image.attrs["src"].partition(",")[2])
    picture = Image.open(io.BytesIO(content)).convert("RGB")
    assert picture.size == (240, 240)
    red, _, blue = picture.split()
    orange = [r - b for r, b in zip(red.tobytes(), blue.tobytes(), strict=True)]
    assert max(orange) > 80
    assert min(orange) > -30


def lying(portrait_jpeg: bytes) -> bytes:
    buffer = io.BytesIO()
    Image.open(io.BytesIO(portrait_jpeg)).transpose(Image.Transpose.ROTATE_90).save(
        buffer, "JPEG", quality=92
    )
    return buffer.getvalue()


def test_a_photo_that_was_turned_is_read_as_it_came_on_request(
    client: FlaskClient, upload: Upload, portrait_jpeg: bytes
) -> None:
    content = lying(portrait_jpeg)
    page = upload(content, "me.jpg").text
    html = JustHTML(page, strict=True, sanitize=False)
    (button,) = html.query(BUTTON.format(AS_IT_CAME))
    assert button.to_text() == "Wrong way round? Read it as it came"
    answer = post_form(client, fields_of(page), address=AS_IT_CAME)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert_sound(answer.text)
    again = JustHTML(answer.text, strict=True, sanitize=False)
    assert not again.query(".turned")
    fields = fields_of(answer.text)
    sent, kept = (Image.open(io.BytesIO(data)) for data in (content, base64.b64decode(fields["image"])))
    difference = np.asarray(sent, np.int16) - np.asarray(kept, np.int16)
    assert np.abs(difference).mean() < 3, "the photo lies as it came"
    told = post_form(client, fields, address="/results/download/json")
    assert json.loads(told.text)[0]["turn"] == 0


def test_an_upright_photo_has_no_such_button(upload: Upload, portrait_jpeg: bytes) -> None:
    assert AS_IT_CAME not in upload(portrait_jpeg).text


@pytest.mark.parametrize("changes", [{"result": "forged"}, {"image": "bm8gcGhvdG8="}, {"image": ""}])
def test_an_altered_form_is_not_turned_back(
    client: FlaskClient, upload: Upload, portrait_jpeg: bytes, changes: Fields
) -> None:
    fields = fields_of(upload(lying(portrait_jpeg)).text) | changes
    answer = post_form(client, fields, address=AS_IT_CAME)
    assert answer.status_code == 400
    assert_sound(answer.text)
