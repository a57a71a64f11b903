"""The results page: what the model makes of an uploaded photo."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from model.photo import CorruptPhoto, EmptyPhoto, PhotoError, TooManyPixels, UnsupportedFormat
from webapp import limits
from webapp.forms import UploadForm
from webapp.home import render_form
from webapp.presenters.results import present
from webapp.recognition import analyze

blueprint = Blueprint("results", __name__)

STATUS: dict[type[PhotoError], int] = {
    EmptyPhoto: 400,
    CorruptPhoto: 400,
    UnsupportedFormat: 415,
    TooManyPixels: 413,
}


@blueprint.post("/results")
def results() -> str | tuple[str, int]:
    """Analyse the posted photo; an upload that can't be read shows the form again with the reason."""
    form = UploadForm()
    if refusal := form.refusal():
        return render_form(refusal.sentence), refusal.status
    uploads = form.uploads()
    limits.spend(len(uploads))
    upload = uploads[0]
    try:
        analysis = analyze(upload.content)
    except PhotoError as error:
        return render_form(error.message), STATUS.get(type(error), 400)
    return render_template("results.html", results=present(analysis))


@blueprint.get("/results")
def start_over() -> Response:
    """Results are not kept, so this address on its own leads back to the form."""
    return redirect(url_for("home.index"))
