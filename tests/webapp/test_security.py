"""Headers, cookies, and who is believed about addresses and https."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from flask import request
from flask.testing import FlaskClient

if TYPE_CHECKING:
    from tests.conftest import MakeApp

ADDRESSES = [
    "/",
    "/pipeline",
    "/model",
    "/api",
    "/api/v1/models",
    "/api/v1/nothing",
    "/healthz",
    "/readyz",
    "/static/css/site.css",
    "/nothing-here",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_headers_are_everywhere(client: FlaskClient, address: str) -> None:
    headers = client.get(address, buffered=True).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "camera=(self)" in headers["Permissions-Policy"]
    assert "Strict-Transport-Security" not in headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "img-src 'self' data:" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "*" not in policy


def test_hsts_only_over_https(client: FlaskClient) -> None:
    assert (
        "max-age=31536000"
        in client.get("/", base_url="https://localhost").headers["Strict-Transport-Security"]
    )


def test_the_session_cookie_is_out_of_reach(client: FlaskClient) -> None:
    cookie = client.get("/").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


def test_behind_the_router_https_is_insisted_on(make_app: MakeApp) -> None:
    client = make_app(behind_proxy=True, https_only=True).test_client()
    answer = client.get("/model?x=1", headers={"X-Forwarded-Proto": "http"})
    assert answer.status_code == 308
    assert answer.headers["Location"] == "https://localhost/model?x=1"
    answer = client.get("/", headers={"X-Forwarded-Proto": "https"})
    assert answer.status_code == 200
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "Strict-Transport-Security" in answer.headers
    assert client.get("/healthz", headers={"X-Forwarded-Proto": "http"}).status_code == 200


@pytest.mark.parametrize(("behind_proxy", "expected"), [(True, "9.9.9.9"), (False, "127.0.0.1")])
def test_exactly_one_hop_is_believed(make_app: MakeApp, behind_proxy: bool, expected: str) -> None:
    app = make_app(behind_proxy=behind_proxy)
    app.add_url_rule("/who", view_func=lambda: str(request.remote_addr))
    answer = app.test_client().get("/who", headers={"X-Forwarded-For": "1.2.3.4, 9.9.9.9"})
    assert answer.text == expected


def test_a_forged_host_is_not_taken_from_the_proxy_header(make_app: MakeApp) -> None:
    client = make_app(behind_proxy=True, https_only=True).test_client()
    answer = client.get("/", headers={"X-Forwarded-Proto": "http", "X-Forwarded-Host": "evil.example"})
    assert answer.headers["Location"] == "https://localhost/"
