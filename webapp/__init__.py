"""The website: upload a photo, see every stage of how a network reads the faces in it."""

from __future__ import annotations

from flask import Flask

from model import ModelRegistry
from model.faces import quality
from model.photo import formats
from model.photo.limits import MAX_DECODE_BYTES
from webapp import api, errors
from webapp.api import page as api_page
from webapp.blueprints import (
    again,
    browser_files,
    compare,
    downloads,
    guess,
    health,
    home,
    in_browser,
    inside,
    model_card,
    pipeline,
    privacy,
    region,
    results,
    security_txt,
)
from webapp.middleware import (
    admission,
    compression,
    metrics,
    request_log,
    security_headers,
    static_assets,
    trusted_hosts,
)
from webapp.middleware.form_origin import FormProtection
from webapp.middleware.memory_request import MULTIPART_ROOM, MemoryRequest
from webapp.presenters import formatters, messages, model_choice
from webapp.services import inference, inner_maps, rate_limit
from webapp.settings import SITE_NAME, Settings, current_settings

csrf = FormProtection()


def create_app(settings: Settings | None = None, models: ModelRegistry | None = None) -> Flask:
    """Return the application; loads the model once, here, unless ``models`` are handed in.

    Call it inside the process that serves: an ONNX Runtime session does not survive a fork.
    Raises SettingsError, and SavedModelError if a file of the model is missing or altered.
    """
    settings = settings or Settings.from_environ()
    app = Flask(__name__, template_folder=str(settings.templates), static_folder=str(settings.static))
    app.request_class = MemoryRequest
    request_log.init_app(app)
    compression.init_app(app)
    trusted_hosts.init_app(app, settings)
    metrics.init_app(app, settings)
    admission.init_app(app, settings)
    _configure_flask(app, settings)
    security_headers.init_app(app, settings)
    formats.switch_heic(settings.heic)
    inference.init_app(app, settings, models)
    _configure_templates(app)
    _configure_blueprints(app)
    rate_limit.init_app(app, settings)
    inner_maps.init_app(app)
    api.init_app(app, settings, csrf)
    errors.init_app(app)
    _make_examples(app)
    return app


def _make_examples(app: Flask) -> None:
    """Make the examples of the pages, so that no visitor waits for them behind others' photos."""
    with app.app_context():
        try:
            pipeline.example()
            api_page.sample_answer()
        except Exception:
            # The site starts all the same; /readyz and the pages say that the model does not answer.
            app.logger.exception("The examples cannot be made")
    inference.trim_memory()


def _configure_flask(app: Flask, settings: Settings) -> None:
    """Fill app.config and enable CSRF protection."""
    app.config.from_mapping(
        SECRET_KEY=settings.secret_key,
        DEBUG=settings.debug,
        TESTING=settings.testing,
        MAX_CONTENT_LENGTH=settings.max_request_bytes + MULTIPART_ROOM,
        # A token is valid as long as its session, so that a page can stay open for hours.
        WTF_CSRF_TIME_LIMIT=None,
        # It refuses forms without a Referer; FormProtection checks the sender.
        WTF_CSRF_SSL_STRICT=False,
        SESSION_COOKIE_NAME="session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.https_only,
    )
    app.extensions["settings"] = settings
    csrf.init_app(app)


def _configure_templates(app: Flask) -> None:
    """Register globals and filters for the templates, and URLs of static files by content hash."""
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    # Globals, unlike a context processor's values, reach the macros of imported templates.
    app.jinja_env.globals.update(site_name=SITE_NAME, settings=current_settings, messages=messages)
    app.jinja_env.globals.update(
        accepted_formats=formats.accepted_formats,
        format_names=formats.format_names,
        media_types=formats.media_types,
        max_decode_bytes=MAX_DECODE_BYTES,
    )
    app.jinja_env.globals.update(
        model_view=model_choice.named, limits=quality, nearly_level=formatters.NEARLY_LEVEL
    )
    app.jinja_env.filters["adjective"] = messages.adjective
    for function in (
        formatters.file_size,
        formatters.how_many,
        formatters.in_ten,
        formatters.megabytes,
        formatters.percent,
        formatters.size,
        formatters.thousands,
        formatters.tilt,
    ):
        app.jinja_env.filters[function.__name__] = function
    # Page scripts that import others: under one version with them.
    app.jinja_env.globals.update(module_url=browser_files.module_url)
    static_assets.init_app(app)


def _configure_blueprints(app: Flask) -> None:
    for module in (
        home,
        guess,
        results,
        compare,
        region,
        again,
        inside,
        downloads,
        pipeline,
        in_browser,
        model_card,
        privacy,
        security_txt,
        health,
        browser_files,
    ):
        app.register_blueprint(module.bp)
