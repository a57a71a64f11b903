"""CORS headers of the API, for the origins that the settings list (default: none)."""

from __future__ import annotations

from flask import Flask, Response, request

from webapp.api.problems import is_api_request
from webapp.settings import Settings

DAY = 24 * 3600


def init_app(app: Flask, settings: Settings) -> None:
    """Add the CORS headers (Fetch standard) to the API's answers, errors included; credentials are not allowed.

    Written by hand: a few headers and a preflight do not need an extension.
    """
    if settings.api_cors_origins:
        app.after_request(lambda response: _allow(response, settings.api_cors_origins))


def _allow(response: Response, origins: tuple[str, ...]) -> Response:
    if not is_api_request():
        return response
    anyone = "*" in origins
    if not anyone:
        response.vary.add("Origin")
    origin = request.headers.get("Origin")
    if origin is None or not (anyone or origin in origins):
        return response
    response.headers["Access-Control-Allow-Origin"] = "*" if anyone else origin
    response.headers["Access-Control-Expose-Headers"] = "Retry-After, Deprecation"
    if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
        response.headers["Access-Control-Allow-Methods"] = "GET, POST"
        response.headers["Access-Control-Max-Age"] = str(DAY)
    return response
