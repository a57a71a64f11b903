"""The privacy page."""

from __future__ import annotations

from flask import Blueprint, render_template

bp = Blueprint("privacy", __name__)


@bp.get("/privacy")
def privacy() -> str:
    """Show the page."""
    return render_template("privacy.html")
