"""Look inside: every step of one face of a page of results, and the face read again with parts of it covered.

Posted with the signed result and its picture, as the downloads are; nothing is kept.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from flask import Blueprint, render_template, request

from model import PhotoError, Recognizer
from model.explain import occlusion_maps
from model.inside.parts import GRID, PARTS, brushed, cover, landmarks_in, mask_of
from model.output.serialize import AnalysisDict
from model.registry import UnknownModelError
from model.types import Analysis
from webapp.middleware.multipart_form import takes
from webapp.presenters.confidence import track_record
from webapp.presenters.covered import PART_WORDS, CoverView, present_cover
from webapp.presenters.faces import LARGEST_SIDE
from webapp.presenters.pipeline import Inner, PipelineView, present
from webapp.services import rate_limit, signed_results
from webapp.services.carried import show_again
from webapp.services.inference import current_models, inference_slot
from webapp.services.inner_maps import inner_maps
from webapp.services.movements import movements_of
from webapp.services.request_stats import current_stats
from webapp.services.signed_results import BadSignature, to_field
from webapp.settings import current_settings

bp = Blueprint("inside", __name__, url_prefix="/results/inside")


@bp.errorhandler(BadSignature)
def _altered(error: BadSignature) -> tuple[str, int]:
    return render_template("errors/error.html", code=400, kind=error.kind), 400


@bp.post("")
@takes(carried=True)
def inside() -> str:
    """Show every step of the face with the number in ``face``, with the network's maps for it."""
    result, image, number = _asked()
    rate_limit.consume(rate_limit.EXPLANATION)
    try:
        with inference_slot():
            recognizer, analysis = _face(result, image, number)
            view = _steps(recognizer, analysis)
    except (PhotoError, UnknownModelError, ValueError) as error:
        # The form is of another version of the site, whose model is missing now or had other labels.
        raise BadSignature from error
    return _page("inside.html", result, image, number, pipeline=view, cover=None)


@bp.post("/cover")
@takes(carried=True)
def covered() -> str:
    """Read the face again with the parts in ``cover`` covered, and what a brush covered (``mask``)."""
    result, image, number = _asked()
    parts = [part for part in PARTS if part in request.form.getlist("cover")]
    try:
        brush = brushed(request.form["mask"], GRID) if request.form.get("mask") else None
    except ValueError as error:
        raise BadSignature from error
    rate_limit.consume(1)
    try:
        with inference_slot():
            recognizer, analysis = _face(result, image, number)
            if not can_cover(recognizer):
                raise BadSignature
            (reading,) = analysis.faces
            given = reading.network_input
            mask = mask_of(parts, landmarks_in(reading), len(given))
            if brush is not None:
                mask = mask | brushed(request.form["mask"], len(given))
            hidden = cover(given, mask)
            before, after = recognizer.classifier.classify(np.stack([given, hidden]))
            view = present_cover([PART_WORDS[part] for part in parts], mask, hidden, before, after)
    except (PhotoError, UnknownModelError, ValueError) as error:
        raise BadSignature from error
    return _page("covered.html", result, image, number, cover=view)


def can_cover(recognizer: Recognizer) -> bool:
    """Return whether parts of a face can be covered: not where the model reads a band of it, or points beside it."""
    return recognizer.metadata.explainable and recognizer.metadata.region == "face"


def _asked() -> tuple[AnalysisDict, bytes, int]:
    """Return the signed result, its picture and the number of the face that is asked about."""
    result, image = signed_results.single(request.form, current_settings.max_upload_bytes)
    given = request.form.get("face", "")
    numbers = [face["number"] for face in result["faces"] if str(face["number"]) == given]
    if not numbers:
        raise BadSignature
    return result, image, numbers[0]


def _face(result: AnalysisDict, image: bytes, number: int) -> tuple[Recognizer, Analysis]:
    """Return the model, and the face alone with all its stages and the answer that was signed."""
    recognizer = current_models().get(result["model"]["name"])
    analysis = show_again(recognizer, image, result, {number}, LARGEST_SIDE)
    current_stats().add_analysis(analysis)
    # The page carries a copy, in another format than the file's.
    return recognizer, replace(analysis, photo=replace(analysis.photo, format=None))


def _steps(recognizer: Recognizer, analysis: Analysis) -> PipelineView:
    metadata, given = recognizer.metadata, analysis.faces[0].network_input
    maps = inner_maps(metadata.name)
    number = analysis.faces[0].number
    inner = Inner(
        None if maps is None else maps.read(given),
        movements_of(analysis, {number}).get(number, ()),
        occlusion_maps(recognizer.classifier, given)[1] if metadata.explainable else None,
    )
    record = track_record(metadata, current_models().report(metadata.name))
    return present(analysis, metadata, record, inner)


def _page(
    template: str, result: AnalysisDict, image: bytes, number: int, cover: CoverView | None, **more: object
) -> str:
    """Return a page that carries this photo's result on; of several photos, this one alone."""
    recognizer = current_models().get(result["model"]["name"])
    return render_template(
        template,
        number=number,
        name=result["photo"],
        data={"result": signed_results.dumps([result], image), "image": to_field(image), "face": number},
        coverable=can_cover(recognizer),
        cover=cover,
        **more,
    )
