"""The results as JSON, CSV or one picture, made from what the posted form carries; nothing was kept."""

from __future__ import annotations

import json
from collections.abc import Sequence

from flask import Blueprint, Response, current_app, render_template, request

from model import PhotoError, load_photo
from model.output.serialize import Result
from model.output.tables import csv_header, csv_rows, csv_text
from webapp.presenters import messages, result_image
from webapp.services import rate_limit, signed_results
from webapp.services.filenames import harmless, plain_name
from webapp.services.inference import current_models, turn
from webapp.services.signed_results import Altered, Carried

blueprint = Blueprint("downloads", __name__, url_prefix="/results/download")

MANY = "photos"


@blueprint.errorhandler(Altered)
def _altered(error: Altered) -> tuple[str, int]:
    return render_template("errors/error.html", problem=messages.ALTERED), 400


@blueprint.post("/json")
def as_json() -> Response:
    """Give out the results in the shape of the API and the command line."""
    carried = signed_results.unpack(request.form.get("result"))
    text = json.dumps(carried.results, ensure_ascii=False, indent=2)
    return _attachment(text + "\n", "application/json", carried, "json")


@blueprint.post("/csv")
def as_csv() -> Response:
    """Give out the results as a table, one row for each face."""
    carried = signed_results.unpack(request.form.get("result"))
    labels = _labels(carried.results)
    rows = [row for result in carried.results for row in csv_rows(result, labels)]
    text = csv_text([csv_header(labels), *([harmless(row[0]), *row[1:]] for row in rows)])
    # With a byte order mark, or spreadsheets take names with accents for something else.
    return _attachment("\N{ZERO WIDTH NO-BREAK SPACE}" + text, "text/csv; charset=utf-8", carried, "csv")


@blueprint.post("/png")
def as_png() -> Response:
    """Give out one picture: the photo with its boxes, and each face's bars."""
    carried = signed_results.unpack(request.form.get("result"))
    settings = current_app.extensions["settings"]
    picture = signed_results.from_field(request.form.get("picture"), settings.max_upload_bytes)
    (result, *others) = carried.results
    if others or "error" in result or not signed_results.belongs(picture, carried):
        raise Altered
    rate_limit.spend(1)
    try:
        with turn():
            drawn = result_image.draw(load_photo(picture), result)
    except PhotoError as error:
        raise Altered from error
    return _attachment(drawn, "image/png", carried, "png")


def _labels(results: Sequence[Result]) -> tuple[str, ...]:
    """Return the columns of the probabilities: those that the results were made with."""
    for result in results:
        if "error" not in result and result["faces"]:
            return tuple(result["faces"][0]["probabilities"])
    return current_models().default.metadata.labels


def _attachment(content: str | bytes, content_type: str, carried: Carried, ending: str) -> Response:
    response = Response(content, content_type=content_type)
    name = plain_name(carried.results[0]["photo"]) if len(carried.results) == 1 else MANY
    response.headers["Content-Disposition"] = f'attachment; filename="{name}-emotions.{ending}"'
    response.cache_control.no_store = True
    return response
