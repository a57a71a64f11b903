"""The start page: the upload form, the samples, and the sample portrait's result."""

from __future__ import annotations

from flask import Blueprint, render_template

from webapp.blueprints.forms import UploadForm
from webapp.blueprints.pipeline import example
from webapp.presenters.model_choice import offered
from webapp.samples import SAMPLES
from webapp.services.inference import current_models

bp = Blueprint("home", __name__)


@bp.get("/")
def index() -> str:
    """Show the upload form."""
    return render_form()


def render_form(*errors: str, chosen: str | None = None) -> str:
    """Return the start page, with the last upload's ``errors`` beside the file field.

    ``chosen`` is the name of the model that is selected (None: the default).
    """
    return render_template(
        "index.html",
        form=UploadForm.blank(),
        errors=errors,
        models=offered(current_models(), chosen),
        samples=SAMPLES,
        example=example().face,
    )
