"""The API's views: analyse photos, list the models, return the OpenAPI document."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, g
from werkzeug.datastructures import FileStorage

from model.explain import occlusion_map
from model.output.serialize import Result, analysis_to_dict, error_to_dict
from model.photo.load import PhotoError, TooManyPixels, UnsupportedFormat
from webapp.api.openapi import build
from webapp.api.problems import ApiProblem
from webapp.api.request import (
    EXPLAIN_FIELDS,
    explained_labels,
    explained_models,
    expression,
    face_number,
    may_rotate,
    parse_request,
)
from webapp.api.schemas import explanation_to_dict, model_to_dict
from webapp.middleware.multipart_form import takes
from webapp.presenters import messages
from webapp.services import rate_limit
from webapp.services.filenames import safe_name
from webapp.services.inference import current_models, inference_slot
from webapp.services.request_stats import current_stats
from webapp.services.turns import expected_seconds
from webapp.settings import current_settings

bp = Blueprint("api", __name__, url_prefix="/api/v1")

CROP_SIDE = 48  # Pixels; no crop is shown.
FORMER_SINCE = int(datetime(2026, 11, 26, tzinfo=UTC).timestamp())


class TooManyBytes(PhotoError):
    """A file beyond the limit of one photo."""


# HTTP status if all photos of a request fail with the same of these errors; 422 otherwise.
STATUS: dict[type[PhotoError], int] = {TooManyBytes: 413, TooManyPixels: 413, UnsupportedFormat: 415}


@bp.post("/analyze")
@takes(photos=True)
def analyze_photos() -> Response:
    """Classify every face of the posted photos."""
    photos, model = parse_request()
    rotate = may_rotate()
    rate_limit.consume_photos([_head(photo) for photo in photos])
    stats = current_stats()
    statuses: list[int] = []
    results: list[Result] = []
    for photo in photos:
        name = safe_name(photo.filename)
        try:
            content = _content(photo)
            # The decoded photo is released before the slot.
            with inference_slot(expected_seconds(content)):
                analysis = current_models().get(model).analyze(content, rotate=rotate, crop_side=CROP_SIDE)
                stats.add_analysis(analysis)
                results.append(analysis_to_dict(name, analysis))
                del analysis
        except PhotoError as error:
            stats.refused += 1
            statuses.append(STATUS.get(type(error), 422))
            results.append(error_to_dict(name, error))
    if len(statuses) == len(results):
        raise _all_refused(results, statuses)
    answer = _json(results)
    answer.cache_control.no_store = True
    return answer


@bp.post("/explain")
@takes(photos=True)
def explain() -> Response:
    """Return the occlusion map of an expression for one face of the posted photo."""
    (photo,), model = parse_request(EXPLAIN_FIELDS, most=1)
    recognizer = current_models().get(model)
    number, chosen, rotate = face_number(), expression(), may_rotate()
    if model not in explained_models():
        raise ApiProblem("cannot-explain", f"The model {model} reads points of a mesh beside the pixels.")
    rate_limit.consume(rate_limit.EXPLANATION)
    name, stats = safe_name(photo.filename), current_stats()
    try:
        content = _content(photo)
        with inference_slot(expected_seconds(content)):
            analysis = recognizer.analyze(content, rotate=rotate, crop_side=CROP_SIDE)
            stats.add_analysis(analysis)
            result = analysis_to_dict(name, analysis)
            spoke = None
            if number is None:
                number = analysis.faces[0].number if analysis.faces else 1
            if reading := next((face for face in analysis.faces if face.number == number), None):
                chosen = chosen or reading.prediction.emotion
                if chosen in recognizer.metadata.labels:
                    spoke = occlusion_map(recognizer.classifier, reading.network_input, chosen)
                del reading
            del analysis
    except PhotoError as error:
        stats.refused += 1
        raise _all_refused([error_to_dict(name, error)], [STATUS.get(type(error), 422)]) from error
    answer = _json(explanation_to_dict(result, number, chosen, spoke))
    answer.cache_control.no_store = True
    return answer


@bp.after_request
def _deprecate(response: Response) -> Response:
    """Add the header Deprecation (RFC 9745) if the model was requested by a former name."""
    if g.get("former_model"):
        response.headers["Deprecation"] = f"@{FORMER_SINCE}"
    return response


@bp.get("/models")
def models() -> Response:
    """List the models that answer here."""
    known = current_models()
    return _json(
        [model_to_dict(known.metadata(name), default=name == known.names[0]) for name in known.names]
    )


@bp.get("/openapi.json")
def openapi() -> Response:
    """Return the OpenAPI document."""
    names = current_models().names
    return _json(build(names, current_settings.max_photos, explained_models(), explained_labels()))


def _head(photo: FileStorage) -> bytes:
    """Return the beginning of a photo's file, which has its size."""
    head = bytes(photo.read(rate_limit.HEADER_BYTES))
    photo.seek(0)
    return head


def _content(photo: FileStorage) -> bytes:
    """Return a photo's bytes and release its buffer, so that it is not in memory twice."""
    limit = current_settings.max_upload_bytes
    content = bytes(photo.read(limit + 1))
    photo.close()
    if len(content) > limit:
        raise TooManyBytes(messages.too_large(limit))
    return content


def _all_refused(results: list[Result], statuses: list[int]) -> ApiProblem:
    status = statuses[0] if len(set(statuses)) == 1 else 422
    only = results[0]
    if len(results) == 1 and "error" in only:
        detail = only["error"]
    else:
        detail = f"None of the {len(results)} photos could be read; “photos” says why."
    return ApiProblem("photos-refused", detail, status=status, photos=results)


def _json(body: Any) -> Response:
    """Return JSON as the command line prints it: keys in order, no escapes for letters, no NaN."""
    return Response(json.dumps(body, ensure_ascii=False, allow_nan=False), mimetype="application/json")
