"""The page about what happens to a photo."""

from __future__ import annotations

from flask import Blueprint, current_app, render_template

from webapp.presenters.privacy import present

blueprint = Blueprint("privacy", __name__)


@blueprint.get("/privacy")
def privacy() -> str:
    """Say what happens to a photo, to the people in it and to the one who sends it."""
    return render_template("privacy.html", privacy=present(current_app.extensions["settings"]))
