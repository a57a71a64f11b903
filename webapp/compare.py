"""One photo read by every saved model, side by side."""

from __future__ import annotations

from flask import Blueprint, current_app, render_template, request
from flask_wtf import FlaskForm

from model import PhotoError
from webapp import carry, limits, recognition
from webapp.forms import UploadForm
from webapp.presenters import words
from webapp.presenters.choice import choices
from webapp.presenters.compare import Words, present
from webapp.presenters.home import present as present_form
from webapp.recognition import current_models
from webapp.results import STATUS
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
            photo = carry.from_field(request.form["picture"], limit)
        except carry.Altered:
            return render_template("errors/error.html", problem=words.ALTERED), 400
    else:
        upload = UploadForm()
        if refusal := upload.refusal():
            return _ask(refusal.sentence), refusal.status
        files = upload.uploads()
        if len(files) > 1:
            return _ask(words.ONE_AT_A_TIME), 400
        photo = files[0].content
    limits.spend(1)
    try:
        with recognition.turn():
            analyses = recognition.compare(photo)
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
