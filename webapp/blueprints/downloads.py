"""Download the results as JSON, CSV or PNG, made from the signed results and the image in the form."""

from __future__ import annotations

import json
from collections.abc import Sequence

from flask import Blueprint, Response, render_template, request

from model import PhotoError, load_photo
from model.output.serialize import Result
from model.output.tables import csv_header, csv_rows, csv_text
from webapp.middleware.multipart_form import takes
from webapp.presenters import result_image
from webapp.services import rate_limit, signed_results
from webapp.services.filenames import harmless, plain_name
from webapp.services.inference import current_models, inference_slot
from webapp.services.signed_results import BadSignature
from webapp.settings import current_settings

bp = Blueprint("downloads", __name__, url_prefix="/results/download")

MANY = "photos"


@bp.errorhandler(BadSignature)
def _altered(error: BadSignature) -> tuple[str, int]:
    return render_template("errors/error.html", code=400, kind=error.kind), 400


@bp.post("/json")
@takes(carried=True)
def as_json() -> Response:
    """Return the results as the JSON of the API and the command line."""
    signed = signed_results.loads(request.form.get("result"))
    text = json.dumps(signed.results, ensure_ascii=False, indent=2)
    return _attachment(text + "\n", "application/json", signed.results, "json")


@bp.post("/csv")
@takes(carried=True)
def as_csv() -> Response:
    """Return the results as CSV, one row a face."""
    signed = signed_results.loads(request.form.get("result"))
    labels = _labels(signed.results)
    rows = [row for result in signed.results for row in csv_rows(result, labels)]
    text = csv_text([csv_header(labels), *([harmless(row[0]), *row[1:]] for row in rows)])
    # With a byte order mark, so that spreadsheets read it as UTF-8.
    return _attachment(
        "\N{ZERO WIDTH NO-BREAK SPACE}" + text, "text/csv; charset=utf-8", signed.results, "csv"
    )


@bp.post("/png")
@takes(carried=True)
def as_png() -> Response:
    """Return an image of the photo with its boxes, and each face's bars."""
    result, image = signed_results.single(request.form, current_settings.max_upload_bytes)
    rate_limit.consume(1)
    try:
        with inference_slot():
            drawn = result_image.draw(load_photo(image), result)
    except PhotoError as error:
        raise BadSignature from error
    return _attachment(drawn, "image/png", [result], "png")


def _labels(results: Sequence[Result]) -> tuple[str, ...]:
    """Return the labels of the results, for the columns of the probabilities."""
    for result in results:
        if "error" not in result and result["faces"]:
            return tuple(result["faces"][0]["probabilities"])
    return current_models().default.metadata.labels


def _attachment(content: str | bytes, content_type: str, results: Sequence[Result], ending: str) -> Response:
    response = Response(content, content_type=content_type)
    name = plain_name(results[0]["photo"]) if len(results) == 1 else MANY
    response.headers["Content-Disposition"] = f'attachment; filename="{name}-emotions.{ending}"'
    response.cache_control.no_store = True
    return response
