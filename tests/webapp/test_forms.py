"""The upload form: several photos, an empty field, unusual names, limits."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from webapp.blueprints.forms import Refused, Upload, UploadForm
from webapp.services.filenames import safe_name
from webapp.settings import MEBIBYTE

if TYPE_CHECKING:
    from tests.conftest import Upload as PostUpload


def sent(app: Flask, *parts: tuple[bytes, str], **fields: str) -> list[Upload]:
    """Return what the form makes of these files, after it has agreed to take them."""
    data = {**fields, "photo": [(io.BytesIO(content), name) for content, name in parts]}
    with app.test_request_context("/results", method="POST", data=data):
        return UploadForm().uploads()


def test_photos_come_in_the_order_they_were_chosen(app: Flask) -> None:
    assert sent(app, (b"1", "b.jpg"), (b"2", "a.jpg"), (b"", "empty.png")) == [
        Upload("b.jpg", b"1"),
        Upload("a.jpg", b"2"),
        Upload("empty.png", b""),
    ]


def test_an_empty_field_is_no_photo(app: Flask) -> None:
    """The second input, for the camera of a phone, is sent empty by everyone who does not use it."""
    assert sent(app, (b"1", "a.jpg"), (b"", "")) == [Upload("a.jpg", b"1")]


def test_a_sample_counts_before_photos(app: Flask) -> None:
    (upload,) = sent(app, (b"1", "a.jpg"), sample="portrait")
    assert upload.name == "A smile"
    assert upload.content[:2] == b"\xff\xd8"


def test_the_buffers_are_let_go(app: Flask) -> None:
    data = {"photo": [(io.BytesIO(b"1"), "a.jpg")]}
    with app.test_request_context("/results", method="POST", data=data):
        form = UploadForm()
        assert len(form.uploads()) == 1
        assert request.files["photo"].stream.closed
        with pytest.raises(Refused):
            form.uploads()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("holiday.jpg", "holiday.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\boot.ini", "boot.ini"),
        ("a\x00b\r\nc.jpg", "abc.jpg"),
        ("party\u202egpj.exe", "partygpj.exe"),
        ("☃.jpg", "☃.jpg"),
        ("<b>.jpg", "<b>.jpg"),
        (" \u200b ", "photo"),
        ("folder/", "photo"),
        ("", "photo"),
        (None, "photo"),
    ],
)
def test_names_are_fit_to_be_shown(name: str | None, expected: str) -> None:
    assert safe_name(name) == expected


def test_long_names_keep_their_ends() -> None:
    shown = safe_name("x" * 5000 + ".jpg")
    assert len(shown) == 80
    assert shown.startswith("xxx")
    assert shown.endswith("x.jpg")


def test_more_than_ten_photos_are_refused_in_words(upload: PostUpload) -> None:
    answer = upload(b"1", "1.jpg", *[(b"x", f"{number}.jpg") for number in range(2, 12)])
    assert answer.status_code == 400
    assert "These are 11 photos; at most ten photos go at once." in answer.text
    assert 'id="upload"' in answer.text


def test_the_photo_that_is_too_large_is_named(upload: PostUpload) -> None:
    sizes = {"small.jpg": 1, "huge.jpg": 8 * MEBIBYTE + 1, "just.jpg": 8 * MEBIBYTE}
    (first, size), *others = sizes.items()
    answer = upload(bytes(size), first, *[(bytes(size), name) for name, size in others])
    assert answer.status_code == 413
    assert "huge.jpg is larger than 8 MB." in answer.text
    assert "just.jpg" not in answer.text


@pytest.mark.parametrize("address", ["/results", "/results/region", "/results/download/json"])
@pytest.mark.parametrize("pair", [b"a=%20&", b"&", b"%41"])
def test_a_form_of_countless_fields_is_refused_at_once(
    client: FlaskClient, address: str, pair: bytes
) -> None:
    """Only multipart forms carry much; the other kind takes a minute and half a gigabyte to read."""
    body = pair * (20 * MEBIBYTE // len(pair))
    started = time.thread_time()
    kind = "application/x-www-form-urlencoded"
    answer = client.post(address, input_stream=io.BytesIO(body), content_type=kind)
    assert answer.status_code == 413
    # Of processor time, whatever else the machine does.
    assert time.thread_time() - started < 2


def test_an_unknown_sample_is_refused_and_never_a_path(press_sample: Callable[[str], TestResponse]) -> None:
    for name in ("nobody", "../../../wsgi.py", "astronaut.jpg"):
        answer = press_sample(name)
        assert answer.status_code == 400
        assert "There is no sample of that name" in answer.text


def test_more_parts_than_any_form_of_ours_has(client: FlaskClient) -> None:
    fields = {f"field{number}": "x" for number in range(300)}
    answer = client.post("/results", data=fields, content_type="multipart/form-data")
    assert answer.status_code == 413
