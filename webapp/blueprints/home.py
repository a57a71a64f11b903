"""The start page: a face becoming numbers, the upload form, and the samples."""

from __future__ import annotations

from flask import Blueprint, render_template

from webapp.blueprints.forms import UploadForm
from webapp.blueprints.pipeline import example
from webapp.samples import SAMPLES

bp = Blueprint("home", __name__)


@bp.get("/")
def index() -> str:
    """Show the upload form."""
    return render_form()


def render_form(*errors: str) -> str:
    """Return the start page, with the last upload's ``errors`` beside the file field."""
    return render_template(
        "index.html",
        form=UploadForm.blank(),
        errors=errors,
        samples=SAMPLES,
        strip=example().strip,
    )
