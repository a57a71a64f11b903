"""CORS headers of the JSON API."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from webapp.settings import Settings, SettingsError

if TYPE_CHECKING:
    from tests.conftest import MakeApp

ORIGIN = "https://friend.example"


def test_other_sites_scripts_are_not_let_in_unless_named(make_app: MakeApp) -> None:
    closed = make_app().test_client().get("/api/v1/models", headers={"Origin": ORIGIN})
    assert "Access-Control-Allow-Origin" not in closed.headers
    client = make_app(api_cors_origins=(ORIGIN,)).test_client()
    for address in ("/api/v1/models", "/api/v1/nothing"):
        answer = client.get(address, headers={"Origin": ORIGIN})
        assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert "Origin" in answer.headers["Vary"]
        assert "Access-Control-Allow-Credentials" not in answer.headers
    stranger = client.get("/api/v1/models", headers={"Origin": "https://friend.example.evil.example"})
    assert "Access-Control-Allow-Origin" not in stranger.headers
    assert "Access-Control-Allow-Origin" not in client.get("/", headers={"Origin": ORIGIN}).headers


def test_a_browser_may_ask_first(make_app: MakeApp) -> None:
    client = make_app(api_cors_origins=("*",)).test_client()
    headers = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}
    answer = client.options("/api/v1/analyze", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]


def test_cors_setting() -> None:
    environ = {
        "SECRET_KEY": "only-for-the-tests",
        "API_CORS_ORIGINS": "https://a.example, http://b.example:8080",
    }
    assert Settings.from_environ(environ).api_cors_origins == ("https://a.example", "http://b.example:8080")
    with pytest.raises(SettingsError, match="API_CORS_ORIGINS"):
        Settings.from_environ(environ | {"API_CORS_ORIGINS": "a.example/"})
