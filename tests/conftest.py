"""Shared fixtures: the recognizer, the portrait, the application and its client."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from model import ModelRegistry, Recognizer
from tests.helpers.server import Server, serve
from webapp import create_app
from webapp.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')

# Fixtures that drive a browser, with its camera, or a running server.
DRIVES = {"browser", "launch", "server"}

MakeApp = Callable[..., Flask]
Upload = Callable[..., TestResponse]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Try what drives a browser or a live server three times at most; everything else once.

    A process beside the test has its own pace on a busy machine. What passed only later is listed at the end.
    """
    for item in items:
        drives = DRIVES.intersection(getattr(item, "fixturenames", ()))
        if drives or item.get_closest_marker("browser") or item.get_closest_marker("live"):
            item.add_marker(pytest.mark.flaky(reruns=2))


@pytest.fixture(scope="session")
def recognizers() -> ModelRegistry:
    """All committed models; only the default is loaded at once."""
    return ModelRegistry.load(threads=1)


@pytest.fixture(scope="session")
def recognizer(recognizers: ModelRegistry) -> Recognizer:
    """The committed model, loaded once."""
    return recognizers.default


@pytest.fixture(scope="session")
def portrait_jpeg() -> bytes:
    """NASA's public-domain portrait: 512×512 JPEG with one face."""
    return (ROOT / "static" / "samples" / "astronaut.jpg").read_bytes()


@pytest.fixture(scope="session")
def empty_png() -> bytes:
    """A photo without any face: a smooth gradient of 320×240."""
    gradient = np.linspace(40, 220, 320 * 240 * 3).reshape(240, 320, 3).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(gradient).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture(scope="session")
def crowd_jpeg(portrait_jpeg: bytes) -> bytes:
    """A photo of 1200×800 with 24 faces, six in a row, each leaning a little."""
    face = Image.open(io.BytesIO(portrait_jpeg)).crop((150, 0, 350, 200))
    crowd = Image.new("RGB", (1200, 800))
    for place in range(24):
        leaning = face.rotate((place % 5 - 2) * 5, resample=Image.Resampling.BICUBIC)
        crowd.paste(leaning, (place % 6 * 200, place // 6 * 200))
    buffer = io.BytesIO()
    crowd.save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


@pytest.fixture(scope="session")
def make_app(recognizers: ModelRegistry) -> MakeApp:
    """Build an application of its own, with the given settings, the shared models and no rate limit."""
    usual = {"secret_key": "for-tests", "rate_limit": None}
    return lambda **settings: create_app(Settings(**{**usual, **settings}), recognizers)


@pytest.fixture(scope="session")
def app(make_app: MakeApp) -> Flask:
    return make_app(testing=True)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The site behind a real gunicorn, one for all tests."""
    with serve(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def csrf_token(client: FlaskClient) -> str:
    """The token in the form of the start page."""
    match = TOKEN.search(client.get("/").text)
    assert match, "the start page has no CSRF token"
    return match.group(1)


@pytest.fixture
def upload(client: FlaskClient, csrf_token: str) -> Upload:
    """Post a photo as the form does."""

    def post(photo: bytes | None, name: str = "photo.jpg", *more: tuple[bytes, str]) -> TestResponse:
        photos = [] if photo is None else [(photo, name), *more]
        return post_form(client, {"csrf_token": csrf_token}, photos)

    return post


@pytest.fixture
def press_sample(client: FlaskClient, csrf_token: str) -> Callable[[str], TestResponse]:
    """Press the button of a sample, as the form does."""
    return lambda name: post_form(client, {"csrf_token": csrf_token, "sample": name})


def post_form(
    client: FlaskClient,
    fields: dict[str, str],
    photos: Iterable[tuple[bytes, str]] = (),
    address: str = "/results",
) -> TestResponse:
    """Post fields and (content, file name) pairs as a browser does."""
    body, content_type = encode_form(fields, photos)
    return client.post(
        address, input_stream=io.BytesIO(body), content_length=len(body), content_type=content_type
    )


def encode_form(fields: dict[str, str], photos: Iterable[tuple[bytes, str]]) -> tuple[bytes, str]:
    """Return the body and content type that a browser sends.

    Written out here because Werkzeug's test client puts large bodies into temporary files, and the tests
    assert that there are none.
    """
    boundary = "----photo-boundary"
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'.encode()
        for field, value in fields.items()
    ]
    for photo, name in photos:
        quoted = name.replace("\\", "\\\\").replace('"', "%22")
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="photo"; filename="{quoted}"\r\n'
        parts += [head.encode(), b"Content-Type: image/jpeg\r\n\r\n", photo, b"\r\n"]
    parts.append(f"--{boundary}--\r\n".encode())
    return b"".join(parts), f"multipart/form-data; boundary={boundary}"
