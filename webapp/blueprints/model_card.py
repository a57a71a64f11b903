"""The model cards: measurements and the training's plots."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, abort, current_app, redirect, render_template, send_from_directory, url_for
from PIL import Image
from werkzeug.wrappers import Response

from model.registry import load_all_metadata
from model.store.files import SAVED, SavedModelError, saved_models
from model.store.metadata import Metadata
from model.store.reports import load_comparison, load_report
from webapp.presenters.model_card import PLOTS, present
from webapp.presenters.model_choice import view_of
from webapp.services.inference import current_models
from webapp.settings import current_settings

bp = Blueprint("model_card", __name__)


@bp.get("/model")
def model() -> str:
    """Show the card of the default model."""
    return _card(current_models().default.metadata)


@bp.get("/model/<name>")
def saved_model(name: str) -> str | Response:
    """Show the card of any saved model; a former name is redirected."""
    if (current := current_models().current(name)) != name:
        return redirect(url_for("model_card.saved_model", name=current), 301)
    if name not in saved_models():
        abort(404)
    try:
        return _card(Metadata.load(SAVED / name))
    except SavedModelError:
        current_app.logger.exception("A saved model cannot be described")
        abort(404)


@bp.get("/model/<name>/plots/<file>")
def plot(name: str, file: str) -> Response:
    """Send one of PLOTS; 404 for other files of the folder."""
    if name not in saved_models() or file not in PLOTS:
        abort(404)
    return send_from_directory(_plots(name), file, max_age=3600)


def _card(metadata: Metadata) -> str:
    report = load_report(SAVED / metadata.name, metadata)
    others = tuple(view_of(other) for other in load_all_metadata() if other.name != metadata.name)
    card = present(metadata, plot_sizes(_plots(metadata.name)), report, others, load_comparison())
    return render_template("model.html", card=card)


def _plots(name: str) -> Path:
    return current_settings.plots / name


def plot_sizes(folder: Path) -> dict[str, tuple[int, int]]:
    """Return (width, height) of each of PLOTS in the folder, so that the page reserves their space."""
    sizes = {}
    for name in PLOTS:
        if (folder / name).is_file():
            with Image.open(folder / name) as image:
                sizes[name] = image.size
    return sizes
