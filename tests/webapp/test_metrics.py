"""Prometheus metrics: 404 without a token in the settings, 401 without it in the request, and the counts."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

from tests.conftest import MakeApp

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "the-token"  # noqa: S105  # for these tests only


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(metrics_token=TOKEN)


def figures(app: Flask) -> dict[str, float]:
    """Every sample by its name and labels, as the page writes them."""
    answer = app.test_client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    return {
        f"{sample.name}{sorted(sample.labels.items())}": sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_without_a_token_in_the_settings_there_is_no_such_page(make_app: MakeApp) -> None:
    client = make_app().test_client()
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


@pytest.mark.parametrize(
    "given", [None, "Bearer wrong", "Bearer", "Basic dGhlLXRva2VuOg==", TOKEN, "Bearer \xff", "Basic \xff"]
)
def test_only_the_token_opens_it(app: Flask, given: str | None) -> None:
    answer = app.test_client().get("/metrics", headers={"Authorization": given} if given else {})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_it_counts_requests_photos_faces_and_stages(
    app: Flask, portrait_jpeg: bytes, empty_png: bytes
) -> None:
    files = [(io.BytesIO(content), "a.jpg") for content in (portrait_jpeg, empty_png, b"no photo")]
    assert app.test_client().post("/api/v1/analyze", data={"photo": files}).status_code == 200
    app.test_client().get("/made-up")
    seen = figures(app)
    view = ("view", "api.analyze_photos")
    assert seen[f"facevalue_requests_total{[('method', 'POST'), ('status', '200'), view]}"] == 1
    assert seen[f"facevalue_requests_total{[('method', 'GET'), ('status', '404'), ('view', 'none')]}"] == 1
    assert seen["facevalue_faces_total[]"] == 1
    for outcome in ("faces", "no_face", "refused"):
        assert seen[f"facevalue_photos_total{[('outcome', outcome)]}"] == 1
    for stage in ("decode", "detect", "classify"):
        assert seen[f"facevalue_stage_seconds_sum{[('stage', stage)]}"] > 0
    assert seen["facevalue_admitted_requests[]"] == 0
    assert seen["process_resident_memory_bytes[]"] > 1e7


def test_the_library_is_not_loaded_for_nothing() -> None:
    program = """
import sys
from webapp import create_app
from webapp.settings import Settings
create_app(Settings(secret_key="x")).test_client().get("/healthz")
assert "prometheus_client" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, timeout=300)
