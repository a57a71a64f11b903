"""The model cards: measurements, drawn in the page, and the training's own plots as files."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, abort, current_app, redirect, render_template, send_from_directory, url_for
from werkzeug.wrappers import Response

from model.registry import load_all_metadata
from model.store.files import SAVED, SavedModelError, saved_models
from model.store.metadata import Metadata
from model.store.reports import load_comparison, load_history, load_report
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
    folder = _plots(metadata.name)
    plots = [name for name in PLOTS if (folder / name).is_file()]
    history = load_history(SAVED / metadata.name)
    card = present(metadata, plots, report, others, load_comparison(), history)
    return render_template("model.html", card=card)


def _plots(name: str) -> Path:
    return current_settings.plots / name
