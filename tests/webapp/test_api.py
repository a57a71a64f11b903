"""The JSON API."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from model import Recognizer
from model.output.serialize import analysis_to_dict
from model.registry import load_all_metadata
from webapp.api.problems import KINDS
from webapp.settings import MEBIBYTE

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.conftest import MakeApp

ANALYZE = "/api/v1/analyze"
PROBLEM = "application/problem+json"


@pytest.fixture(scope="session")
def document(app: Flask) -> dict[str, Any]:
    return dict(app.test_client().get("/api/v1/openapi.json").json)


@pytest.fixture
def send(client: FlaskClient, document: dict[str, Any]) -> Any:
    """Post photos, given as (content, name); every answer is checked against the published schema."""

    def post(*photos: tuple[bytes, str], **fields: Any) -> TestResponse:
        # Encoded by a real client: Werkzeug's own puts large bodies into temporary files that it leaves open.
        parts = [("photo", (name, content)) for content, name in photos]
        parts += [(name, (None, value)) for name, value in fields.items()]
        sent = requests.Request("POST", "http://localhost", files=parts).prepare()
        content_type = sent.headers.get("Content-Type", "multipart/form-data; boundary=x")
        answer = client.post(ANALYZE, data=sent.body or b"--x--\r\n", content_type=content_type)
        assert_as_published(answer, document)
        return answer

    return post


def assert_as_published(answer: TestResponse, document: dict[str, Any]) -> None:
    response = document["paths"]["/analyze"]["post"]["responses"][str(answer.status_code)]
    schema = response["content"][answer.mimetype]["schema"]
    jsonschema.validate(answer.json, {**schema, "components": document["components"]})


def assert_problem(answer: TestResponse, status: int, slug: str) -> dict[str, Any]:
    assert answer.status_code == status
    assert answer.mimetype == PROBLEM
    problem = dict(answer.json)
    assert problem["type"] == f"/api#{slug}"
    assert problem["title"] == KINDS[slug].title
    assert problem["status"] == status
    assert status in KINDS[slug].statuses
    assert problem["detail"].strip()
    return problem


def png(width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (width, height)).save(buffer, "PNG")
    return buffer.getvalue()


def test_the_answer_is_what_the_command_line_prints(
    send: Any, portrait_jpeg: bytes, recognizer: Recognizer
) -> None:
    (result,) = send((portrait_jpeg, "folder/me.jpg")).json
    expected = analysis_to_dict("me.jpg", recognizer.analyze(portrait_jpeg))
    assert list(result) == list(expected)
    assert result.keys() == expected.keys()
    assert len(result["faces"]) == 1
    for name in result.keys() - {"timings_ms"}:
        assert result[name] == expected[name]


def test_no_face_is_no_error(send: Any, empty_png: bytes) -> None:
    answer = send((empty_png, "wall.png"))
    assert answer.status_code == 200
    assert answer.json[0]["faces"] == []


def test_several_photos_keep_their_order_and_a_broken_one_its_place(
    send: Any, portrait_jpeg: bytes, empty_png: bytes
) -> None:
    answer = send((empty_png, "1.png"), (b"text", "2.jpg"), (portrait_jpeg, "3.jpg"))
    assert answer.status_code == 200
    assert [result["photo"] for result in answer.json] == ["1.png", "2.jpg", "3.jpg"]
    assert ["error" in result for result in answer.json] == [False, True, False]
    assert list(answer.json[1]) == ["photo", "error"]


@pytest.mark.parametrize(
    ("photos", "status"),
    [
        ([b"this is text"], 415),
        ([b""], 422),
        ([b"\x89PNG\r\n\x1a\n" + bytes(40)], 422),
        ([png(11_000, 11_000)], 413),
        ([b"\xff\xd8\xff" + bytes(8 * MEBIBYTE)], 413),
        ([b"text", b"more text"], 415),
        ([b"text", b""], 422),
    ],
)
def test_nothing_but_unreadable_photos_is_a_problem(send: Any, photos: list[bytes], status: int) -> None:
    answer = send(*[(photo, f"{number}.jpg") for number, photo in enumerate(photos)])
    problem = assert_problem(answer, status, "photos-refused")
    assert [photo["photo"] for photo in problem["photos"]] == [f"{n}.jpg" for n in range(len(photos))]
    assert all(photo["error"] for photo in problem["photos"])


def test_the_model_may_be_named(send: Any, empty_png: bytes, recognizer: Recognizer) -> None:
    name = recognizer.metadata.name
    assert send((empty_png, "a.png"), model=name).json[0]["model"]["name"] == name
    problem = assert_problem(send((empty_png, "a.png"), model="../secret"), 422, "unknown-model")
    assert problem["available"][0] == name
    assert sorted(problem["available"]) == sorted(model.name for model in load_all_metadata())


def test_what_is_wrong_with_the_form_is_named(send: Any, client: FlaskClient, empty_png: bytes) -> None:
    assert_problem(send(), 422, "no-photo")
    assert_problem(send(photo="text and no file"), 422, "no-photo")
    assert_problem(send((empty_png, "a.png"), region="1,2,3,4"), 422, "unknown-field")
    too_many = assert_problem(send(*[(empty_png, "a.png")] * 11), 422, "too-many-photos")
    assert too_many["limit"] == 10
    nameless = (
        b'--x\r\nContent-Disposition: form-data; filename="a.png"\r\n\r\n' + empty_png + b"\r\n--x--\r\n"
    )
    form = "multipart/form-data; boundary=x"
    assert_problem(client.post(ANALYZE, data=nameless, content_type=form), 422, "unknown-field")
    assert_problem(client.post(ANALYZE, json={"photo": "…"}), 415, "not-multipart")
    assert_problem(client.post(ANALYZE), 415, "not-multipart")
    assert_problem(client.post(ANALYZE, data=b"x", content_type="multipart/form-data"), 400, "bad-request")


@pytest.mark.parametrize(
    ("kind", "body", "words", "command"),
    [
        ("image/jpeg", b"\xff\xd8\xff", "the photo itself (image/jpeg)", "curl -F photo=@me.jpg"),
        (
            "application/json",
            b'{"photo": "/9j/"}',
            "not as base64, and not as an address",
            "base64 -d me.txt | curl -F 'photo=@-;filename=me.jpg'",
        ),
        (
            "application/x-www-form-urlencoded",
            b"photo=https://example.org/me.jpg",
            "an address is not fetched",
            "curl -F photo=@me.jpg",
        ),
        ("", b"\xff\xd8\xff", "is nothing", "curl -F photo=@me.jpg"),
    ],
)
@pytest.mark.parametrize("address", [ANALYZE, "/api/v1/explain"])
def test_another_body_is_answered_with_the_command_that_sends_it(
    client: FlaskClient, kind: str, body: bytes, words: str, command: str, address: str
) -> None:
    problem = assert_problem(client.post(address, data=body, content_type=kind), 415, "not-multipart")
    assert words in problem["detail"]
    assert problem["detail"].endswith(f": {command} http://localhost{address}")


def test_an_address_is_never_fetched(send: Any, client: FlaskClient) -> None:
    """It is text where a file belongs; the description says so, too."""
    problem = assert_problem(send(photo="http://127.0.0.1:9/me.jpg"), 422, "no-photo")
    assert "an address is not fetched" in problem["detail"]
    description = client.get("/api/v1/openapi.json").get_json()["info"]["description"]
    assert "an address in a request is never fetched" in description


def test_a_request_beyond_all_limits(make_app: MakeApp) -> None:
    client = make_app(max_upload_bytes=MEBIBYTE, max_photos=1).test_client()
    answer = client.post(ANALYZE, data=bytes(2 * MEBIBYTE), content_type="multipart/form-data; boundary=x")
    assert_problem(answer, 413, "request-too-large")


def test_elsewhere_under_api_errors_are_problems_too(client: FlaskClient) -> None:
    assert_problem(client.get("/api/v2"), 404, "not-found")
    assert_problem(client.get("/api/v1/analyze/"), 404, "not-found")
    answer = client.get(ANALYZE)
    assert_problem(answer, 405, "method-not-allowed")
    assert "POST" in answer.headers["Allow"]


def test_an_unforeseen_error_tells_no_details(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(recognizer: Recognizer, photo: bytes) -> None:
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr(Recognizer, "analyze", fail)
    answer = make_app().test_client().post(ANALYZE, data={"photo": (io.BytesIO(b"x"), "a.jpg")})
    assert_problem(answer, 500, "internal-error")
    assert "secret of the house" not in answer.text


def test_models(client: FlaskClient, document: dict[str, Any], recognizer: Recognizer) -> None:
    answer = client.get("/api/v1/models")
    model, *others = answer.json
    assert model["name"] == recognizer.metadata.name
    assert {model["name"], *(other["name"] for other in others)} == {
        saved.name for saved in load_all_metadata()
    }
    assert not any(other["default"] for other in others)
    assert model["labels"] == list(recognizer.metadata.labels)
    assert model["default"] is True
    schema = document["paths"]["/models"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema.validate(answer.json, {**schema, "components": document["components"]})


def test_no_session_and_nothing_kept(client: FlaskClient, empty_png: bytes) -> None:
    answer = client.post(ANALYZE, data={"photo": (io.BytesIO(empty_png), "a.png")})
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"


def test_nothing_touches_the_disk_and_no_name_is_logged(
    send: Any,
    portrait_jpeg: bytes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """With uploads over 500 kB, which Werkzeug by itself would put into a temporary file."""
    monkeypatch.setattr(
        "werkzeug.formparser.SpooledTemporaryFile", lambda **_: pytest.fail("a temporary file")
    )
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    caplog.set_level("DEBUG")
    answer = send(
        (portrait_jpeg + bytes(2 * MEBIBYTE), "private-party.jpg"), (bytes(MEBIBYTE), "private-party.gif")
    )
    assert answer.status_code == 200
    assert list(tmp_path.iterdir()) == []
    assert "private-party" not in caplog.text


def test_faces_are_numbered_in_reading_order_and_listed_by_size(send: Any, crowd_jpeg: bytes) -> None:
    (result,) = send((crowd_jpeg, "crowd.jpg")).json
    faces = result["faces"]
    areas = [face["box"][2] * face["box"][3] for face in faces]
    assert areas == pytest.approx(sorted(areas, reverse=True), rel=0.01), "largest first, but for rounding"
    by_number = sorted(faces, key=lambda face: int(face["number"]))
    assert [face["number"] for face in by_number] == [*range(1, len(faces) + 1)]
    rows = [(face["box"][1] // 200, face["box"][0] // 200) for face in by_number]
    assert rows == sorted(rows), "each row of six from left to right, and the rows from top to bottom"


def test_what_was_not_looked_for_is_told(send: Any, portrait_jpeg: bytes) -> None:
    (small,) = send((portrait_jpeg, "small.jpg")).json
    assert (small["smallest_face"], small["left_out"], small["undone"]) == (24.0, 0, [])
    buffer = io.BytesIO()
    Image.open(io.BytesIO(portrait_jpeg)).resize((3000, 3000)).save(buffer, "JPEG")
    (large,) = send((buffer.getvalue(), "large.jpg")).json
    assert large["smallest_face"] == pytest.approx(48, abs=0.1), "24 pixels of the photo as it is decoded"


def test_a_photo_is_not_turned_if_that_is_asked_for(send: Any, portrait_jpeg: bytes) -> None:
    buffer = io.BytesIO()
    Image.open(io.BytesIO(portrait_jpeg)).transpose(Image.Transpose.ROTATE_90).save(buffer, "JPEG")
    photo = buffer.getvalue(), "lying.jpg"
    assert [send(photo, **fields).json[0]["turn"] for fields in ({}, {"turn": "auto"})] == [90, 90]
    assert send(photo, turn="off").json[0]["turn"] == 0
    for wrong in ("on", ""):
        problem = assert_problem(send(photo, turn=wrong), 422, "unknown-turn")
        assert problem["available"] == ["auto", "off"]
