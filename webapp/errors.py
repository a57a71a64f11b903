"""Error pages; for an error of an upload, the upload form with a message."""

from __future__ import annotations

from flask import Flask, current_app, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import (
    ClientDisconnected,
    HTTPException,
    InternalServerError,
    RequestEntityTooLarge,
    RequestTimeout,
)
from werkzeug.wrappers import Response

from webapp.api import problems
from webapp.blueprints.home import render_form
from webapp.middleware.form_origin import SentFromElsewhere
from webapp.middleware.memory_request import drain
from webapp.middleware.multipart_form import FormTooLarge, MalformedForm
from webapp.middleware.request_log import request_id
from webapp.middleware.trusted_hosts import UnknownHost
from webapp.presenters import messages
from webapp.services.current_upload import Busy
from webapp.settings import current_settings

# Errors with another page than their status usually has.
KINDS: dict[type[HTTPException], str] = {
    Busy: "busy",
    ClientDisconnected: "cut_off",
    UnknownHost: "unknown_host",
}


def init_app(app: Flask) -> None:
    """Register a page for every HTTP error; Flask turns all other exceptions into a 500."""
    app.register_error_handler(CSRFError, _expired_form)
    app.register_error_handler(RequestEntityTooLarge, _too_large)
    app.register_error_handler(MalformedForm, _malformed)
    app.register_error_handler(ClientDisconnected, _cut_off)
    app.register_error_handler(HTTPException, _page)


def _expired_form(error: CSRFError) -> tuple[str, int]:
    if isinstance(error, SentFromElsewhere):
        drain(request)  # The check is before the body is read.
        return render_form(messages.FORM_FROM_ELSEWHERE), 400
    return render_form(messages.FORM_EXPIRED), 400


def _too_large(error: RequestEntityTooLarge) -> tuple[str, int] | Response:
    """Show the form again, after reading and dropping the rest of the upload."""
    drain(request)
    if problems.is_api_request():
        return problems.render(error)
    if isinstance(error, FormTooLarge):
        return render_form(messages.form_too_large(error.what, error.limit, error.field)), 413
    return render_form(messages.too_much(current_settings.max_request_bytes)), 413


def _malformed(error: MalformedForm) -> tuple[str, int] | Response:
    """Show the form again, after reading and dropping the rest of the upload."""
    drain(request)
    if problems.is_api_request():
        return problems.render(error)
    return render_form(messages.FORM_MALFORMED), 400


def _cut_off(error: ClientDisconnected) -> Response:
    """Answer 408 if the server stopped reading a slow body; the client is then still connected."""
    return _page(RequestTimeout() if isinstance(error.__context__, TimeoutError) else error)


def _page(error: HTTPException) -> Response:
    """Render the error's page and keep the headers that belong to it, such as Allow and Retry-After."""
    response = error.get_response()
    if error.code is None or error.code < 400:
        # Redirects are HTTPExceptions too.
        return response
    if isinstance(error, InternalServerError):
        # Flask's debug mode shows its own page; here the traceback is in the log.
        current_app.logger.error("Answered with a 500 page")
    if problems.is_api_request():
        return problems.render(error)
    kind = KINDS.get(type(error))
    page = render_template("errors/error.html", code=error.code, kind=kind, request_id=request_id())
    response.set_data(page)
    response.content_type = "text/html; charset=utf-8"
    return response
