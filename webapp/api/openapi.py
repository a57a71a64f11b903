"""The OpenAPI 3.1 document of the API.

Its schemas are generated from the types of the functions that make the JSON (``model.output.serialize`` and
``webapp.api.schemas``), so that neither can change without the other. msgspec does that: it reads the standard
library's TypedDict on every Python that this project runs on (pydantic does so from 3.12 on only), gives the JSON
Schema dialect of OpenAPI 3.1, has no dependencies, and adds 2 MB to the serving process where pydantic adds 6 and the
OpenAPI extensions for Flask bring schema classes of their own beside the types that are already there.
What no type can say (addresses, statuses, the form) stands here and is tried out by the tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from flask import render_template

from model.output.serialize import AnalysisDict, ErrorDict, FaceDict, ModelDict, QualityDict, TimingsDict
from webapp.api.problems import KINDS, MEDIA_TYPE
from webapp.api.schemas import ModelInfoDict, ProblemDict
from webapp.settings import SITE_NAME

Json = dict[str, Any]

API_VERSION = "1.0.0"
PHOTO_TYPES = "image/jpeg, image/png, image/webp"
TYPES: tuple[type, ...] = (
    AnalysisDict,
    FaceDict,
    QualityDict,
    TimingsDict,
    ModelDict,
    ErrorDict,
    ModelInfoDict,
    ProblemDict,
)
RETRY_AFTER = {
    "description": "Seconds to wait.",
    "required": True,
    "schema": {"type": "integer", "minimum": 1},
}


def build(models: Sequence[str], max_photos: int) -> Json:
    """Return the document for a site with these models and this many photos a request."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": SITE_NAME,
            "version": API_VERSION,
            "description": render_template("_api_introduction.txt").strip(),
        },
        "servers": [{"url": "/api/v1"}],
        "paths": {
            "/analyze": {"post": _analyze(models, max_photos)},
            "/models": {
                "get": _get("models", "List the models that answer here", _list(_ref(ModelInfoDict)))
            },
            "/openapi.json": {"get": _get("openapi", "This document", {"type": "object"})},
        },
        "components": {"schemas": _schemas()},
    }


def _schemas() -> Json:
    """Return the schema of each type, its fields in the order that the JSON has them in."""
    _, generated = msgspec.json.schema_components(TYPES, ref_template="#/components/schemas/{name}")
    for kind in TYPES:
        fields = generated[kind.__name__]["properties"]
        generated[kind.__name__]["properties"] = {name: fields[name] for name in kind.__annotations__}
    return {kind.__name__: generated[kind.__name__] for kind in TYPES}


def _analyze(models: Sequence[str], max_photos: int) -> Json:
    photos = {
        **_list({"type": "string", "format": "binary"}),
        "description": "JPEG, PNG or WebP files.",
        "minItems": 1,
        "maxItems": max_photos,
    }
    form = {
        "type": "object",
        "properties": {"photo": photos, "model": {"type": "string", "enum": list(models)}},
        "required": ["photo"],
        "additionalProperties": False,
    }
    result = _list({"oneOf": [_ref(AnalysisDict), _ref(ErrorDict)]})
    return {
        "operationId": "analyze",
        "summary": "Read the expression of every face in photos",
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {"schema": form, "encoding": {"photo": {"contentType": PHOTO_TYPES}}}
            },
        },
        "responses": {
            "200": _content("An object for each photo, in their order.", "application/json", result),
            **{str(status): _problem(_titles(status)) for status in (400, 408, 413, 415, 422, 500)},
            **{str(status): _problem(_titles(status), headers=True) for status in (429, 503)},
        },
    }


def _get(name: str, summary: str, schema: Json) -> Json:
    return {
        "operationId": name,
        "summary": summary,
        "responses": {
            "200": _content(summary + ".", "application/json", schema),
            "500": _problem(_titles(500)),
        },
    }


def _titles(status: int) -> str:
    return "; ".join(kind.title for kind in KINDS.values() if status in kind.statuses) + "."


def _problem(description: str, *, headers: bool = False) -> Json:
    response = _content(description, MEDIA_TYPE, _ref(ProblemDict))
    return response | {"headers": {"Retry-After": RETRY_AFTER}} if headers else response


def _content(description: str, media_type: str, schema: Json) -> Json:
    return {"description": description, "content": {media_type: {"schema": schema}}}


def _list(items: Json) -> Json:
    return {"type": "array", "items": items}


def _ref(kind: type) -> Json:
    return {"$ref": f"#/components/schemas/{kind.__name__}"}
