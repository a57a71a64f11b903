"""The page about the model, and the plots that training made."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, abort, current_app, render_template, send_from_directory
from PIL import Image
from werkzeug.wrappers import Response

from webapp.presenters.model_card import PLOTS, present
from webapp.recognition import current_recognizer

blueprint = Blueprint("model_card", __name__)


@blueprint.get("/model")
def model() -> str:
    """Show the model card, read from the saved model's metadata and the plots at hand."""
    card = present(current_recognizer().metadata, plot_sizes(current_app.extensions["settings"].plots))
    return render_template("model.html", card=card)


@blueprint.get("/model/plots/<name>")
def plot(name: str) -> Response:
    """Send one of the plots that the page knows; whatever else lies in the folder does not exist here."""
    if name not in PLOTS:
        abort(404)
    return send_from_directory(current_app.extensions["settings"].plots, name, max_age=3600)


def plot_sizes(folder: Path) -> dict[str, tuple[int, int]]:
    """Return (width, height) of every plot in the folder that the page knows, so that it does not jump."""
    sizes = {}
    for name in PLOTS:
        if (folder / name).is_file():
            with Image.open(folder / name) as image:
                sizes[name] = image.size
    return sizes
