"""Every part of a form has its limit, and what is beyond it is refused with a sentence."""

from __future__ import annotations

import io
import time

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import MakeApp
from tests.helpers.multipart import ANALYZE, FORM, RESULTS, Part, file, form, text
from webapp.middleware import multipart_form
from webapp.settings import MEBIBYTE

LONG_LINES = Part(b'; name="photo"; filename="a"\r\n' + b":\n" * 7_950_000, b"x")
LONG_LINE = Part(b'; name="photo"; filename="a"\r\nX: ' + b"y" * 15_900_000, b"x")
LONG_NAMES = tuple(file(b"x", b'\\"' * (2 * MEBIBYTE)) for _ in range(5))


def send(client: FlaskClient, address: str, *parts: Part) -> TestResponse:
    body = io.BytesIO(form(*parts))
    return client.post(address, input_stream=body, content_type=FORM)


def parsed(
    app: Flask, *parts: Part, body: bytes | None = None
) -> tuple[dict[str, str], list[tuple[str, bytes]]]:
    """Return the fields and the (name, content) of the files of a form that /results takes."""
    stream = io.BytesIO(form(*parts) if body is None else body)
    with app.test_request_context(RESULTS, method="POST", input_stream=stream, content_type=FORM):
        files = [(one.filename or "", one.read()) for one in request.files.getlist("photo")]
        return request.form.to_dict(), files


@pytest.mark.parametrize(
    ("parts", "status", "words"),
    [
        ((LONG_LINES,), 400, "was not written as forms are"),
        ((LONG_LINE,), 413, "head of one of the form’s parts"),
        (LONG_NAMES, 413, "head of one of the form’s parts"),
        ((file(b"x"), text("name", b"n" * 15_000_000)), 413, "field “name” is longer than one kilobyte"),
        ((file(b"x"), text("image", b"A" * 1_000_000)), 413, "field “image” is longer than 16 kilobytes"),
        ((file(b"x"), text("y" * 9000, b"z" * 99_999)), 413, "field “" + "y" * 40 + "” is longer"),
        ((file(b"x", field_name="other"), file(b"z" * 99_999, field_name="other")), 413, "field “other”"),
        (tuple(text(f"f{number}", b"") for number in range(201)), 413, "more than 200 parts"),
    ],
)
@pytest.mark.parametrize("address", [RESULTS, ANALYZE, "/compare"])
def test_what_is_beyond_its_limit_is_refused_cheaply(
    client: FlaskClient, address: str, parts: tuple[Part, ...], status: int, words: str
) -> None:
    """Before the form's token is looked at: none is sent here."""
    if address == "/compare" and parts[-1].head == b'; name="image"':
        pytest.skip("the results page sends its picture there")
    started = time.process_time()
    answer = send(client, address, *parts)
    assert time.process_time() - started < 2
    assert answer.status_code == status
    assert words in (answer.json["detail"] if address == ANALYZE else answer.text)


def test_a_refused_form_counts_for_nothing(make_app: MakeApp, empty_png: bytes) -> None:
    client = make_app(rate_limit="1 per minute").test_client()
    for _ in range(3):
        assert send(client, ANALYZE, LONG_LINE).status_code == 413
    assert send(client, ANALYZE, file(empty_png)).status_code == 200


def test_the_carried_picture_and_result_are_taken_where_they_are_sent(client: FlaskClient) -> None:
    picture, result = text("image", b"A" * 3 * MEBIBYTE), text("result", b"r" * 500_000)
    for address in ("/results/region", "/results/explain", "/results/download/json", "/compare"):
        assert send(client, address, picture, result).status_code == 400, "for want of a token"
    assert send(client, RESULTS, picture).status_code == 413
    assert send(client, "/results/region", text("image", b"A" * 12 * MEBIBYTE)).status_code == 413
    assert send(client, "/results/region", text("result", b"A" * 2 * MEBIBYTE)).status_code == 413


