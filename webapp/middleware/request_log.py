"""Access log: one line a request with view, status, times and counts, without personal data.

No path (only the view's name), file name, address or digest. The request ID is also in the platform's log and on the
error page.
"""

from __future__ import annotations

import logging
import re
import time
import uuid

from flask import Flask, Response, g, has_request_context, request

from webapp.services.request_stats import current_stats

logger = logging.getLogger("webapp.requests")

REQUEST_ID_HEADER = "X-Request-ID"
# The format that Heroku's router accepts from clients: https://devcenter.heroku.com/articles/http-request-id
VALID_REQUEST_ID = re.compile(r"[A-Za-z0-9+/=-]{20,200}")
# Requested often, by programs or by every page: logged at level DEBUG.
DEBUG_ENDPOINTS = frozenset({"static", "health.healthz", "health.readyz", "metrics.metrics"})
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def init_app(app: Flask) -> None:
    """Assign each request an ID and log it; call it before any hook that can answer."""
    app.before_request(_begin)
    app.after_request(_end)
    app.logger.addFilter(_numbered)


def request_id() -> str | None:
    """Return the current request's ID; None outside a request."""
    return g.get("request_id") if has_request_context() else None


def method() -> str:
    """Return the request's method; "other" for one that is not in METHODS."""
    return request.method if request.method in METHODS else "other"


def seconds() -> float:
    """Return the seconds since the current request began."""
    started: float = g.get("started", time.perf_counter())
    return time.perf_counter() - started


def _begin() -> None:
    g.started = time.perf_counter()
    given = request.headers.get(REQUEST_ID_HEADER, "")
    g.request_id = given if VALID_REQUEST_ID.fullmatch(given) else str(uuid.uuid4())


def _end(response: Response) -> Response:
    if "request_id" not in g:
        return response
    response.headers[REQUEST_ID_HEADER] = g.request_id
    view = request.endpoint or "none"
    took = round(1000 * seconds(), 1)
    level = logging.DEBUG if view in DEBUG_ENDPOINTS and response.status_code < 400 else logging.INFO
    fields = {
        "request_id": g.request_id,
        "method": method(),
        "view": view,
        "status": response.status_code,
        "ms": took,
        "bytes_in": request.content_length or 0,
        "bytes_out": response.content_length or 0,
    }
    stats = current_stats()
    if stats.photos or stats.refused or stats.seconds:
        fields |= {
            "photos": stats.photos,
            "refused": stats.refused,
            "faces": stats.faces,
            "megapixels": round(stats.pixels / 1e6, 2),
            "cpu_ms": round(1000 * stats.cpu, 1),
            **{f"{stage}_ms": round(1000 * time_, 1) for stage, time_ in stats.seconds.items()},
        }
    logger.log(level, "%s %s %d in %.0f ms", method(), view, response.status_code, took, extra=fields)
    return response


def _numbered(record: logging.LogRecord) -> bool:
    """Logging filter: add the request ID to the application's messages."""
    if number := request_id():
        record.request_id = number
    return True
