"""The choice of the model, and the comparison of all models."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from justhtml import JustHTML
from werkzeug.test import TestResponse

from model import ModelRegistry
from model.store.reports import load_comparison
from tests.conftest import TOKEN
from tests.helpers.several_models import NAME, build
from tests.webapp.test_region import fields_of
from training.configs.systems import CONFIGURATIONS
from webapp import create_app
from webapp.presenters import messages, result_image
from webapp.presenters.model_card import present_comparison as comparison_tables
from webapp.presenters.model_choice import BASELINES, choices
from webapp.settings import Settings

FIVE = {"labels": ["angry", "happy", "neutral", "sad", "surprise"]}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The site with the committed model, and a copy of it that says it learned from votes."""
    root = build(tmp_path_factory.mktemp("saved"), attention_cnn_votes={"target": "ferplus"})
    models = ModelRegistry.load(NAME, root=root, threads=1)
    return create_app(Settings(secret_key="for-tests", rate_limit=None, testing=True), models)  # noqa: S106


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def token(client: FlaskClient, page: str = "/") -> str:
    found = TOKEN.search(client.get(page).text)
    assert found
    return found.group(1)


def send(client: FlaskClient, where: str, photo: bytes, **fields: str) -> TestResponse:
    form = {"csrf_token": token(client), "photo": (io.BytesIO(photo), "me.jpg"), **fields}
    return client.post(where, data=form)


def test_the_comparison_names_each_model_with_a_line_about_it(client: FlaskClient) -> None:
    page = JustHTML(client.get("/compare").text, sanitize=False)
    links = [link.attrs["href"] for link in page.query(".models a")]
    assert links == [f"/model/{NAME}", "/model/attention_cnn_votes"]
    assert JustHTML(client.get("/").text, sanitize=False).query('input[name="model"]') == []
    assert "Ten people" in page.to_text()
    assert "it learned how ten people judged each picture." in page.to_text()


def test_the_model_that_a_form_names_answers_and_is_named(client: FlaskClient, portrait_jpeg: bytes) -> None:
    page = send(client, "/results", portrait_jpeg, model="attention_cnn_votes")
    assert page.status_code == 200
    assert '<a href="/model/attention_cnn_votes">' in page.text
    assert "<code>attention_cnn_votes</code>" in page.text
    page = send(client, "/results", portrait_jpeg)
    assert f'<a href="/model/{NAME}">One label</a> (<code>{NAME}</code>' in page.text


def test_a_model_for_comparison_is_known_by_its_configuration(tmp_path: Path) -> None:
    rival = "upper_face_mobilenet"
    root = build(tmp_path, **{rival: {"training": {"configuration": rival}}})
    models = ModelRegistry.load(NAME, root=root, threads=1)
    assert [view.kind for view in choices(models)][1:] == [rival]
    assert set(CONFIGURATIONS) >= BASELINES


def test_an_unknown_model_is_refused(client: FlaskClient, portrait_jpeg: bytes) -> None:
    page = send(client, "/results", portrait_jpeg, model="<nobody>")
    assert page.status_code == 400
    assert "There is no model called “&lt;nobody&gt;” here." in page.text


def test_a_part_pointed_at_is_read_by_the_model_that_was_chosen(
    client: FlaskClient, empty_png: bytes
) -> None:
    page = send(client, "/results", empty_png, model="attention_cnn_votes")
    fields = fields_of(page.text)
    assert fields["model"] == "attention_cnn_votes"
    answer = client.post("/results/region", data={**fields, "whole": "1"})
    assert '<a href="/model/attention_cnn_votes">' in answer.text
    assert client.post("/results/region", data={**fields, "model": "x", "whole": "1"}).status_code == 400


def test_the_api_takes_a_model_by_name_and_lists_them(client: FlaskClient, portrait_jpeg: bytes) -> None:
    listed = client.get("/api/v1/models").json
    assert [(model["name"], model["default"]) for model in listed] == [
        (NAME, True),
        ("attention_cnn_votes", False),
    ]
    for name in (NAME, "attention_cnn_votes"):
        data = {"photo": (io.BytesIO(portrait_jpeg), "me.jpg"), "model": name}
        (result,) = client.post("/api/v1/analyze", data=data).json
        assert result["model"]["name"] == name
    enum = client.get("/api/v1/openapi.json").json["paths"]["/analyze"]["post"]["requestBody"]["content"]
    assert enum["multipart/form-data"]["schema"]["properties"]["model"]["enum"] == [
        NAME,
        "attention_cnn_votes",
    ]


