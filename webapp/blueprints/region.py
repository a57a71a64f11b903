"""A part of the photo that the visitor points at where no face was found, read as if it were one."""

from __future__ import annotations

import math
from collections.abc import Mapping

from flask import Blueprint, current_app, render_template, request

from model import PhotoError, load_photo
from model.geometry import Box
from model.output.serialize import analysis_to_dict
from model.types import Analysis, ModelIdentity, Timings
from webapp.blueprints.results import STATUS, render_results, view_of
from webapp.presenters import messages
from webapp.services import rate_limit, signed_results
from webapp.services.filenames import safe_name
from webapp.services.inference import analyze, current_models, turn

blueprint = Blueprint("region", __name__)

FIELDS = ("x", "y", "width", "height")
# Cut to the photo by the model: larger than any photo, so that it is the whole of it.
WHOLE: Box = (0.0, 0.0, 1e6, 1e6)


@blueprint.post("/results/region")
def region() -> str | tuple[str, int]:
    """Read the box in the fields x, y, width and height, or with ``whole`` the whole picture."""
    settings = current_app.extensions["settings"]
    try:
        picture = signed_results.from_field(request.form.get("picture"), settings.max_upload_bytes)
    except signed_results.Altered:
        return render_template("errors/error.html", problem=messages.ALTERED), 400
    model = request.form.get("model") or None
    if model is not None and model not in current_models().names:
        return render_template("errors/error.html", problem=messages.ALTERED), 400
    rate_limit.spend(1)
    name = safe_name(request.form.get("name"))
    try:
        box = WHOLE if "whole" in request.form else read_box(request.form)
        with turn():
            analysis = analyze(picture, model=model, region=box)
            result = analysis_to_dict(name, analysis)
            view = view_of(analysis, result, picture)
    except PhotoError as error:
        return _unreadable(error)
    except ValueError as error:
        return _ask_again(picture, name, model, str(error))
    return render_results([view], [result])


def read_box(form: Mapping[str, str]) -> Box:
    """Return (x, y, width, height) from the form; raises ValueError with a sentence."""
    try:
        x, y, width, height = (float(form.get(field, "")) for field in FIELDS)
    except ValueError:
        raise ValueError(messages.BOX_WITHOUT_NUMBERS) from None
    if not all(math.isfinite(value) for value in (x, y, width, height)):
        raise ValueError(messages.BOX_WITHOUT_NUMBERS)
    return x, y, width, height


def _ask_again(picture: bytes, name: str, model: str | None, reason: str) -> tuple[str, int]:
    """Return the page of a photo without faces once more, with the reason beside the form."""
    try:
        photo = load_photo(picture)
    except PhotoError as error:
        return _unreadable(error)
    metadata = current_models().metadata(model or current_models().names[0])
    identity = ModelIdentity(metadata.name, metadata.version)
    analysis = Analysis(photo, (), Timings(0.0, 0.0, 0.0), identity)
    result = analysis_to_dict(name, analysis)
    return render_results([view_of(analysis, result, picture, error=reason)], [result]), 400


def _unreadable(error: PhotoError) -> tuple[str, int]:
    status = STATUS.get(type(error), 400)
    return render_template("errors/error.html", problem=messages.unreadable(status, error.message)), status
