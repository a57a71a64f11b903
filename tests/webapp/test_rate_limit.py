"""The rate limit, and the answer when all inference slots are taken."""

from __future__ import annotations

import io
import logging
import time
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from model.photo.size import size_of
from tests.webapp.test_api import png
from webapp.services.rate_limit import _estimate
from webapp.settings import Settings, SettingsError

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from model import ModelRegistry
    from tests.conftest import MakeApp

SECRET = {"SECRET_KEY": "a-secret-of-the-tests"}
NO_REDIS = "redis://127.0.0.1:1/0"


def send(client: FlaskClient, photo: bytes, number: int = 1, **options: Any) -> TestResponse:
    photos = [(io.BytesIO(photo), f"{index}.png") for index in range(number)]
    return client.post("/api/v1/analyze", data={"photo": photos}, **options)


def assert_too_many(answer: TestResponse) -> None:
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 60


def test_beyond_the_limit_a_program_hears_when_to_come_back(make_app: MakeApp, empty_png: bytes) -> None:
    client = make_app(rate_limit="2 per minute").test_client()
    assert [send(client, empty_png).status_code for _ in range(2)] == [200, 200]
    answer = send(client, empty_png)
    assert_too_many(answer)
    assert answer.mimetype == "application/problem+json"
    assert answer.json["type"] == "/api#too-many-requests"
    assert answer.json["retry_after"] == int(answer.headers["Retry-After"])


def test_beyond_the_limit_a_person_sees_a_page(make_app: MakeApp, empty_png: bytes) -> None:
    app = make_app(rate_limit="1 per minute")
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    form = {"photo": (io.BytesIO(empty_png), "a.png")}
    assert client.post("/results", data=form).status_code == 200
    answer = client.post("/results", data={"photo": (io.BytesIO(empty_png), "a.png")})
    assert_too_many(answer)
    assert "short break" in answer.text


def test_the_form_and_the_api_count_together(make_app: MakeApp, empty_png: bytes) -> None:
    app = make_app(rate_limit="1 per minute")
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    assert client.post("/results", data={"photo": (io.BytesIO(empty_png), "a.png")}).status_code == 200
    assert_too_many(send(client, empty_png))


def test_each_photo_counts_and_a_refused_request_does_not(make_app: MakeApp, empty_png: bytes) -> None:
    client = make_app(rate_limit="3 per minute").test_client()
    assert send(client, empty_png, number=2).status_code == 200
    assert_too_many(send(client, empty_png, number=2))
    assert send(client, empty_png).status_code == 200
    assert_too_many(send(client, empty_png))


def test_more_photos_than_a_window_holds_are_still_taken_once(make_app: MakeApp, empty_png: bytes) -> None:
    client = make_app(rate_limit="1 per minute").test_client()
    assert send(client, empty_png, number=2).status_code == 200
    assert_too_many(send(client, empty_png))


def test_a_group_counts_one_more_for_each_ten_faces(
    make_app: MakeApp, crowd_jpeg: bytes, empty_png: bytes
) -> None:
    """24 faces are three photos, which is known when they are read; the answer is given all the same."""
    client = make_app(rate_limit="4 per minute").test_client()
    assert send(client, crowd_jpeg).status_code == 200
    assert send(client, empty_png).status_code == 200
    assert_too_many(send(client, empty_png))


def test_where_all_models_read_a_photo_it_counts_for_each(
    make_app: MakeApp, empty_png: bytes, recognizers: ModelRegistry
) -> None:
    app = make_app(rate_limit=f"{len(recognizers.names) + 1} per minute")
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    assert client.post("/compare", data={"photo": (io.BytesIO(empty_png), "a.png")}).status_code == 200
    assert send(client, empty_png).status_code == 200
    assert_too_many(send(client, empty_png))


def test_a_large_photo_counts_more_until_it_is_read(make_app: MakeApp, empty_png: bytes) -> None:
    """By the size that its header claims."""
    client = make_app(rate_limit="4 per minute").test_client()
    huge = png(5000, 5000)
    assert send(client, huge).status_code == 200
    assert send(client, huge).status_code == 200, "two of three are given back"
    assert_too_many(send(client, huge))
    assert [send(client, empty_png).status_code for _ in range(2)] == [200, 200]
    assert_too_many(send(client, empty_png))


def test_a_class_behind_one_address_is_served(make_app: MakeApp) -> None:
    """Thirty visitors, two photos of a phone each, within a minute, at the default limit."""
    client = make_app(rate_limit=Settings(secret_key="x" * 16).rate_limit).test_client()
    phone = Image.new("L", (4000, 3000))
    buffer = io.BytesIO()
    phone.save(buffer, "PNG")
    assert _estimate(buffer.getvalue()) == 1
    for _ in range(30):
        assert send(client, png(64, 64), number=2).status_code == 200


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_size_of_a_photo_is_read_from_its_head(kind: str) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (321, 123)).save(buffer, kind)
    content = buffer.getvalue()
    assert size_of(content) == (321, 123)
    endless = b"\xff\xd8" + b"\xff\xe1\0\2" * 5000
    for damaged in (content[:11], content[:3], b"", b"\xff\xd8\xff" + bytes(5000), endless):
        assert size_of(damaged) is None


