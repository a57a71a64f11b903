"""The pages about privacy and responsible use."""

from __future__ import annotations

from flask import Blueprint, render_template

bp = Blueprint("privacy", __name__)


@bp.get("/privacy")
def privacy() -> str:
    """Show the page."""
    return render_template("privacy.html")


@bp.get("/responsible-use")
def responsible_use() -> str:
    """Show the text of docs/responsible-use.md."""
    return render_template("responsible_use.html")
