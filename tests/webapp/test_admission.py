"""Admission control: beyond the limits, 503 at once."""

from __future__ import annotations

import io
import time

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import MakeApp
from webapp.middleware.admission import Admission


def send(client: FlaskClient, photo: bytes, where: str = "/api/v1/analyze") -> TestResponse:
    return client.post(where, data={"photo": (io.BytesIO(photo), "a.png")})


@pytest.fixture
def full(make_app: MakeApp) -> Flask:
    """An application with one photo in progress and one that waits: room for no more."""
    app = make_app(max_concurrent=1, queue_size=1, queue_timeout=20)
    app.test_client().get("/")
    for _ in range(2):
        assert app.extensions["admission"].enter(1)
    return app


def test_a_full_queue_answers_at_once_and_says_when_to_come_back(full: Flask, empty_png: bytes) -> None:
    started = time.monotonic()
    answer = send(full.test_client(), empty_png)
    assert time.monotonic() - started < 2
    assert answer.status_code == 503
    assert answer.json["type"] == "/api#busy"
    assert answer.json["retry_after"] == int(answer.headers["Retry-After"]) > 0


def test_a_person_gets_a_page_before_any_other_check(full: Flask, empty_png: bytes) -> None:
    answer = send(full.test_client(), empty_png, "/results")
    assert answer.status_code == 503
    assert "Many photos at once" in answer.text


def test_pages_are_served_while_the_queue_is_full(full: Flask) -> None:
    client = full.test_client()
    for page in ("/", "/model", "/healthz", "/api/v1/models"):
        assert client.get(page).status_code == 200


def test_room_is_given_back_however_a_request_ends(make_app: MakeApp, empty_png: bytes) -> None:
    app = make_app(max_concurrent=1, queue_size=1)
    client, admission = app.test_client(), app.extensions["admission"]
    assert send(client, empty_png).status_code == 200
    assert send(client, b"no photo").status_code == 415
    assert client.post("/results").status_code == 400
    assert client.post("/nowhere", data=b"x" * 1000).status_code == 404
    assert client.put("/results", data=b"x").status_code == 405
    assert (admission.requests, admission.bytes) == (0, 0)


def test_photos_larger_than_the_room_for_them_wait_for_those_before() -> None:
    admission = Admission(max_requests=10, max_bytes=100)
    assert admission.enter(150), "alone, a request of any size comes in"
    assert not admission.enter(1)
    admission.leave(150)
    assert admission.enter(60)
    assert not admission.enter(60)
    assert admission.enter(40)


def test_a_body_without_a_length_counts_as_the_longest_that_is_taken(
    make_app: MakeApp, empty_png: bytes
) -> None:
    app = make_app()
    assert app.extensions["admission"].enter(1)
    answer = app.test_client().post(
        "/api/v1/analyze",
        input_stream=io.BytesIO(empty_png),
        content_type="image/png",
        headers={"Transfer-Encoding": "chunked"},
    )
    assert answer.status_code == 503
