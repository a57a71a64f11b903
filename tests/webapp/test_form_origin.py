"""Over https a form is read unless a header says that it was sent from another site."""

from __future__ import annotations

import io
from html import unescape

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import TOKEN
from webapp.presenters import messages

SITE = "https://site.example"


def send(
    client: FlaskClient, photo: bytes, headers: dict[str, str], token: str | None = None
) -> TestResponse:
    """Post the form of the start page, with its cookie, over https."""
    found = TOKEN.search(client.get("/", base_url=SITE).text)
    assert found
    form = {"csrf_token": token or found.group(1), "photo": (io.BytesIO(photo), "a.png")}
    return client.post("/results", base_url=SITE, data=form, headers=headers)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Referer": f"{SITE}/"},
        {"Referer": f"{SITE}:8443/"},
        {"Origin": SITE},
        {"Sec-Fetch-Site": "same-origin"},
        {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
    ],
)
def test_what_does_not_speak_against_it_is_read(
    client: FlaskClient, empty_png: bytes, headers: dict[str, str]
) -> None:
    assert send(client, empty_png, headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://site.example"},
        {"Origin": "null"},
        {"Origin": "https://["},
        {"Referer": "https://evil.example/"},
        {"Referer": "https://site.example.evil.example/"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": SITE, "Referer": "https://evil.example/"},
    ],
)
def test_another_site_is_refused_with_the_reason(
    client: FlaskClient, empty_png: bytes, headers: dict[str, str]
) -> None:
    answer = send(client, empty_png, headers)
    assert answer.status_code == 400
    assert messages.FORM_FROM_ELSEWHERE in unescape(answer.text)


def test_a_wrong_token_is_another_reason(client: FlaskClient, empty_png: bytes) -> None:
    answer = send(client, empty_png, {"Origin": SITE}, token="wrong")  # noqa: S106  # for this test
    assert answer.status_code == 400
    assert messages.FORM_EXPIRED in unescape(answer.text)
