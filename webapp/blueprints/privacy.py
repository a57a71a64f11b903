"""The page about what happens to a photo."""

from __future__ import annotations

from flask import Blueprint, render_template

bp = Blueprint("privacy", __name__)


@bp.get("/privacy")
def privacy() -> str:
    """Say what happens to a photo, to the people in it and to the one who sends it."""
    return render_template("privacy.html")
