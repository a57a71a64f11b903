"""Security headers, cookies, trusted hosts and the trusted proxy."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from flask import request
from flask.testing import FlaskClient

if TYPE_CHECKING:
    from tests.conftest import MakeApp

ADDRESSES = [
    "/",
    "/private",
    "/live",
    "/video",
    "/manifest.webmanifest",
    "/offline-worker.js",
    "/browser/offline.json",
    "/pipeline",
    "/guess/portrait",
    "/model",
    "/api",
    "/api/v1/models",
    "/api/v1/nothing",
    "/healthz",
    "/readyz",
    "/.well-known/security.txt",
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


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('"z, 1.2.3.4', "1.2.3.4"),
        ('z", 1.2.3.4', "1.2.3.4"),
        ("x, 1.2.3.4:5678", "1.2.3.4"),
        ("[2001:DB8:0::1]:443", "2001:db8::1"),
        ("2001:0db8::0001", "2001:db8::1"),
        ("nonsense", "127.0.0.1"),
        ("1.2.3.4,", "127.0.0.1"),
    ],
)
def test_what_a_visitor_writes_does_not_hide_the_last_hop(
    make_app: MakeApp, written: str, expected: str
) -> None:
    app = make_app(behind_proxy=True)
    app.add_url_rule("/who", view_func=lambda: f"{request.remote_addr} {request.scheme}")
    headers = {"X-Forwarded-For": written, "X-Forwarded-Proto": '"z, https'}
    assert app.test_client().get("/who", headers=headers).text == f"{expected} https"


def test_a_forged_host_is_not_taken_from_the_proxy_header(make_app: MakeApp) -> None:
    client = make_app(behind_proxy=True, https_only=True).test_client()
    answer = client.get("/", headers={"X-Forwarded-Proto": "http", "X-Forwarded-Host": "evil.example"})
    assert answer.headers["Location"] == "https://localhost/"


@pytest.mark.parametrize(
    "forged",
    [
        "1.2.3.4, 203.0.113.9",
        "203.0.113.8, 203.0.113.9",
        "<script>, 203.0.113.9",
        ", , 203.0.113.9",
        "1.2.3.4" + ", 10.0.0.1" * 500 + ", 203.0.113.9",
    ],
)
def test_only_the_routers_own_entry_counts_however_long_the_list(make_app: MakeApp, forged: str) -> None:
    """Heroku's router appends the address that it saw itself; everything before it is the visitor's."""
    app = make_app(behind_proxy=True)
    app.add_url_rule("/who", view_func=lambda: str(request.remote_addr))
    headers = {"X-Forwarded-For": forged, "X-Real-IP": "6.6.6.6", "Forwarded": "for=6.6.6.6"}
    assert app.test_client().get("/who", headers=headers).text == "203.0.113.9"


def test_the_proxy_is_not_believed_about_anything_else(make_app: MakeApp) -> None:
    app = make_app(behind_proxy=True)
    app.add_url_rule("/where", view_func=lambda: request.url)
    headers = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/evil", "X-Forwarded-Port": "666"}
    assert app.test_client().get("/where", headers=headers).text == "http://localhost/where"


TRUSTED = ("faces.example", ".faces.test")


@pytest.mark.parametrize("host", ["faces.example", "faces.example:8000", "faces.test", "www.faces.test"])
def test_the_site_answers_to_its_own_names(make_app: MakeApp, host: str) -> None:
    client = make_app(trusted_hosts=TRUSTED).test_client()
    assert client.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "address", ["/", "/nothing-here", "/static/css/site.css", "/api/v1/models", "/results"]
)
@pytest.mark.parametrize(
    "host", ["evil.example", "faces.example.evil.example", "faces.example@evil", "", "["]
)
def test_the_site_answers_to_no_other_name(make_app: MakeApp, host: str, address: str) -> None:
    client = make_app(trusted_hosts=TRUSTED, https_only=True).test_client()
    answer = client.open(address, method="POST" if address == "/results" else "GET", headers={"Host": host})
    assert answer.status_code == 400
    assert "Location" not in answer.headers
    assert "evil" not in answer.text
    if address.startswith("/api/"):
        assert answer.mimetype == "application/problem+json"
    else:
        assert "This site has another name" in answer.text
        assert 'href="/static/css/site.css' in answer.text


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_the_platform_checks_by_any_name(make_app: MakeApp, address: str) -> None:
    client = make_app(trusted_hosts=TRUSTED).test_client()
    assert client.get(address, headers={"Host": "10.1.2.3:8000"}).status_code == 200


def test_a_host_that_is_no_name_leads_nowhere(client: FlaskClient) -> None:
    """Without TRUSTED_HOSTS every name is answered; what is none must not get into the page."""
    answer = client.get("/", headers={"Host": '"><script>alert(1)</script>'})
    assert answer.status_code in (200, 400)
    assert "<script>alert" not in answer.text


def test_security_txt_names_the_contact_and_when_it_expires(make_app: MakeApp) -> None:
    client = make_app(security_contact="mailto:ann@faces.example").test_client()
    answer = client.get("/.well-known/security.txt")
    assert answer.content_type == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert fields.keys() == {"Contact", "Expires", "Preferred-Languages"}
    assert fields["Contact"] == "mailto:ann@faces.example"
    expires = datetime.strptime(fields["Expires"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    # RFC 9116 recommends less than a year.
    assert timedelta(days=30) < expires - datetime.now(UTC) < timedelta(days=365)


def test_security_txt_says_where_it_belongs_only_if_that_is_known(make_app: MakeApp) -> None:
    client = make_app(security_contact="https://faces.example/report", trusted_hosts=TRUSTED).test_client()
    text = client.get("/.well-known/security.txt", base_url="https://faces.example").text
    assert "Canonical: https://faces.example/.well-known/security.txt" in text.splitlines()
    assert "Canonical" not in client.get("/.well-known/security.txt", base_url="http://faces.example").text


def test_without_a_contact_there_is_no_security_txt(client: FlaskClient) -> None:
    answer = client.get("/.well-known/security.txt")
    assert answer.status_code == 404
    assert "SECURITY_CONTACT" in answer.text


@pytest.mark.parametrize(
    "address",
    [
        "/results",
        "/results/region",
        "/results/download/json",
        "/results/download/csv",
        "/results/download/png",
        "/results/download/html",
        "/results/by",
        "/results/sheet",
        "/results/card",
        "/results/photo",
    ],
)
def test_every_form_of_the_pages_needs_its_token(client: FlaskClient, address: str) -> None:
    client.get("/")
    for token in ({}, {"csrf_token": ""}, {"csrf_token": "x" * 91}):
        answer = client.post(address, data=token)
        assert answer.status_code == 400
        assert "was open in another session" in answer.text


def test_over_https_another_sites_form_is_refused(make_app: MakeApp) -> None:
    """Even with a token that fits: no Referer is fine, another site's is not (tests/webapp/test_form_origin.py)."""
    client = make_app(testing=True).test_client()
    token = client.get("/", base_url="https://localhost").text.partition('name="csrf_token"')[2].split('"')[3]
    sent = {"data": {"csrf_token": token, "sample": "portrait"}, "base_url": "https://localhost"}
    elsewhere = {"Referer": "https://evil.example/"}
    assert client.post("/results", headers=elsewhere, **sent).status_code == 400
    assert client.post("/results", headers={"Referer": "https://localhost/"}, **sent).status_code == 200
