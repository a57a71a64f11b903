"""The results page: what the model makes of the uploaded photos."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from model import Analysis, load_photo
from model.output.serialize import Result, analysis_to_dict, error_to_dict
from model.photo.load import CorruptPhoto, EmptyPhoto, PhotoError, TooManyPixels, UnsupportedFormat
from webapp.blueprints.forms import Upload, UploadForm
from webapp.blueprints.home import render_form
from webapp.presenters.confidence import track_record
from webapp.presenters.no_face import present_region
from webapp.presenters.photo import Downloads, PhotoView, RefusedView, present_photo, region_of
from webapp.presenters.results import present
from webapp.services import rate_limit, signed_results
from webapp.services.inference import analyze, current_models, turn

blueprint = Blueprint("results", __name__)

STATUS: dict[type[PhotoError], int] = {
    EmptyPhoto: 400,
    CorruptPhoto: 400,
    UnsupportedFormat: 415,
    TooManyPixels: 413,
}


@blueprint.post("/results")
def results() -> str | tuple[str, int]:
    """Analyse the posted photos; where none of them can be read, the form comes back with the reasons."""
    form = UploadForm()
    if refusal := form.refusal():
        return render_form(refusal.sentence, chosen=form.model.data), refusal.status
    uploads = form.uploads()
    rate_limit.spend(len(uploads))
    return _read_all(uploads, form.model.data or None)


@blueprint.get("/results")
@blueprint.get("/results/<path:rest>")
def start_over(rest: str = "") -> Response:
    """Results are not kept, so these addresses on their own lead back to the form."""
    return redirect(url_for("home.index"))


def _read_all(uploads: list[Upload], model: str | None) -> str | tuple[str, int]:
    """Read one photo after the other, letting go of each before the next, and show them together."""
    sent = len(uploads)
    side = signed_results.SIDE_ALONE if sent == 1 else signed_results.SIDE_AMONG_SEVERAL
    views: list[PhotoView | RefusedView] = []
    found: list[Result] = []
    refused: list[PhotoError] = []
    for number in range(1, sent + 1):
        upload = uploads.pop(0)
        try:
            # The photo and the pictures made of it are let go with the turn.
            with turn():
                analysis = analyze(upload.content, model=model)
                result = analysis_to_dict(upload.name, analysis)
                picture = signed_results.encode_picture(analysis.photo.pixels, side)
                views.append(view_of(analysis, result, picture, number=number))
                del analysis
        except PhotoError as error:
            refused.append(error)
            views.append(RefusedView(f"photo-{number}", upload.name, error.message))
            found.append(error_to_dict(upload.name, error))
            continue
        found.append(result)
    if len(refused) == sent:
        reasons = [f"{view.name}: {view.error}" if sent > 1 else view.error for view in views]
        statuses = {STATUS.get(type(error), 400) for error in refused}
        return render_form(*reasons, chosen=model), statuses.pop() if len(statuses) == 1 else 400
    return render_results(views, found)


def view_of(
    analysis: Analysis, result: Result, picture: bytes, *, number: int = 1, error: str = ""
) -> PhotoView:
    """Return the view of one photo; ``picture`` is the JPEG of it that travels in the page's forms.

    ``error`` is why a part that was pointed at could not be read.
    """
    downloads = Downloads(
        result["photo"], signed_results.pack([result], picture), signed_results.to_field(picture)
    )
    pointed = region_of(analysis)
    region = None
    if pointed or not analysis.faces:
        # Measured in the pixels of the picture that the form sends, which may be fewer than the photo's.
        region = present_region(load_photo(picture), pointed, error)
    return present_photo(
        analysis,
        downloads,
        number=number,
        record=track_record(current_models().metadata(analysis.model.name)),
        region=region,
    )


def render_results(views: list[PhotoView | RefusedView], found: list[Result]) -> str:
    """Return the page of these photos."""
    identity = next(result["model"] for result in found if "error" not in result)
    page = present(views, signed_results.pack(found), identity["name"], identity["version"])
    return render_template("results.html", results=page, comparable=len(current_models().names) > 1)
