"""The results page of uploaded photos."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from model import Analysis
from model.output.limits import sentences
from model.output.serialize import Result, analysis_to_dict, error_to_dict
from model.photo.load import CorruptPhoto, EmptyPhoto, PhotoError, TooManyPixels, UnsupportedFormat
from webapp import samples
from webapp.blueprints.forms import Refused, Upload, UploadForm
from webapp.blueprints.home import render_form
from webapp.middleware.multipart_form import takes
from webapp.presenters.confidence import track_record
from webapp.presenters.faces import LARGEST_SIDE, Explained
from webapp.presenters.model_choice import EYES_MODEL
from webapp.presenters.photo import PhotoForm, PhotoView, RefusedView, present_photo
from webapp.presenters.results import present
from webapp.services import rate_limit
from webapp.services.inference import current_models, inference_slot
from webapp.services.request_stats import current_stats
from webapp.services.signed_results import (
    SIDE_ALONE,
    SIDE_AMONG_SEVERAL,
    FormImage,
    dumps,
    encode_image,
    to_field,
)

bp = Blueprint("results", __name__)

STATUS: dict[type[PhotoError], int] = {
    EmptyPhoto: 400,
    CorruptPhoto: 400,
    UnsupportedFormat: 415,
    TooManyPixels: 413,
}


@bp.post("/results")
@takes(photos=True)
def results() -> str | tuple[str, int]:
    """Analyse the posted photos; if none can be decoded, show the form with the reasons."""
    form = UploadForm()
    try:
        uploads = form.uploads()
    except Refused as refusal:
        return render_form(refusal.sentence, chosen=form.model.data), refusal.status
    rate_limit.consume_photos([upload.content for upload in uploads])
    sample = samples.find(form.sample.data or "")
    return _read_all(uploads, form.model.data or None, sample.lesson if sample else "")


@bp.get("/results")
@bp.get("/results/<path:rest>")
def start_over(rest: str = "") -> Response:
    """Redirect to the form: results are not stored, so they have no address."""
    return redirect(url_for("home.index"))


def _read_all(uploads: list[Upload], model: str | None, lesson: str) -> str | tuple[str, int]:
    """Analyse the photos one after the other, releasing each before the next; return one page."""
    sent, stats = len(uploads), current_stats()
    side = SIDE_ALONE if sent == 1 else SIDE_AMONG_SEVERAL
    views: list[PhotoView | RefusedView] = []
    found: list[Result] = []
    refused: list[PhotoError] = []
    for number in range(1, sent + 1):
        upload = uploads.pop(0)
        try:
            # The decoded photo is released before the slot.
            with inference_slot():
                analysis = current_models().get(model).analyze(upload.content, crop_side=LARGEST_SIDE)
                stats.add_analysis(analysis)
                result = analysis_to_dict(upload.name, analysis)
                image = encode_image(analysis.photo.pixels, side)
                views.append(view_of(analysis, result, image, number=number))
                del analysis
            found.append(result)
        except PhotoError as error:
            stats.refused += 1
            refused.append(error)
            views.append(RefusedView(f"photo-{number}", upload.name, error.message))
            found.append(error_to_dict(upload.name, error))
    if len(refused) == sent:
        reasons = [f"{view.name}: {view.error}" if sent > 1 else view.error for view in views]
        statuses = {STATUS.get(type(error), 400) for error in refused}
        return render_form(*reasons, chosen=model), statuses.pop() if len(statuses) == 1 else 400
    return render_results(views, found, lesson)


def view_of(
    analysis: Analysis,
    result: Result,
    image: FormImage,
    *,
    number: int = 1,
    error: str = "",
    explained: Explained | None = None,
) -> PhotoView:
    """Return the view of one photo; ``image`` is its copy in the page's form.

    ``error`` is why a marked region could not be classified, ``explained`` what spoke for an expression.
    """
    form = PhotoForm(
        name=result["photo"],
        result=dumps([result], image.content),
        image=to_field(image.content),
        width=image.width,
        height=image.height,
        error=error,
    )
    models, name = current_models(), analysis.model.name
    record = track_record(models.metadata(name), models.report(name))
    limits = () if "error" in result else sentences(result)
    return present_photo(analysis, form, number=number, record=record, explained=explained, limits=limits)


def render_results(views: list[PhotoView | RefusedView], found: list[Result], lesson: str = "") -> str:
    """Return the results page. A single photo's result is signed in its form; several are also signed together.

    ``lesson`` is what there is to notice in a sample.
    """
    identity = next(result["model"] for result in found if "error" not in result)
    everything = dumps(found) if len(found) > 1 else ""
    models = current_models()
    return render_template(
        "results.html",
        results=present(views, everything, identity),
        lesson=lesson,
        comparable=len(models.names) > 1,
        eyes_model=EYES_MODEL if EYES_MODEL in models.names else None,
        # Points of a mesh would have to be covered, too.
        explainable=models.metadata(identity["name"]).explainable,
    )
