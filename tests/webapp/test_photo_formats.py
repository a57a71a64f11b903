"""Photos that people have, through the site and the API: phones' formats and sizes, files without their end."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask.testing import FlaskClient
from PIL import Image

from model.photo import formats
from tests.helpers.multipart import ANALYZE, FORM, RESULTS, file, form, token

if TYPE_CHECKING:
    from tests.conftest import MakeApp, Upload

FILES = Path(__file__).resolve().parents[1] / "files"
MISSING = "The end of the file is missing"


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def portrait(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


def analysis(client: FlaskClient, content: bytes, status: int = 200) -> dict[str, object]:
    # As bytes: the test client writes forms of more than half a megabyte to a file.
    body = io.BytesIO(form(file(content)))
    answer = client.post(ANALYZE, input_stream=body, content_type=FORM)
    assert answer.status_code == status
    return dict(answer.json[0] if status == 200 else answer.json)


@pytest.fixture
def without_heic(make_app: MakeApp) -> Iterator[FlaskClient]:
    yield make_app(heic=False, testing=True).test_client()
    formats.switch_heic(True)


@pytest.mark.parametrize("kind", ["AVIF", "GIF", "BMP", "HEIC"])
def test_a_face_is_read_in_every_format(
    client: FlaskClient, upload: Upload, portrait_jpeg: bytes, kind: str
) -> None:
    heic = (FILES / "portrait.heic").read_bytes()
    content = heic if kind == "HEIC" else encoded(portrait(portrait_jpeg).resize((400, 400)), kind)
    assert len(analysis(client, content)["faces"]) == 1
    page = upload(content, name=f"photo.{kind.lower()}")
    assert page.status_code == 200
    assert "Looks happy." in page.text


@pytest.mark.parametrize("size", [(8064, 6048), (16_000, 1500)])
def test_a_phones_largest_photos_are_read(
    client: FlaskClient, csrf_token: str, portrait_jpeg: bytes, size: tuple[int, int]
) -> None:
    """48 megapixels, and a panorama."""
    picture = Image.new("RGB", size, "slategray")
    picture.paste(portrait(portrait_jpeg).resize((1500, 1500)), (500, 0))
    content = encoded(picture, "JPEG", quality=70)
    result = analysis(client, content)
    assert (result["width"], result["height"]) == size
    assert len(result["faces"]) == 1
    body = io.BytesIO(form(token(csrf_token.encode()), file(content)))
    assert client.post(RESULTS, input_stream=body, content_type=FORM).status_code == 200


def test_what_takes_too_much_memory_is_refused_with_the_way_out(client: FlaskClient, upload: Upload) -> None:
    content = encoded(Image.new("RGB", (8064, 6048)), "JPEG", progressive=True, subsampling=0)
    problem = analysis(client, content, 413)
    assert "Save it as a JPEG that is not progressive" in str(problem["detail"])
    page = upload(content)
    assert page.status_code == 413
    assert "Save it as a JPEG that is not progressive" in page.text


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_photo_without_its_end_is_read_and_marked(
    client: FlaskClient, upload: Upload, portrait_jpeg: bytes, kind: str
) -> None:
    content = encoded(portrait(portrait_jpeg), kind)
    assert analysis(client, content)["warnings"] == []
    assert analysis(client, content[:-16])["warnings"] == ["truncated"]
    assert MISSING not in upload(content).text
    assert MISSING in upload(content[:-16]).text
    assert "large part" in str(analysis(client, content[: len(content) // 2], 422)["detail"])


def test_heic_can_be_left_out(without_heic: FlaskClient) -> None:
    page = without_heic.get("/").text
    assert "JPEG, PNG, WebP, AVIF, GIF or BMP" in page
    assert "image/heic" not in page
    problem = analysis(without_heic, (FILES / "portrait.heic").read_bytes(), 415)
    assert "This is a HEIC photo" in str(problem["detail"])
    document = without_heic.get("/api/v1/openapi.json").text
    assert "image/heic" not in document
    assert "image/avif" in document


def test_the_description_lists_the_media_types(client: FlaskClient) -> None:
    document = client.get("/api/v1/openapi.json").json
    form = document["paths"]["/analyze"]["post"]["requestBody"]["content"]["multipart/form-data"]
    kinds = form["encoding"]["photo"]["contentType"].split(", ")
    assert kinds[:3] == ["image/jpeg", "image/png", "image/webp"]
    assert {"image/heic", "image/heif", "image/avif", "image/gif", "image/bmp"} < set(kinds)
