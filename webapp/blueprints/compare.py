"""One photo classified by every saved model, side by side."""

from __future__ import annotations

from flask import Blueprint, current_app, render_template, request

from model import PhotoError
from model.store.files import SavedModelError
from webapp.blueprints.forms import Refused, UploadForm
from webapp.blueprints.results import STATUS
from webapp.presenters import messages
from webapp.presenters.compare import present
from webapp.presenters.model_choice import choices
from webapp.services import rate_limit, signed_results
from webapp.services.inference import current_models, inference_slot
from webapp.services.request_stats import current_stats
from webapp.settings import current_settings

bp = Blueprint("compare", __name__)


@bp.get("/compare")
def form() -> str:
    """Show the form for a photo, and the models."""
    return _ask()


@bp.post("/compare")
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
    rate_limit.consume(1)
    try:
        with inference_slot():
            left_out: list[str] = []

            def leave_out(name: str, error: SavedModelError) -> None:
                current_app.logger.error("Left out of the comparison: %s", error)
                left_out.append(name)

            analyses = current_models().compare(photo, left_out=leave_out)
            current_stats().add_analysis(analyses[0])
            models = [model for model in choices(current_models()) if model.name not in left_out]
            view = present(analyses, models, left_out)
    except PhotoError as error:
        current_stats().refused += 1
        return _ask(error.message), STATUS.get(type(error), 400)
    return render_template("compared.html", compared=view)


def _ask(*errors: str) -> str:
    models = choices(current_models())
    return render_template("compare.html", form=UploadForm.blank(), errors=errors, models=models)
