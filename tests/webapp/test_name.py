"""The name Face Value is used everywhere, and the platforms' files set existing settings."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from webapp.settings import Settings

ROOT = Path(__file__).resolve().parent.parent.parent
APP = json.loads((ROOT / "app.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "address", ["/", "/pipeline", "/model", "/privacy", "/responsible-use", "/compare", "/nothing"]
)
def test_every_page_has_the_name_in_its_title(client: FlaskClient, address: str) -> None:
    text = client.get(address).text
    assert " – Face Value</title>" in text
    assert "Facial Emotion" not in text


def test_the_api_has_the_name(client: FlaskClient) -> None:
    assert client.get("/api/v1/openapi.json").json["info"]["title"] == "Face Value"


def test_the_platforms_file_has_the_name_and_sets_no_model() -> None:
    assert APP["name"] == "Face Value"
    assert "MODEL" not in APP["env"]
    known = {field.metadata["variable"] for field in dataclasses.fields(Settings) if field.metadata}
    assert set(APP["env"]) <= known | {"WEB_CONCURRENCY"}
