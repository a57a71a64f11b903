"""Read the photo in the results page's form again: by the eyes alone, with an explanation, or not turned."""

from __future__ import annotations

import time

from flask import Blueprint, render_template, request

from model import PhotoError, load_photo
from model.detection.rotation import rotate_clockwise
from model.explain import occlusion_map
from model.output.serialize import AnalysisDict, analysis_to_dict
from model.registry import UnknownModelError
from model.types import Detection, Source
from webapp.blueprints.results import render_results, view_of
from webapp.middleware.multipart_form import takes
from webapp.presenters.faces import LARGEST_SIDE, Explained
from webapp.presenters.model_choice import EYES_MODEL
from webapp.presenters.result_image import faces_on
from webapp.services import rate_limit, signed_results
from webapp.services.inference import current_models, inference_slot
from webapp.services.request_stats import current_stats
from webapp.services.signed_results import SIDE_ALONE, BadSignature, FormImage, encode_image
from webapp.settings import current_settings

bp = Blueprint("again", __name__, url_prefix="/results")


@bp.errorhandler(BadSignature)
def _altered(error: BadSignature) -> tuple[str, int]:
    return render_template("errors/error.html", code=400, kind=error.kind), 400


@bp.post("/eyes")
@takes(carried=True)
def eyes() -> str:
    """Classify the same faces with the upper-face model, for a covered lower face."""
    result, image = signed_results.single(request.form, current_settings.max_upload_bytes)
    rate_limit.consume(1)
    return _read(result, image, EYES_MODEL)


@bp.post("/explain")
@takes(carried=True)
def explain() -> str:
    """Explain the expression in field ``expression-N`` of face N, which the field ``face`` names."""
    result, image = signed_results.single(request.form, current_settings.max_upload_bytes)
    given = request.form.get("face", "")
    label = request.form.get(f"expression-{given}", "")
    asked = [
        face for face in result["faces"] if str(face["number"]) == given and label in face["probabilities"]
    ]
    if not asked:
        raise BadSignature
    rate_limit.consume(rate_limit.EXPLANATION)
    return _read(result, image, result["model"]["name"], (asked[0]["number"], label))


@bp.post("/as-it-came")
@takes(carried=True)
def as_it_came() -> str:
    """Turn the photo back, and read it as it came."""
    result, image = signed_results.single(request.form, current_settings.max_upload_bytes)
    rate_limit.consume(1)
    try:
        recognizer = current_models().get(result["model"]["name"])
        with inference_slot():
            photo = rotate_clockwise(load_photo(image), -result["turn"] % 360)
            analysis = recognizer.analyze(photo.pixels, rotate=False, crop_side=LARGEST_SIDE)
            current_stats().add_analysis(analysis)
            again = analysis_to_dict(result["photo"], analysis)
            view = view_of(analysis, again, encode_image(photo.pixels, SIDE_ALONE))
    except (PhotoError, UnknownModelError) as error:
        raise BadSignature from error
    return render_results([view], [again])


def _read(result: AnalysisDict, image: bytes, model: str, asked: tuple[int, str] | None = None) -> str:
    """Return the page of the previously detected faces, classified by ``model``.

    ``asked`` is the number of a face and the expression to explain.
    """
    try:
        recognizer = current_models().get(model)
        with inference_slot():
            analysis = recognizer.classify(_found_before(image, result), crop_side=LARGEST_SIDE)
            current_stats().add_analysis(analysis)
            explained = None
            if asked is not None:
                number, label = asked
                given = next(face for face in analysis.faces if face.number == number).network_input
                explained = Explained(number, label, occlusion_map(recognizer.classifier, given, label))
            again = analysis_to_dict(result["photo"], analysis)
            form_image = FormImage(image, *analysis.photo.original_size)
            view = view_of(analysis, again, form_image, explained=explained)
    except (PhotoError, UnknownModelError, ValueError) as error:
        # The form is of another version of the site, whose model is missing now or had other labels.
        raise BadSignature from error
    return render_results([view], [again])


def _found_before(image: bytes, result: AnalysisDict) -> Detection:
    """Return the result's faces as a detection in its image, which may be smaller than the original photo."""
    started = time.perf_counter()
    photo = load_photo(image)
    decode = 1000 * (time.perf_counter() - started)
    faces = faces_on(photo, result)
    kinds = {face["source"] for face in result["faces"]}
    source: Source = "region" if "region" in kinds else "whole" if "whole" in kinds else "detected"
    return Detection(photo, faces, rotation=result["turn"], source=source, decode_ms=decode)
