"""One photo read by every saved model, side by side."""

from __future__ import annotations

from flask import Blueprint, current_app, render_template, request
from flask_wtf import FlaskForm

from model import PhotoError
from webapp.blueprints.forms import UploadForm
from webapp.blueprints.results import STATUS
from webapp.presenters import messages
from webapp.presenters.compare import Words, present
from webapp.presenters.home import present as present_form
from webapp.presenters.model_choice import choices
from webapp.services import inference, rate_limit, signed_results
from webapp.services.inference import current_models
from webapp.settings import Settings

blueprint = Blueprint("compare", __name__)


@blueprint.get("/compare")
def form() -> str:
    """Ask for a photo, and list the models that would read it."""
    return _ask()


@blueprint.post("/compare")
def compare() -> str | tuple[str, int]:
    """Read the uploaded photo, or the picture that a page of results carries, with all models."""
    if "picture" in request.form:
        try:
            limit = current_app.extensions["settings"].max_upload_bytes
            photo = signed_results.from_field(request.form["picture"], limit)
        except signed_results.Altered:
            return render_template("errors/error.html", problem=messages.ALTERED), 400
    else:
        upload = UploadForm()
        if refusal := upload.refusal():
            return _ask(refusal.sentence), refusal.status
        files = upload.uploads()
        if len(files) > 1:
            return _ask(messages.ONE_AT_A_TIME), 400
        photo = files[0].content
    rate_limit.spend(1)
    try:
        with inference.turn():
            analyses = inference.compare(photo)
            view = present(analyses, choices(current_models()))
    except PhotoError as error:
        return _ask(error.message), STATUS.get(type(error), 400)
    return render_template("compared.html", compared=view)


def _ask(*errors: str) -> str:
    settings: Settings = current_app.extensions["settings"]
    blank: FlaskForm = UploadForm.blank()
    return render_template(
        "compare.html",
        compare=Words(),
        start=present_form(1, settings.max_upload_bytes),
        form=blank,
        errors=errors,
        models=choices(current_models()),
    )
