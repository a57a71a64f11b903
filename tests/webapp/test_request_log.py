"""The access log: one line a request, with the platform's request ID."""

from __future__ import annotations

import io
import json
import logging
import urllib.request

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import MakeApp
from tests.helpers.server import Server, log_with

GIVEN = "4f2e1c9a-1111-2222-3333-0123456789ab"


def lines(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in caplog.records if record.name == "webapp.requests"]


@pytest.fixture(autouse=True)
def listening(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "webapp")


def test_an_analysis_is_told_in_numbers(
    client: FlaskClient, portrait_jpeg: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    files = [(io.BytesIO(content), "anna.jpg") for content in (portrait_jpeg, b"no photo")]
    answer = client.post("/api/v1/analyze", data={"photo": files}, headers={"X-Request-ID": GIVEN})
    (line,) = lines(caplog)
    told = vars(line)
    assert (told["request_id"], told["view"], told["method"]) == (GIVEN, "api.analyze_photos", "POST")
    assert (told["status"], told["photos"], told["refused"], told["faces"]) == (200, 1, 1, 1)
    assert told["megapixels"] == pytest.approx(0.26, abs=0.01)
    assert told["bytes_in"] > len(portrait_jpeg)
    assert told["bytes_out"] == len(answer.data)
    parts = [told[f"{stage}_ms"] for stage in ("wait", "decode", "detect", "classify")]
    assert told["cpu_ms"] > 0
    assert 0 < sum(parts) <= told["ms"]
    assert "anna" not in str(told)
    assert "127.0.0.1" not in str(told)


def test_the_number_is_answered_and_made_up_where_none_fits(client: FlaskClient) -> None:
    assert client.get("/healthz", headers={"X-Request-ID": GIVEN}).headers["X-Request-ID"] == GIVEN
    for bad in ("short", "x" * 300, "with spaces and <tags> in it, long enough"):
        made_up = client.get("/healthz", headers={"X-Request-ID": bad}).headers["X-Request-ID"]
        assert made_up != bad
        assert len(made_up) == 36


def test_no_line_has_an_unknown_path(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    client.open("/secret-name?anna=1", method="BREW")
    (line,) = lines(caplog)
    assert (vars(line)["view"], vars(line)["method"], vars(line)["status"]) == ("none", "other", 404)
    assert "secret" not in str(vars(line))
    assert "BREW" not in str(vars(line))


def test_checks_and_static_files_are_quiet(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    client.get("/healthz")
    client.get("/static/css/site.css").close()
    assert lines(caplog) == []


def test_a_broken_request_names_its_number_on_the_page_and_in_the_log(
    make_app: MakeApp, caplog: pytest.LogCaptureFixture
) -> None:
    app: Flask = make_app()

    def breaks(*_: object, **__: object) -> None:
        raise RuntimeError("out of order")

    app.add_url_rule("/breaks", view_func=breaks)
    answer = app.test_client().get("/breaks", headers={"X-Request-ID": GIVEN})
    assert answer.status_code == 500
    assert GIVEN in answer.text
    assert any(getattr(record, "request_id", "") == GIVEN and record.exc_info for record in caplog.records)


def test_served_lines_are_json(server: Server) -> None:
    request = urllib.request.Request(server.address + "/model", headers={"X-Request-ID": GIVEN})  # noqa: S310
    with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310  # the tests' own server
        assert answer.status == 200
    entries = [json.loads(line) for line in log_with(server, GIVEN).splitlines() if line.startswith("{")]
    (entry,) = [entry for entry in entries if entry.get("request_id") == GIVEN]
    assert entry["level"] == "INFO"
    assert entry["view"] == "model_card.model"
    assert entry["time"]