def test_each_address_has_its_own_count(make_app: MakeApp, empty_png: bytes) -> None:
    client = make_app(rate_limit="1 per minute", behind_proxy=True).test_client()
    for address in ("203.0.113.1", "203.0.113.2"):
        assert send(client, empty_png, headers={"X-Forwarded-For": address}).status_code == 200
    # What a visitor writes in front of the proxy's own entry makes no new visitor.
    assert_too_many(send(client, empty_png, headers={"X-Forwarded-For": "198.51.100.7, 203.0.113.1"}))


def test_an_unclosed_quote_makes_no_shared_visitor(make_app: MakeApp, empty_png: bytes) -> None:
    client = make_app(rate_limit="1 per minute", behind_proxy=True).test_client()
    for address in ("203.0.113.1", "203.0.113.2"):
        assert send(client, empty_png, headers={"X-Forwarded-For": f'"z, {address}'}).status_code == 200
    assert_too_many(send(client, empty_png, headers={"X-Forwarded-For": '"y, 203.0.113.1'}))


def test_a_64_of_ipv6_is_one_visitor_however_it_is_spelled(make_app: MakeApp, empty_png: bytes) -> None:
    client = make_app(rate_limit="1 per minute", behind_proxy=True).test_client()
    for address in ("2001:db8:0:1::1", "2001:db8:0:2::1", "203.0.113.1"):
        assert send(client, empty_png, headers={"X-Forwarded-For": address}).status_code == 200
    for address in ("2001:DB8:0:1:0::0001", "2001:db8:0:1:ffff::7", "::ffff:203.0.113.1"):
        assert_too_many(send(client, empty_png, headers={"X-Forwarded-For": address}))


def test_the_window_ends(make_app: MakeApp, empty_png: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    client = make_app(rate_limit="1 per minute").test_client()
    send(client, empty_png)
    later = time.time() + 61
    monkeypatch.setattr("time.time", lambda: later)
    assert send(client, empty_png).status_code == 200


def test_pages_and_health_are_not_counted(make_app: MakeApp) -> None:
    client = make_app(rate_limit="1 per minute").test_client()
    for address in ("/", "/model", "/healthz", "/api/v1/models"):
        assert [client.get(address).status_code for _ in range(3)] == [200, 200, 200]


def test_without_its_redis_the_site_counts_by_itself(
    make_app: MakeApp, empty_png: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    client = make_app(rate_limit="1 per minute", redis_url=NO_REDIS).test_client()
    with caplog.at_level(logging.WARNING):
        assert send(client, empty_png).status_code == 200
    assert "Redis does not answer" in caplog.text
    assert_too_many(send(client, empty_png))


@pytest.fixture
def crowded(make_app: MakeApp) -> Flask:
    """An application whose only turn is taken."""
    app = make_app(max_concurrent=1, queue_timeout=0)
    app.test_client().get("/")  # The start page's example is made while there is room.
    app.extensions["inference_semaphore"].acquire()
    return app


def test_busy_for_a_program(crowded: Flask, empty_png: bytes) -> None:
    answer = send(crowded.test_client(), empty_png)
    assert answer.status_code == 503
    assert answer.mimetype == "application/problem+json"
    assert answer.json["type"] == "/api#busy"
    assert answer.json["retry_after"] == int(answer.headers["Retry-After"])


def test_busy_for_a_person(crowded: Flask, empty_png: bytes) -> None:
    crowded.config["WTF_CSRF_ENABLED"] = False
    answer = crowded.test_client().post("/results", data={"photo": (io.BytesIO(empty_png), "a.png")})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "Many photos at once" in answer.text


def test_a_turn_is_given_back_even_after_a_broken_photo(make_app: MakeApp, empty_png: bytes) -> None:
    client = make_app(max_concurrent=1, queue_timeout=0).test_client()
    assert send(client, b"no photo").status_code == 415
    assert send(client, empty_png).status_code == 200


def test_the_settings_are_read() -> None:
    assert Settings.from_environ(SECRET).rate_limit == "60 per minute"
    assert Settings.from_environ(SECRET | {"RATE_LIMIT": "off"}).rate_limit is None
    settings = Settings.from_environ(
        SECRET | {"RATE_LIMIT": "5/second", "REDIS_URL": NO_REDIS, "QUEUE_TIMEOUT": "3"}
    )
    assert (settings.rate_limit, settings.redis_url, settings.queue_timeout) == ("5/second", NO_REDIS, 3)
    with pytest.raises(SettingsError, match="RATE_LIMIT"):
        Settings.from_environ(SECRET | {"RATE_LIMIT": "often"})
