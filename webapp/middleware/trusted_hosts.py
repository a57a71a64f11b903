"""Refuse requests for host names that are not listed in ``TRUSTED_HOSTS``.

Flask's own check of that name fails while the URL adapter is created, so that an error page cannot build URLs. Here a
WSGI middleware checks first and replaces the name. Both use Werkzeug's comparison.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask, request
from werkzeug.exceptions import BadRequest
from werkzeug.sansio.utils import host_is_trusted

from webapp.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# The platform's health checks use an internal address.
CHECKS = frozenset({"/healthz", "/readyz"})
REFUSED_HOST = "site.refused_host"


class UnknownHost(BadRequest):
    """The request's Host is not trusted."""


def init_app(app: Flask, settings: Settings) -> None:
    """Refuse requests for hosts that are not in the settings' list; without a list none is refused."""
    if not settings.trusted_hosts:
        return
    app.config["TRUSTED_HOSTS"] = list(settings.trusted_hosts)
    app.wsgi_app = TrustedHostMiddleware(app.wsgi_app, settings.trusted_hosts)  # type: ignore[method-assign]  # Flask's way
    app.before_request(_refuse)


class TrustedHostMiddleware:
    """WSGI middleware: replace an untrusted Host by the first trusted one and set environ['site.refused_host'].

    The error page can then build URLs.
    """

    def __init__(self, inner: WSGIApplication, trusted: tuple[str, ...]) -> None:
        self.inner = inner
        self.trusted = trusted

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not host_is_trusted(environ.get("HTTP_HOST"), self.trusted):
            environ["HTTP_HOST"] = self.trusted[0].removeprefix(".")
            environ[REFUSED_HOST] = environ.get("PATH_INFO") not in CHECKS
        return self.inner(environ, start_response)


def _refuse() -> None:
    if request.environ.get(REFUSED_HOST):
        raise UnknownHost
