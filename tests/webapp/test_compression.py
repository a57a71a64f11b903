"""Answers are compressed where that helps and gives nothing away."""

from __future__ import annotations

import gzip
import io
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient

from webapp.middleware.compression import LARGEST, StaticCache

if TYPE_CHECKING:
    from tests.conftest import MakeApp

UNPACK: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.decompress, "br": brotli.decompress}
BROWSER = {"Accept-Encoding": "gzip, deflate, br, zstd"}
SHEET = "/static/css/site.css"


@pytest.mark.parametrize(
    ("asked", "given"), [("gzip", "gzip"), ("gzip, deflate, br, zstd", "br"), ("*", "br")]
)
def test_a_static_file_is_smaller_and_the_same(client: FlaskClient, asked: str, given: str) -> None:
    plain = client.get(SHEET, buffered=True)
    packed = client.get(SHEET, headers={"Accept-Encoding": asked}, buffered=True)
    assert packed.headers["Content-Encoding"] == given
    assert UNPACK[given](packed.data) == plain.data
    assert packed.content_length == len(packed.data) < 0.4 * len(plain.data)
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert packed.get_etag() != plain.get_etag()


@pytest.mark.parametrize("asked", ["", "identity", "br;q=0, gzip;q=0", "zstd"])
def test_whoever_takes_it_only_as_it_is_gets_it_so(client: FlaskClient, asked: str) -> None:
    answer = client.get(SHEET, headers={"Accept-Encoding": asked}, buffered=True)
    assert "Content-Encoding" not in answer.headers
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert answer.text.startswith("/*")


def test_caching_works_as_before(client: FlaskClient) -> None:
    address = re.findall(r'href="(/static/css/[^"]+)"', client.get("/").text)[0]
    packed = client.get(address, headers=BROWSER, buffered=True)
    assert "immutable" in packed.headers["Cache-Control"]
    again = client.get(address, headers=BROWSER | {"If-None-Match": packed.headers["ETag"]}, buffered=True)
    assert (again.status_code, again.data) == (304, b"")
    head = client.head(address, headers=BROWSER, buffered=True)
    assert (head.headers["Content-Encoding"], head.content_length, head.data) == ("br", len(packed.data), b"")


def test_a_part_of_a_file_is_of_the_file_as_it_is(client: FlaskClient) -> None:
    part = client.get(SHEET, headers=BROWSER | {"Range": "bytes=0-9"}, buffered=True)
    assert part.status_code == 206
    assert "Content-Encoding" not in part.headers
    assert len(part.data) == 10


@pytest.mark.parametrize("address", ["/static/samples/astronaut.jpg", "/static/card.jpg"])
def test_pictures_are_compressed_already(client: FlaskClient, address: str) -> None:
    assert "Content-Encoding" not in client.get(address, headers=BROWSER, buffered=True).headers


@pytest.mark.parametrize("address", ["/api/v1/openapi.json", "/privacy", "/model"])
def test_json_and_pages_without_a_token_are_smaller(client: FlaskClient, address: str) -> None:
    plain, packed = client.get(address), client.get(address, headers=BROWSER)
    assert brotli.decompress(packed.data) == plain.data
    assert len(packed.data) < 0.4 * len(plain.data)


def test_an_answer_of_the_api_is_smaller(client: FlaskClient, portrait_jpeg: bytes) -> None:
    form = {"photo": (io.BytesIO(portrait_jpeg), "portrait.jpg")}
    packed = client.post("/api/v1/analyze", data=form, headers=BROWSER)
    assert packed.headers["Content-Encoding"] == "br"
    assert b'"faces"' in brotli.decompress(packed.data)
    assert "Accept-Encoding" in packed.headers["Vary"]


def test_the_length_of_a_page_with_a_token_tells_nothing(client: FlaskClient) -> None:
    lengths = set()
    for _ in range(8):
        packed = client.get("/", headers=BROWSER)
        html = brotli.decompress(packed.data).decode()
        assert 'name="csrf_token"' in html
        assert re.search(r"</html>\s*<!-- [0-9a-f]* -->\s*$", html)
        lengths.add(len(packed.data))
    assert len(lengths) > 3


def test_a_page_with_a_token_and_something_of_the_request_goes_as_it_is(
    client: FlaskClient, csrf_token: str
) -> None:
    assert "Content-Encoding" not in client.get("/?guess=csrf", headers=BROWSER).headers
    form = {"csrf_token": csrf_token, "sample": "portrait"}
    answer = client.post("/results", data=form, headers=BROWSER)
    assert 'name="csrf_token"' in answer.text
    assert "Content-Encoding" not in answer.headers


def test_what_is_large_goes_as_it_is(make_app: MakeApp) -> None:
    app: Flask = make_app(testing=True)
    app.add_url_rule("/large", "large", lambda: ["x" * LARGEST])
    app.add_url_rule("/fits", "fits", lambda: ["x" * (LARGEST - 1000)])
    client = app.test_client()
    assert "Content-Encoding" not in client.get("/large", headers=BROWSER).headers
    assert client.get("/fits", headers=BROWSER).headers["Content-Encoding"] == "br"


def test_only_static_files_are_kept_and_not_without_end() -> None:
    cache = StaticCache(most=10)
    cache.set("br;", b"an answer")
    cache.set("br;/static/a.css;1", b"123456")
    cache.set("br;/static/b.css;1", b"123456")
    assert cache.get("br;") is None
    assert cache.get("br;/static/a.css;1") == b"123456"
    assert cache.get("br;/static/b.css;1") is None
