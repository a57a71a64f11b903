"""The start page: the upload form, and what it leads to, shown by the sample portrait."""

from __future__ import annotations

from flask import Blueprint, render_template

from webapp.forms import UploadForm
from webapp.pipeline import example

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def index() -> str:
    """Show the upload form."""
    return render_form()


def render_form(error: str | None = None) -> str:
    """Return the start page, with ``error`` beside the field where the last upload failed."""
    return render_template("index.html", form=UploadForm.blank(), error=error, sample=example().face)
