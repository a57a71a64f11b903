"""Classify a region that the user marks in a photo: where no face was detected, or beside the faces that were."""

from __future__ import annotations

import math
from collections.abc import Mapping

from flask import Blueprint, render_template, request

from model import PhotoError, load_photo
from model.geometry import Box
from model.output.serialize import AnalysisDict, analysis_to_dict
from model.recognizer import identity_of
from model.registry import UnknownModelError
from model.types import Analysis, Timings
from webapp.blueprints.again import shown_again
from webapp.blueprints.results import STATUS, render_results, view_of
from webapp.middleware.multipart_form import takes
from webapp.presenters import messages
from webapp.presenters.faces import LARGEST_SIDE
from webapp.presenters.photo import PhotoView
from webapp.presenters.sheet import opened_at_first, rows_of
from webapp.services import rate_limit, signed_results
from webapp.services.carried import with_another
from webapp.services.filenames import safe_name
from webapp.services.inference import current_models, inference_slot
from webapp.services.request_stats import current_stats
from webapp.services.signed_results import FormImage
from webapp.settings import current_settings

bp = Blueprint("region", __name__)


@bp.errorhandler(signed_results.BadSignature)
def _altered(error: signed_results.BadSignature) -> tuple[str, int]:
    return render_template("errors/error.html", code=400, kind=error.kind), 400


FIELDS = ("x", "y", "width", "height")
# Larger than any photo; the model clips it to the whole photo.
WHOLE: Box = (0.0, 0.0, 1e6, 1e6)


@bp.post("/results/region")
@takes(carried=True)
def region() -> str | tuple[str, int]:
    """Classify the box in the fields x, y, width and height, or with ``whole`` the whole image."""
    models = current_models()
    model = models.current(request.form["model"]) if request.form.get("model") else None
    try:
        content = signed_results.from_field(request.form.get("image"), current_settings.max_upload_bytes)
        if model is not None and model not in models.names:
            raise signed_results.BadSignature
    except signed_results.BadSignature:
        return render_template("errors/error.html", code=400, kind="altered"), 400
    rate_limit.consume(1)
    name = safe_name(request.form.get("name"))
    if (result := _found_before(content)) is not None and "whole" not in request.form:
        return _beside(result, content)
    try:
        box = WHOLE if "whole" in request.form else read_box(request.form)
        with inference_slot():
            analysis = models.get(model).analyze(content, region=box, crop_side=LARGEST_SIDE)
            current_stats().add_analysis(analysis)
            view, result = _view(name, content, analysis)
    except PhotoError as error:
        return _unreadable(error)
    except ValueError as error:
        return _ask_again(content, name, model, str(error))
    return render_results([view], [result])


def _found_before(content: bytes) -> AnalysisDict | None:
    """Return the signed result in the form if it is of this photo and has detected faces, else None."""
    try:
        result, image = signed_results.single(request.form, current_settings.max_upload_bytes)
    except signed_results.BadSignature:
        return None
    detected = any(face["source"] == "detected" for face in result["faces"])
    return result if detected and image == content else None


def _beside(result: AnalysisDict, content: bytes) -> str | tuple[str, int]:
    """Return the page of the faces that were found, and of one more in the box."""
    name = result["model"]["name"]
    try:
        box = read_box(request.form)
        with inference_slot():
            analysis = current_models().get(name).analyze(content, region=box, crop_side=LARGEST_SIDE)
            current_stats().add_analysis(analysis)
            more = analysis_to_dict(result["photo"], analysis)
    except (PhotoError, UnknownModelError) as error:
        raise signed_results.BadSignature from error
    except ValueError as error:
        return render_results([shown_again(result, content, 1, False, error=str(error))], [result]), 400
    everything = with_another(result, more)
    opened = opened_at_first(rows_of(analysis.photo, everything, 1))
    opened |= {f"1-{everything['faces'][-1]['number']}"}
    view = shown_again(everything, content, 1, False, opened)
    return render_results([view], [everything], opened=opened)


def read_box(form: Mapping[str, str]) -> Box:
    """Return (x, y, width, height) from the form; raises ValueError with a message for the user."""
    try:
        x, y, width, height = (float(form.get(field, "")) for field in FIELDS)
    except ValueError:
        raise ValueError(messages.BOX_WITHOUT_NUMBERS) from None
    if not all(math.isfinite(value) for value in (x, y, width, height)):
        raise ValueError(messages.BOX_WITHOUT_NUMBERS)
    return x, y, width, height


def _view(name: str, content: bytes, analysis: Analysis, error: str = "") -> tuple[PhotoView, AnalysisDict]:
    """Return the view and the JSON object of the analysed image; its form has the same bytes again."""
    result = analysis_to_dict(name, analysis)
    image = FormImage(content, *analysis.photo.original_size)
    return view_of(analysis, result, image, error=error), result


def _ask_again(content: bytes, name: str, model: str | None, reason: str) -> tuple[str, int]:
    """Return the page of the photo without faces again, with the reason beside the form."""
    metadata = current_models().metadata(model or current_models().names[0])
    identity = identity_of(metadata)
    try:
        with inference_slot():
            analysis = Analysis(load_photo(content), (), Timings(0.0, 0.0, 0.0), identity)
            view, result = _view(name, content, analysis, reason)
    except PhotoError as error:
        return _unreadable(error)
    return render_results([view], [result]), 400


def _unreadable(error: PhotoError) -> tuple[str, int]:
    current_stats().refused += 1
    status = STATUS.get(type(error), 400)
    page = render_template("errors/error.html", code=status, kind="unreadable", reason=error.message)
    return page, status
