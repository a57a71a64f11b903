"""The JSON API, version 1, for programs; and the page that explains it."""

from __future__ import annotations

from flask import Flask
from flask_wtf.csrf import CSRFProtect

from webapp.api import cors, page, views
from webapp.settings import Settings


def configure(app: Flask, settings: Settings, csrf: CSRFProtect) -> None:
    """Register the API and its page. It has no sessions and sets no cookies, so there is nothing to forge."""
    csrf.exempt(views.blueprint)
    app.register_blueprint(views.blueprint)
    app.register_blueprint(page.blueprint)
    cors.configure(app, settings)
