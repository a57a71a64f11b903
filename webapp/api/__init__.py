"""The JSON API, version 1, and the page that documents it."""

from __future__ import annotations

from flask import Flask
from flask_wtf.csrf import CSRFProtect

from webapp.api import cors, page, views
from webapp.settings import Settings


def init_app(app: Flask, settings: Settings, csrf: CSRFProtect) -> None:
    """Register the API and its page. The API uses no session cookie, so it needs no CSRF protection."""
    csrf.exempt(views.bp)
    app.register_blueprint(views.bp)
    app.register_blueprint(page.bp)
    cors.init_app(app, settings)
