"""One photo classified by every saved model, side by side."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, current_app, render_template, request

from model import PhotoError
from model.detection.search import surest
from model.store.files import SavedModelError
from webapp.blueprints.forms import Refused, UploadForm
from webapp.blueprints.results import STATUS
from webapp.middleware.multipart_form import takes
from webapp.presenters import messages
from webapp.presenters.compare import MOST_FACES, STAGE_SIDE, ComparedView, Comparison
from webapp.presenters.model_choice import choices
from webapp.services import rate_limit, signed_results
from webapp.services.inference import current_models, inference_slot, make_room
from webapp.services.request_stats import current_stats
from webapp.settings import current_settings

bp = Blueprint("compare", __name__)


@bp.get("/compare")
def form() -> str:
    """Show the form for a photo, and the models."""
    return _ask()


@bp.post("/compare")
@takes(photos=True, carried=True)
def compare() -> str | tuple[str, int]:
    """Classify the uploaded photo, or the image in the results page's form, with all models."""
    if "image" in request.form:
        try:
            photo = signed_results.from_field(request.form["image"], current_settings.max_upload_bytes)
        except signed_results.BadSignature:
            return render_template("errors/error.html", code=400, kind="altered"), 400
    else:
        try:
            files = UploadForm().uploads()
        except Refused as refusal:
            return _ask(refusal.sentence), refusal.status
        if len(files) > 1:
            return _ask(messages.ONE_AT_A_TIME), 400
        photo = files[0].content
    rate_limit.consume_photos([photo], models=len(current_models().names))
    try:
        with inference_slot():
            left_out: list[str] = []

            def leave_out(name: str, error: SavedModelError) -> None:
                current_app.logger.error("Left out of the comparison: %s", error)
                left_out.append(name)

            view = _compared(photo, left_out, leave_out)
    except PhotoError as error:
        current_stats().refused += 1
        return _ask(error.message), STATUS.get(type(error), 400)
    return render_template("compared.html", compared=view)


def _compared(
    photo: bytes, left_out: list[str], leave_out: Callable[[str, SavedModelError], None]
) -> ComparedView:
    """Return the view of the surest faces, classified by one model after the other; to be called in a slot."""
    models, stats = current_models(), current_stats()
    named = {choice.name: choice for choice in choices(models)}
    detection = models.default.detect(photo)
    compared = surest(detection, MOST_FACES)
    page = Comparison(compared, len(detection.faces))
    first = True
    for analysis in models.classify_by_each(compared, left_out=leave_out, crop_side=STAGE_SIDE):
        if first:
            stats.add_analysis(analysis)
        else:
            stats.seconds["classify"] += analysis.timings_ms.classify / 1000
        first = False
        page.add(analysis, named[analysis.model.name])
        # Before the next model makes its own.
        del analysis
        make_room()
    return page.view(left_out)


def _ask(*errors: str) -> str:
    models = choices(current_models())
    return render_template("compare.html", form=UploadForm.blank(), errors=errors, models=models)
