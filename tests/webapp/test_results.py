"""Uploading a photo: the results page, and the refusal of each invalid upload."""

from __future__ import annotations

import base64
import io
import re
import tempfile
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
import pytest
from flask.testing import FlaskClient
from justhtml import JustHTML
from PIL import Image

from model import Recognizer
from model.photo import load
from tests.webapp.test_pages import assert_sound
from webapp.middleware.memory_request import MULTIPART_ROOM
from webapp.presenters import formatters, messages
from webapp.presenters.expressions import in_order
from webapp.services import signed_results
from webapp.settings import MEBIBYTE

if TYPE_CHECKING:
    from tests.conftest import MakeApp, Upload


def page(html: str) -> JustHTML:
    return JustHTML(html, strict=True, sanitize=False)


def pictures(html: str) -> list[Image.Image]:
    """Every data: picture of a page, decoded."""
    found = re.findall(r'src="data:image/(?:jpeg|png|webp);base64,([^"]+)"', html)
    return [Image.open(io.BytesIO(base64.b64decode(data))) for data in found]


def png(width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (width, height)).save(buffer, "PNG")
    return buffer.getvalue()


def test_the_portrait_shows_every_stage(upload: Upload, portrait_jpeg: bytes) -> None:
    answer = upload(portrait_jpeg)
    assert answer.status_code == 200
    photo, crop, level, network_input, attention, *_ = pictures(answer.text)
    assert photo.size == (512, 512)
    assert crop.size[0] == crop.size[1] == level.size[0] == attention.size[0]
    assert (network_input.size, network_input.mode) == ((48, 48), "L")
    html = page(answer.text)
    assert html.query("h1")[0].to_text().strip() == "Looks happy."
    assert [name.to_text().strip() for name in html.query(".stages figcaption strong")] == [
        "Crop",
        "Aligned",
        "Input",
        "Attention block",
    ]


def test_the_network_input_on_the_page_is_the_networks_own(
    upload: Upload, portrait_jpeg: bytes, recognizer: Recognizer
) -> None:
    expected = recognizer.analyze(portrait_jpeg).faces[0].network_input
    shown = np.asarray(pictures(upload(portrait_jpeg).text)[3])
    np.testing.assert_array_equal(shown, expected)


def test_the_chart_reads_as_text_in_the_order_of_every_card(
    upload: Upload, portrait_jpeg: bytes, recognizer: Recognizer
) -> None:
    html = page(upload(portrait_jpeg).text)
    shown = [float(figure.attrs["value"]) for figure in html.query(".chart data")]
    shares = dict(recognizer.analyze(portrait_jpeg).faces[0].prediction.ranked())
    order = in_order(recognizer.metadata.labels)
    assert shown == pytest.approx([shares[label] for label in order], abs=1e-4)
    names = [head.to_text().strip() for head in html.query(".chart tbody th")]
    assert names == [messages.adjective(label) for label in order]
    figures = [figure.to_text().strip() for figure in html.query(".chart .figure")]
    assert figures == [formatters.short_percent(shares[label]) for label in order]
    widths = [float(bar.attrs["width"].rstrip("%")) for bar in html.query(".chart rect")]
    assert widths == pytest.approx([100 * value for value in shown], abs=0.06)


def test_the_page_carries_the_photo_once(upload: Upload, portrait_jpeg: bytes) -> None:
    html = upload(portrait_jpeg).text
    assert len(re.findall('name="image"', html)) == 1
    assert len(re.findall('name="result"', html)) == 1