def test_a_long_name_is_cut_and_the_photo_read(client: FlaskClient, empty_png: bytes) -> None:
    for name in (b"n" * 15_000 + b".png", b"e" + b"\xcc\x81" * 3000 + b".png", b"/" * 15_000 + b"a.png"):
        answer = send(client, ANALYZE, file(empty_png, name))
        assert answer.status_code == 200
        assert len(answer.json[0]["photo"]) <= 80
        assert answer.json[0]["photo"].endswith(".png")


def test_of_a_file_that_is_too_large_no_more_than_the_limit_is_kept(app: Flask) -> None:
    _, files = parsed(app, file(bytes(8 * MEBIBYTE + 5000)), file(b"y"))
    assert [len(content) for _, content in files] == [8 * MEBIBYTE + 1, 1]


def test_of_photos_beyond_the_number_nothing_is_kept(app: Flask) -> None:
    _, files = parsed(app, *(file(bytes(1000), b"%d" % number) for number in range(12)))
    assert [len(content) for _, content in files] == [1000] * 10 + [1, 1]


def test_text_where_a_photo_belongs_is_named_as_that(client: FlaskClient) -> None:
    """As curl sends it for -F "photo=<me.jpg": it may be large, and the answer says what is wrong."""
    answer = send(client, ANALYZE, text("photo", b"t" * 2 * MEBIBYTE))
    assert answer.status_code == 422
    assert "has no file name" in answer.json["detail"]


@pytest.mark.parametrize("chunk", [1, 2, 7, 100, 64 * 1024])
def test_a_form_is_the_same_however_it_arrives(
    app: Flask, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    content = b"\r\n--fron\r\n--frontie\r\n\r\r\n" * 9
    parts = (text("a", b"1"), file(content, "Фото ☃.jpg".encode()), text("b", "é".encode()))
    monkeypatch.setattr(multipart_form, "CHUNK", chunk)
    assert parsed(app, *parts) == ({"a": "1", "b": "é"}, [("Фото ☃.jpg", content)])


def test_empty_parts_may_end_without_a_line_break(app: Flask) -> None:
    """Werkzeug's own client writes them so; browsers do not."""
    broken = b"".join(part.encoded() for part in (file(b"", b"a"), file(b"", b"b"), file(b"1", b"c")))
    broken = broken.replace(b"\r\n\r\n\r\n", b"\r\n\r\n")
    assert parsed(app, body=broken + b"--frontier--\r\n")[1] == [("a", b""), ("b", b""), ("c", b"1")]
    last = file(b"", b"z").encoded().replace(b"\r\n\r\n\r\n", b"\r\n\r\n")
    assert parsed(app, body=broken + last + b"--frontier--\r\n")[1][3:] == [("z", b"")]
    many = file(b"", b"a").encoded().replace(b"\r\n\r\n\r\n", b"\r\n\r\n") * 100
    assert parsed(app, body=many + b"--frontier--\r\n")[1] == [("a", b"")] * 100


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no form at all",
        b"--frontier\r\nContent-Disposition: form-data; name=a\r\n\r\nnever ends",
        b"--frontier\r\nno colon\r\n\r\nx\r\n--frontier--\r\n",
        b"--frontier\r\nX-Nothing: at all\r\n\r\nx\r\n--frontier--\r\n",
        b'--frontier\r\nContent-Disposition: form-data; name="\xff"\r\n\r\nx\r\n--frontier--\r\n',
    ],
)
def test_what_is_no_form_is_called_that(client: FlaskClient, body: bytes) -> None:
    answer = client.post(ANALYZE, input_stream=io.BytesIO(body), content_type=FORM)
    assert answer.status_code == 400
    assert answer.json["type"] == "/api#bad-request"
    assert "was not written as forms are" in answer.json["detail"]
    page = client.post(RESULTS, input_stream=io.BytesIO(body), content_type=FORM)
    assert page.status_code == 400
    assert "was not written as forms are" in page.text