def test_all_models_side_by_side(client: FlaskClient, portrait_jpeg: bytes) -> None:
    page = send(client, "/compare", portrait_jpeg)
    assert page.status_code == 200
    html = JustHTML(page.text, sanitize=False)
    assert len(html.query(".matrix tbody tr")) == 2
    assert "All 2 agree: happy." in html.to_text()
    assert len(html.query(".matrix tbody .cell.top")) == 2
    asked = fields_of(page.text)
    details = client.post("/results/by?face=1", data={**asked, "by": "attention_cnn_votes"})
    assert "(<code>attention_cnn_votes</code>" in details.text
    assert len(JustHTML(details.text, sanitize=False).query("article.face")) == 1
    for changed in ({"by": "nobody"}, {"by": NAME, "result": "forged"}):
        assert client.post("/results/by?face=1", data={**asked, **changed}).status_code == 400
    assert len(set(re.findall(r'id="([^"]+)"', page.text))) == len(re.findall(r'id="([^"]+)"', page.text))


def test_a_model_with_an_altered_file_is_left_out_with_a_sentence(
    tmp_path: Path, portrait_jpeg: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    root = build(tmp_path, broken={}, sound={})
    models = ModelRegistry.load(NAME, root=root, threads=1)
    with (root / "broken" / "model.onnx").open("r+b") as file:
        file.write(b"altered")
    client = create_app(Settings(secret_key="x", rate_limit=None), models).test_client()  # noqa: S106
    page = send(client, "/compare", portrait_jpeg)
    assert page.status_code == 200
    html = JustHTML(page.text, sanitize=False)
    assert len(html.query(".matrix tbody tr")) == 2
    assert "Left out: broken, because its files are missing or altered on this server." in html.to_text()
    assert "sha256 differs" in caplog.text


def test_a_page_of_results_leads_to_the_comparison(client: FlaskClient, portrait_jpeg: bytes) -> None:
    page = send(client, "/results", portrait_jpeg).text
    fields = fields_of(page)
    assert JustHTML(page, sanitize=False).query('button[form="result-data"][formaction="/compare"]')
    assert client.post("/compare", data=fields, content_type="multipart/form-data").status_code == 200
    assert client.post("/compare", data={**fields, "image": "no base64!"}).status_code == 400


def test_what_cannot_be_compared_is_explained(
    client: FlaskClient, portrait_jpeg: bytes, empty_png: bytes
) -> None:
    assert "One face, 2 models" in client.get("/compare").text
    refused = send(client, "/compare", b"no photo")
    assert refused.status_code == 415
    assert 'role="alert"' in refused.text
    none = client.post("/compare", data={"csrf_token": token(client)})
    assert none.status_code == 400
    assert messages.NOTHING_CHOSEN in none.text
    two = [(io.BytesIO(portrait_jpeg), "a.jpg"), (io.BytesIO(empty_png), "b.png")]
    several = client.post("/compare", data={"csrf_token": token(client), "photo": two})
    assert several.status_code == 400
    assert messages.ONE_AT_A_TIME in several.text
    assert client.post("/compare", data={}).status_code == 400
    assert "No face found" in send(client, "/compare", empty_png).text


def test_fewer_expressions_are_named(app: Flask, tmp_path: Path) -> None:
    models = ModelRegistry.load(NAME, root=build(tmp_path, five=FIVE), threads=1)
    (_, five) = choices(models, "five")
    assert five.chosen
    client = create_app(Settings(secret_key="x", rate_limit=None), models).test_client()  # noqa: S106
    assert "Knows 5 expressions: angry, happy, neutral, sad, surprise." in client.get("/compare").text
    assert 'name="model"' not in client.get("/").text


def test_the_card_of_a_model_of_five_expressions_names_what_it_does_not_know(client: FlaskClient) -> None:
    five, seven = client.get("/model/upper_face").text, client.get(f"/model/{NAME}").text
    assert "It does not know disgust and fear" in five
    assert "images for “fear”" not in five
    assert "images for “fear”" in seven


def test_with_haar_the_whole_photo_is_read_and_said_to_be_no_face(tmp_path: Path, empty_png: bytes) -> None:
    models = ModelRegistry.load(NAME, root=build(tmp_path), threads=1, detector="haar")
    client = create_app(Settings(secret_key="x", rate_limit=None), models).test_client()  # noqa: S106
    page = JustHTML(send(client, "/results", empty_png).text, sanitize=False).to_text()
    for said in ("No face found", "The whole photo", "No face was detected here", "Point at another part"):
        assert said in page
    (result,) = client.post("/api/v1/analyze", data={"photo": (io.BytesIO(empty_png), "me.jpg")}).json
    assert result["faces"][0]["source"] == "whole"


def test_all_models_stand_in_one_table_and_on_the_same_images_in_another() -> None:
    comparison = load_comparison()
    assert comparison is not None
    whole = comparison["rows"][0] | {
        "five": 0.81,
        "five_macro_f1": 0.8,
        "five_masked": None,
        "five_masked_macro_f1": None,
    }
    unmeasured = whole | {"name": "new", "five": None}
    every, five = comparison_tables({"rows": [whole, unmeasured]})
    assert [row[0] for row in every.rows] == [whole["name"], "new"]
    assert five.rows == (
        (whole["name"], whole["input"], "81.0\N{NO-BREAK SPACE}%", "80.0\N{NO-BREAK SPACE}%", "–", "–"),
    )
    assert [len(row) for table in (every, five) for row in table.rows] == [12, 12, 6]
    assert every.details == (whole["system"], whole["system"])
    assert f"{whole['megabytes']:.1f}\N{NO-BREAK SPACE}MB" in every.rows[0]
    assert len(comparison_tables({"rows": [unmeasured, unmeasured]})) == 1
    assert comparison_tables({"rows": [whole]}) == comparison_tables(None) == ()


@pytest.fixture
def renamed(tmp_path: Path) -> FlaskClient:
    """The site with a model by its new name, and none by the former one."""
    root = build(tmp_path, attention_cnn_people={"target": "ferplus"})
    models = ModelRegistry.load("attention_cnn_people", root=root, threads=1)
    return create_app(Settings(secret_key="x", rate_limit=None), models).test_client()  # noqa: S106


def test_a_former_name_still_answers_and_says_that_it_is_deprecated(
    renamed: FlaskClient, portrait_jpeg: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    def ask(**fields: str) -> TestResponse:
        photo = {"photo": (io.BytesIO(portrait_jpeg), "me.jpg")}
        return renamed.post("/api/v1/analyze", data={**photo, **fields})

    answer = ask(model="attention_cnn_votes")
    assert answer.json[0]["model"]["name"] == "attention_cnn_people"
    assert answer.json[0]["model"]["target"] == "people_votes"
    # A structured date (RFC 9745): seconds since 1970 behind an @.
    assert answer.headers["Deprecation"] == "@1795651200"
    assert "attention_cnn_votes is called attention_cnn_people now" in caplog.text
    for fields in ({}, {"model": "attention_cnn_people"}, {"model": NAME}):
        answer = ask(**fields)
        assert answer.status_code == 200
        assert "Deprecation" not in answer.headers
    assert answer.json[0]["model"]["target"] == "label"
    targets = {model["name"]: model["target"] for model in renamed.get("/api/v1/models").json}
    assert targets == {"attention_cnn_people": "people_votes", NAME: "label"}


def test_a_form_from_before_the_change_is_read_by_the_new_name(
    renamed: FlaskClient, portrait_jpeg: bytes, empty_png: bytes
) -> None:
    page = send(renamed, "/results", portrait_jpeg, model="attention_cnn_votes")
    assert '<a href="/model/attention_cnn_people">' in page.text
    assert "people to say so" in page.text
    assert page.text.count("Votes for contempt") == 1
    fields = {**fields_of(send(renamed, "/results", empty_png).text), "model": "attention_cnn_votes"}
    assert renamed.post("/results/region", data={**fields, "whole": "1"}).status_code == 200
    moved = renamed.get("/model/attention_cnn_votes")
    assert (moved.status_code, moved.headers["Location"]) == (301, "/model/attention_cnn_people")


def test_the_picture_to_keep_says_what_its_bars_are() -> None:
    result: Any = {"faces": [], "model": {"name": "m", "version": "1", "target": "people_votes"}}
    assert "the shares of people that would say so" in result_image.footnote(result)
    result["model"]["target"] = "label"
    assert result_image.footnote(result).startswith("What faces look like to the model m 1")
    del result["model"]["target"]
    assert result_image.footnote(result).startswith("What faces look like")
