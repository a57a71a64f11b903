"""Parse and validate the form of POST /api/v1/analyze, before any photo is decoded."""

from __future__ import annotations

from flask import request
from werkzeug.datastructures import FileStorage

from webapp.api.problems import ApiProblem
from webapp.services.inference import current_models
from webapp.settings import current_settings

FIELDS = frozenset({"photo", "model"})


def parse_request() -> tuple[list[FileStorage], str]:
    """Return the current request's photos and the name of the model that is to read them.

    Raises ApiProblem, and RequestEntityTooLarge while reading it.
    """
    _check_kind()
    # A part without a name has None for one.
    unknown = sorted({name or "" for name in (*request.form, *request.files)} - FIELDS)
    if unknown:
        raise ApiProblem(
            "unknown-field", f"There is no field called “{unknown[0][:40]}”: use photo and model."
        )
    model = _model()
    photos = request.files.getlist("photo")
    if "photo" in request.form:
        raise ApiProblem(
            "no-photo",
            "A part “photo” has no file name, so it is text and no file. With curl: -F photo=@me.jpg",
        )
    if not photos:
        raise ApiProblem("no-photo", "Send at least one file part named “photo”. With curl: -F photo=@me.jpg")
    if len(photos) > current_settings.max_photos:
        raise ApiProblem(
            "too-many-photos",
            f"These are {len(photos)} photos, and one request takes up to {current_settings.max_photos}.",
            limit=current_settings.max_photos,
        )
    return photos, model


def _check_kind() -> None:
    if request.mimetype != "multipart/form-data":
        found = request.mimetype or "nothing"
        raise ApiProblem(
            "not-multipart", f"The Content-Type must be multipart/form-data and is {found[:60]}."
        )
    if not request.mimetype_params.get("boundary"):
        raise ApiProblem("bad-request", "The Content-Type multipart/form-data lacks its boundary.")


def _model() -> str:
    """Return the value of the optional field ``model``, or the default model's name."""
    available = list(current_models().names)
    chosen = request.form.getlist("model")
    if "model" in request.files or len(chosen) > 1:
        raise ApiProblem("unknown-model", "The field “model” is one plain text.", available=available)
    if chosen and chosen[0] not in available:
        raise ApiProblem(
            "unknown-model",
            f"There is no model “{chosen[0][:40]}” here; available: {', '.join(available)}.",
            available=available,
        )
    return chosen[0] if chosen else available[0]
