"""Errors as programs want them: ``application/problem+json`` after RFC 9457."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, current_app, request, url_for
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from webapp.presenters import words
from webapp.presenters.api import KINDS

MEDIA_TYPE = "application/problem+json"

# What Flask, Werkzeug and the site raise by themselves.
KIND_OF_STATUS = {
    400: "bad-request",
    404: "not-found",
    405: "method-not-allowed",
    408: "too-slow",
    413: "request-too-large",
    429: "too-many-requests",
    500: "internal-error",
    503: "busy",
}


class ApiProblem(HTTPException):
    """A problem of a listed kind; ``detail`` is about this request, ``extensions`` are further members."""

    def __init__(self, slug: str, detail: str, *, status: int | None = None, **extensions: Any) -> None:
        super().__init__(detail)
        self.code = status or KINDS[slug].statuses[0]
        self.slug = slug
        self.extensions = extensions


def wanted() -> bool:
    """Return whether this request's errors are for a program: everything under /api/ is."""
    return request.path.startswith("/api/")


def render(error: HTTPException) -> Response:
    """Return the problem, with the headers that belong to the error, such as Allow and Retry-After."""
    status = error.code or 500
    slug = error.slug if isinstance(error, ApiProblem) else KIND_OF_STATUS.get(status)
    body: dict[str, Any] = {
        "type": url_for("api_page.page", _anchor=slug) if slug else "about:blank",
        "title": KINDS[slug].title if slug else error.name,
        "status": status,
        "detail": _detail(error, slug),
    }
    if isinstance(error, ApiProblem):
        body |= error.extensions
    headers = {name: value for name, value in error.get_headers() if name.lower() != "content-type"}
    if headers.get("Retry-After", "").isdigit():
        body["retry_after"] = int(headers["Retry-After"])
    return Response(json.dumps(body, ensure_ascii=False), status, headers, mimetype=MEDIA_TYPE)


def _detail(error: HTTPException, slug: str | None) -> str:
    """Return what to do; an exception's own text is only told where it was written for the visitor."""
    if isinstance(error, ApiProblem):
        return error.description or ""
    if isinstance(error, RequestEntityTooLarge):
        return words.too_much(current_app.extensions["settings"].max_request_bytes)
    return KINDS[slug].meaning if slug else error.name