def test_an_upload_is_decoded_once_and_signed_once(
    upload: Upload, portrait_jpeg: bytes, empty_png: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def counted(module: ModuleType, name: str) -> None:
        original = getattr(module, name)

        def count(*given: object) -> object:
            done.append(name)
            return original(*given)

        monkeypatch.setattr(module, name, count)

    counted(load, "_decode")
    counted(signed_results, "_serializer")
    for photo in (portrait_jpeg, empty_png):
        done.clear()
        assert upload(photo).status_code == 200
        assert sorted(done) == ["_decode", "_serializer"]


def test_several_faces_get_a_card_each(upload: Upload, portrait_jpeg: bytes) -> None:
    portrait = Image.open(io.BytesIO(portrait_jpeg))
    pair = Image.new("RGB", (1024, 512))
    pair.paste(portrait, (0, 0))
    pair.paste(portrait, (512, 0))
    buffer = io.BytesIO()
    pair.save(buffer, "PNG")
    html = page(upload(buffer.getvalue()).text)
    assert html.query("h1")[0].to_text().strip() == "Both look happy"
    cards = [card.attrs["id"] for card in html.query("article.face")]
    assert cards == ["photo-1-face-1", "photo-1-face-2"]


def test_no_face_helps_on(upload: Upload, empty_png: bytes) -> None:
    answer = upload(empty_png)
    assert answer.status_code == 200
    for expected in ("No face found", "What was tried", "upside down", "What helps", "Draw a box"):
        assert expected in answer.text
    assert len(pictures(answer.text)) == 1


def test_large_photos_are_shown_smaller(upload: Upload) -> None:
    answer = upload(png(3000, 1500))
    assert pictures(answer.text)[0].size == (640, 320)


def test_nothing_chosen(upload: Upload) -> None:
    answer = upload(None)
    assert answer.status_code == 400
    assert_refused(answer.text)
    assert messages.NOTHING_CHOSEN in answer.text


REFUSALS = {
    "empty": (b"", 400),
    "text": (b"this is not a photo, whatever its name says", 415),
    "script": (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", 415),
    "gif": (b"GIF89a" + bytes(64), 400),
    "pdf": (b"%PDF-1.7\n" + bytes(64), 415),
    "too many pixels": (png(12_000, 10_500), 413),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_is_no_photo_is_refused_beside_the_field(upload: Upload, name: str) -> None:
    content, status = REFUSALS[name]
    answer = upload(content)
    assert answer.status_code == status
    assert_refused(answer.text)


def test_truncated_photo(upload: Upload, portrait_jpeg: bytes) -> None:
    # Of a progressive JPEG its first half has the whole picture, only coarser.
    buffer = io.BytesIO()
    Image.open(io.BytesIO(portrait_jpeg)).save(buffer, "JPEG")
    answer = upload(buffer.getvalue()[: buffer.tell() // 2])
    assert answer.status_code == 400
    assert_refused(answer.text)


@pytest.mark.parametrize("extra", [1, MULTIPART_ROOM + 1, 4 * MEBIBYTE])
def test_too_large(upload: Upload, extra: int) -> None:
    answer = upload(b"\xff\xd8" + bytes(8 * MEBIBYTE + extra))
    assert answer.status_code == 413
    assert_refused(answer.text)
    assert "larger than 8 MB" in answer.text


@pytest.mark.parametrize(("length", "read"), [(12 * MEBIBYTE, 12 * MEBIBYTE), (10**12, 0)])
def test_a_too_large_upload_is_read_to_its_end_unless_that_is_far(
    make_app: MakeApp, length: int, read: int
) -> None:
    """A browser listens only after it has sent everything; 10¹² bytes no browser's form sends."""
    client = make_app(testing=True, max_upload_bytes=MEBIBYTE).test_client()
    body = io.BytesIO(bytes(12 * MEBIBYTE))
    answer = client.post(
        "/results",
        input_stream=body,
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": str(length)},
    )
    assert answer.status_code == 413
    assert body.tell() == read
    assert "more than 10 MB at once" in answer.text


def test_a_smaller_limit_is_said_in_its_own_words(make_app: MakeApp) -> None:
    client = make_app(testing=True, max_upload_bytes=2 * MEBIBYTE).test_client()
    assert "up to 2 MB" in client.get("/").text


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "..\\..\\boot.ini",
        "<script>alert(1)</script>.jpg",
        "a\x00b.jpg",
        "x" * 5000,
        "",
        "☃.jpg",
    ],
)
def test_file_names_change_nothing_and_are_shown_nowhere(
    upload: Upload, portrait_jpeg: bytes, name: str
) -> None:
    answer = upload(portrait_jpeg, name or "a")
    assert answer.status_code == 200
    # A form that sends the photo on keeps its name, cleaned, where it is not shown.
    assert "passwd" not in JustHTML(answer.text, sanitize=False).to_text()
    assert "etc/passwd" not in answer.text
    assert "alert(1)" not in answer.text


def test_the_content_counts_and_not_the_name(upload: Upload, portrait_jpeg: bytes) -> None:
    assert upload(portrait_jpeg, "notes.txt").status_code == 200


def test_without_a_token_the_form_comes_back(client: FlaskClient, portrait_jpeg: bytes) -> None:
    for data in ({}, {"csrf_token": "forged"}):
        answer = client.post("/results", data={**data, "photo": (io.BytesIO(portrait_jpeg), "a.jpg")})
        assert answer.status_code == 400
        assert_refused(answer.text)
        assert messages.FORM_EXPIRED in answer.text


def test_results_have_no_address_of_their_own(client: FlaskClient) -> None:
    answer = client.get("/results")
    assert answer.status_code == 200
    assert "The site keeps no photo and no result, so a result has no address" in answer.text
    assert_sound(answer.text)


def test_a_page_with_a_photo_is_not_kept(upload: Upload, portrait_jpeg: bytes) -> None:
    assert upload(portrait_jpeg).headers["Cache-Control"] == "no-store"


def test_nothing_touches_the_disk(
    upload: Upload, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, portrait_jpeg: bytes
) -> None:
    """Uploads over 500 kB, where Werkzeug would spool, and over the limit; good ones and bad ones."""

    def forbidden(*args: object, **kwargs: object) -> None:
        pytest.fail("a temporary file was opened")

    for name in ("TemporaryFile", "SpooledTemporaryFile", "NamedTemporaryFile", "mkstemp", "mkdtemp"):
        monkeypatch.setattr(tempfile, name, forbidden)
    for name in ("TemporaryFile", "SpooledTemporaryFile"):
        monkeypatch.setattr(f"werkzeug.formparser.{name}", forbidden, raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for content in (
        portrait_jpeg,
        portrait_jpeg + bytes(2 * MEBIBYTE),
        bytes(4 * MEBIBYTE),
        bytes(9 * MEBIBYTE),
        bytes(81 * MEBIBYTE),
    ):
        upload(content)
    assert list(tmp_path.iterdir()) == []


def test_no_file_name_is_logged(
    upload: Upload, portrait_jpeg: bytes, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    upload(portrait_jpeg, "private-party.jpg")
    upload(b"nothing", "private-party.jpg")
    assert "private-party" not in caplog.text


def assert_refused(html: str) -> None:
    """The form is there again, and its field names the error."""
    (field,) = page(html).query("#photo")
    assert field.attrs["aria-invalid"] == "true"
    assert "photo-error" in field.attrs["aria-describedby"].split()
    (error,) = page(html).query("#photo-error")
    assert len(error.to_text().strip()) > len("Error: ")
    assert page(html).query("title")[0].to_text().startswith("Error:")
