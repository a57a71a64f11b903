"""The OpenAPI document is valid and matches the code; Schemathesis finds no deviations."""

from __future__ import annotations

import io
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import schemathesis
import schemathesis.engine
from flask import Flask
from hypothesis import strategies as st
from openapi_spec_validator import validate
from PIL import Image
from schemathesis.config import SchemathesisConfig
from schemathesis.engine.events import FatalError, NonFatalError, ScenarioFinished
from schemathesis.engine.recorder import CheckNode, ScenarioRecorder

from model.output.serialize import AnalysisDict, ErrorDict, FaceDict
from webapp.api.problems import KINDS
from webapp.api.schemas import ExplanationDict

if TYPE_CHECKING:
    from tests.conftest import MakeApp

EXAMPLES = 15
CONFIG = SchemathesisConfig.from_dict(
    {
        "seed": 1,
        # It asks an application for compressed answers, and does not open them.
        "headers": {"Accept-Encoding": "identity"},
        # It would send constants from the program's text as photos.
        "analysis": {"constants": {"enabled": False}},
        "generation": {"mode": "all", "max-examples": EXAMPLES, "deterministic": True, "database": "none"},
    }
)


@pytest.fixture(scope="module")
def document(app: Flask) -> dict[str, Any]:
    return dict(app.test_client().get("/api/v1/openapi.json").json)


def test_the_document_is_valid(document: dict[str, Any]) -> None:
    validate(document)
    assert document["openapi"].startswith("3.1")


def test_every_key_of_an_answer_is_in_the_document(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for kind in (AnalysisDict, FaceDict, ErrorDict, ExplanationDict):
        assert list(schemas[kind.__name__]["properties"]) == list(kind.__annotations__)
        assert set(schemas[kind.__name__]["required"]) == set(kind.__annotations__)


def test_every_status_of_a_problem_is_in_the_document(document: dict[str, Any]) -> None:
    responses = document["paths"]["/analyze"]["post"]["responses"]
    # Where there is no such address, or another method, there is no operation to describe it.
    expected = {str(status) for kind in KINDS.values() for status in kind.statuses} - {"404", "405"}
    assert set(responses) == expected | {"200"}


def photo(kind: str) -> bytes:
    """A photo of 64×48 random pixels."""
    pixels = np.random.default_rng(1).integers(0, 255, (48, 64, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind)
    return buffer.getvalue()


@pytest.mark.slow
def test_whatever_is_sent_is_answered_as_documented(make_app: MakeApp) -> None:
    """All of Schemathesis' checks and phases, on the application itself, with the same requests each time."""
    # It cannot know what a photo is, so every file it makes up is one of these.
    photos = st.sampled_from([photo(kind) for kind in ("JPEG", "PNG", "WEBP", "AVIF", "GIF", "BMP")])
    schemathesis.openapi.format("binary", photos)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", make_app(), config=CONFIG)
    failures, tried = [], Counter[str]()
    for event in schemathesis.engine.from_schema(schema).execute():
        if isinstance(event, NonFatalError | FatalError):
            failures.append(str(event))
        if isinstance(event, ScenarioFinished):
            tried[event.recorder.label] += len(event.recorder.interactions)
            failures += [
                describe(event.recorder, node) for nodes in event.recorder.checks.values() for node in nodes
            ]
    assert [failure for failure in failures if failure] == []
    assert set(tried) == {
        "POST /analyze",
        "POST /explain",
        "GET /models",
    }  # It reads the document and does not test it.
    assert tried["POST /analyze"] >= EXAMPLES


def describe(recorder: ScenarioRecorder, node: CheckNode) -> str | None:
    """Return what a check found, if it found something."""
    if node.failure_info is None:
        return None
    failure = node.failure_info
    return f"{recorder.label} {node.name}: {failure.failure.title} {failure.failure.message}\n{failure.code_sample}"
