"""Downloads of the results as JSON, CSV and PNG, made from the form alone."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from model import Recognizer
from model.output.serialize import analysis_to_dict
from tests.conftest import post_form
from tests.webapp.test_pages import assert_sound
from tests.webapp.test_region import Fields, fields_of
from webapp.services import signed_results
from webapp.services.filenames import harmless, plain_name

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.conftest import MakeApp, Upload

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def fields(upload: Upload, portrait_jpeg: bytes) -> Fields:
    """The fields of the portrait's form for the picture; its result is also that of the others."""
    return fields_of(upload(portrait_jpeg, "Élan vital.jpg").text)


def download(client: FlaskClient, kind: str, fields: Fields) -> TestResponse:
    return post_form(client, fields, address=f"/results/download/{kind}")


def test_json_has_the_shape_of_the_command_line(
    client: FlaskClient, fields: Fields, recognizer: Recognizer, portrait_jpeg: bytes
) -> None:
    answer = download(client, "json", fields)
    assert answer.mimetype == "application/json"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="Elan-vital-emotions.json"'
    assert answer.headers["Cache-Control"] == "no-store"
    (found,) = json.loads(answer.data)
    expected = analysis_to_dict("Élan vital.jpg", recognizer.analyze(portrait_jpeg))
    assert {**found, "timings_ms": 0} == {**expected, "timings_ms": 0}


def test_csv_has_a_row_for_each_face_of_all_photos(
    client: FlaskClient, upload: Upload, portrait_jpeg: bytes, empty_png: bytes
) -> None:
    page = upload(portrait_jpeg, "=1+1.jpg", (empty_png, "wall.png"), (b"no photo", "diary.jpg"))
    answer = download(client, "csv", fields_of(page.text))
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="photos-emotions.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert list(dict.fromkeys(row["photo"] for row in rows)) == ["'=1+1.jpg", "wall.png", "diary.jpg"]
    assert [row["face"] for row in rows if row["photo"] != "'=1+1.jpg"] == ["", ""]
    assert [row["truncated"] for row in rows][-2:] == ["false", ""]
    assert float(rows[0]["confidence"]) == pytest.approx(float(rows[0][rows[0]["emotion"]]))
    assert rows[-1]["error"]


def test_the_picture_shows_photo_and_bars(client: FlaskClient, fields: Fields) -> None:
    answer = download(client, "png", fields)
    assert answer.mimetype == "image/png"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="Elan-vital-emotions.png"'
    picture = Image.open(io.BytesIO(answer.data)).convert("RGB")
    assert picture.width == 1200
    assert picture.height > 700
    colours = {colour for _, colour in picture.getcolors(maxcolors=10**6) or []}
    assert (0x0F, 0x65, 0x73) in colours, "no bar of the top expression"
    assert (255, 236, 64) in colours, "no box on the photo"


def test_a_part_that_was_pointed_at_can_be_taken_along(
    client: FlaskClient, upload: Upload, empty_png: bytes
) -> None:
    form = fields_of(upload(empty_png).text)
    fields = fields_of(post_form(client, form, address="/results/region").text)
    (found,) = json.loads(download(client, "json", fields).data)
    assert found["faces"][0]["source"] == "region"
    assert Image.open(io.BytesIO(download(client, "png", fields).data)).format == "PNG"


@pytest.mark.parametrize("kind", ["json", "csv", "png"])
@pytest.mark.parametrize("result", [None, "", "e30.forged", "😀"])
def test_what_this_site_did_not_sign_is_refused(
    client: FlaskClient, fields: Fields, kind: str, result: str | None
) -> None:
    changed = {name: value for name, value in fields.items() if name != "result"}
    answer = download(client, kind, changed if result is None else {**changed, "result": result})
    assert answer.status_code == 400
    assert "can’t be used" in answer.text
    assert "Content-Disposition" not in answer.headers
    assert_sound(answer.text)


def test_edited_results_are_refused(client: FlaskClient, fields: Fields) -> None:
    middle = len(fields["result"]) // 2
    letter = "A" if fields["result"][middle] != "A" else "B"
    edited = fields["result"][:middle] + letter + fields["result"][middle + 1 :]
    assert download(client, "json", {**fields, "result": edited}).status_code == 400


def test_another_picture_than_the_one_that_was_read_is_refused(client: FlaskClient, fields: Fields) -> None:
    for picture in ("", "%%%", signed_results.to_field(b"\xff\xd8\xff another")):
        assert download(client, "png", {**fields, "image": picture}).status_code == 400


def test_results_of_several_photos_are_no_picture(
    client: FlaskClient, upload: Upload, portrait_jpeg: bytes
) -> None:
    page = upload(portrait_jpeg, "a.jpg", (portrait_jpeg, "b.jpg"))
    assert download(client, "png", fields_of(page.text)).status_code == 400


def test_a_signature_of_another_site_is_worth_nothing(
    client: FlaskClient, fields: Fields, make_app: MakeApp, app: Flask
) -> None:
    other = make_app(testing=True, secret_key="another")  # noqa: S106  # a key for this test
    with app.app_context():
        content = signed_results.loads(fields["result"]).results
    with other.app_context():
        forged = signed_results.dumps(content)
    assert download(client, "json", {**fields, "result": forged}).status_code == 400


def test_results_expire_after_a_day_and_say_so(
    client: FlaskClient, fields: Fields, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    monkeypatch.setattr("time.time", lambda: now + 23 * 3600)
    assert download(client, "json", fields).status_code == 200
    monkeypatch.setattr("time.time", lambda: now + 25 * 3600)
    for kind in ("json", "csv", "png"):
        answer = download(client, kind, fields)
        assert answer.status_code == 400
        assert "more than a day old" in answer.text


def test_without_a_token_nothing_is_given_out(client: FlaskClient, fields: Fields) -> None:
    fields.pop("csrf_token")
    for kind in ("json", "csv", "png"):
        assert download(client, kind, fields).status_code == 400


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("holiday.jpg", "holiday"),
        ("../../etc/passwd.jpg", "etc-passwd"),
        ('a"b\r\nSet-Cookie: x.jpg', "a-b-Set-Cookie-x"),
        ("☃.png", "photo"),
        ("", "photo"),
        ("x" * 300 + ".jpg", "x" * 40),
        (".htaccess", "htaccess"),
    ],
)
def test_file_names_are_plain(name: str, expected: str) -> None:
    assert plain_name(name) == expected


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@x"])
def test_names_are_no_formulas(name: str) -> None:
    assert harmless(name) == "'" + name
    assert harmless("holiday.jpg") == "holiday.jpg"


def test_the_picture_needs_no_file_and_no_home(tmp_path: Path) -> None:
    """In a process of its own: without a home folder, with warnings as errors and an empty temporary folder."""
    program = """
import logging, sys
import numpy as np
logging.basicConfig(level="WARNING", stream=sys.stdout)
from webapp import create_app
from webapp.presenters import result_image
from model.types import Photo
result = {"width": 60, "height": 40, "faces": [], "model": {"name": "m", "version": "1"}}
png = result_image.draw(Photo(np.zeros((40, 60, 3), np.uint8)), result)
assert png.startswith(b"\\x89PNG") and "matplotlib" not in sys.modules
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        cwd=ROOT,
        env={"PATH": "", "HOME": "/nonexistent", "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []
