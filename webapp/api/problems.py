"""The API's errors: ``application/problem+json`` (RFC 9457)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from flask import Response, request, url_for
from werkzeug.exceptions import ClientDisconnected, HTTPException, RequestEntityTooLarge

from webapp.middleware.multipart_form import FormTooLarge, MalformedForm
from webapp.presenters import messages
from webapp.settings import current_settings


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """One entry of the problem table."""

    slug: str  # Fragment of the problem's ``type``, a URI.
    statuses: tuple[int, ...]  # HTTP statuses that it can have.
    title: str  # ``title`` of the problem.
    meaning: str  # Its description on the API's page; ``detail`` where there is no specific one.


KINDS = {
    kind.slug: kind
    for kind in (
        ProblemKind("bad-request", (400,), "Malformed request", "The request cannot be understood as HTTP."),
        ProblemKind(
            "cut-off",
            (400,),
            "Upload cut off",
            "The body ended before all of it was here.",
        ),
        ProblemKind("not-found", (404,), "No such address", "The API has nothing at this address."),
        ProblemKind(
            "method-not-allowed", (405,), "Wrong method", "The header Allow names the methods that work."
        ),
        ProblemKind(
            "too-slow", (408,), "Too slow", "The photos came in too slowly; send smaller ones, or try again."
        ),
        ProblemKind(
            "not-multipart",
            (415,),
            "Not a multipart form",
            "Photos are sent as multipart/form-data, in file parts named “photo”: not as the body itself, as base64 in "
            "JSON, or as addresses. “detail” ends with the command for what came.",
        ),
        ProblemKind(
            "unknown-field",
            (422,),
            "Unknown field",
            "A form has the fields “photo”, “model” and “turn” only; an explanation, “face” and “expression” too.",
        ),
        ProblemKind("no-photo", (422,), "No photo", "There is no file part named “photo”."),
        ProblemKind("too-many-photos", (422,), "Too many photos", "Send the rest in another request."),
        ProblemKind("unknown-model", (422,), "Unknown model", "GET /api/v1/models lists the models."),
        ProblemKind(
            "unknown-turn",
            (422,),
            "Unknown turn",
            "The field “turn” is auto, or off for photos that are to be read as they came.",
        ),
        ProblemKind(
            "no-such-face",
            (422,),
            "No such face",
            "A face is named by its number, as in the answer of /analyze.",
        ),
        ProblemKind(
            "unknown-expression",
            (422,),
            "Unknown expression",
            "GET /api/v1/models lists each model’s labels.",
        ),
        ProblemKind(
            "cannot-explain",
            (422,),
            "Cannot be explained",
            "A model that reads the points of a mesh is not explained by covering pixels.",
        ),
        ProblemKind(
            "photos-refused",
            (413, 415, 422),
            "No photo could be read",
            "“photos” says why, for each. The status is 413 if all were too large, in bytes or in the memory that "
            "their decoding takes, 415 if none was of a format that is read, and 422 otherwise.",
        ),
        ProblemKind(
            "request-too-large", (413,), "Request too large", "Send fewer or smaller photos in one request."
        ),
        ProblemKind(
            "too-many-requests",
            (429,),
            "Too many photos in a short time",
            "Wait for as many seconds as “retry_after” and the header Retry-After say.",
        ),
        ProblemKind(
            "internal-error", (500,), "Something broke on our side", "The error is noted, the photos are not."
        ),
        ProblemKind(
            "busy", (503,), "Busy", "Other photos are being read; try again after “retry_after” seconds."
        ),
    )
}


MEDIA_TYPE = "application/problem+json"

# Problems of the HTTP errors that are no ApiProblem.
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
    """A problem of one of KINDS; ``detail`` describes this occurrence, ``extensions`` are additional members."""

    def __init__(self, slug: str, detail: str, *, status: int | None = None, **extensions: Any) -> None:
        super().__init__(detail)
        self.code = status or KINDS[slug].statuses[0]
        self.slug = slug
        self.extensions = extensions


def is_api_request() -> bool:
    """Return whether the request's path is below /api/, so that its errors are JSON."""
    return request.path.startswith("/api/")


def render(error: HTTPException) -> Response:
    """Return the problem with the error's headers, such as Allow and Retry-After."""
    status = error.code or 500
    slug = error.slug if isinstance(error, ApiProblem) else KIND_OF_STATUS.get(status)
    if isinstance(error, ClientDisconnected):
        slug = "cut-off"
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
    """Return ``detail``; an exception's description is used only if the site wrote it."""
    if isinstance(error, ApiProblem):
        return error.description or ""
    if isinstance(error, FormTooLarge):
        return messages.form_too_large(error.what, error.limit, error.field)
    if isinstance(error, MalformedForm):
        return messages.FORM_MALFORMED
    if isinstance(error, RequestEntityTooLarge):
        return messages.too_much(current_settings.max_request_bytes)
    return KINDS[slug].meaning if slug else error.name
