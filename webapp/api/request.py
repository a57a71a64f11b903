"""Parse and validate the form of POST /api/v1/analyze, before any photo is decoded."""

from __future__ import annotations

from flask import g, request
from werkzeug.datastructures import FileStorage

from webapp.api.problems import ApiProblem
from webapp.services.inference import current_models
from webapp.settings import current_settings

FIELDS = ("photo", "model", "turn")
TURNS = ("auto", "off")
MOST_FACES = 10_000  # More than any photo has.
EXPLAIN_FIELDS = (*FIELDS, "face", "expression")


def parse_request(fields: tuple[str, ...] = FIELDS, most: int | None = None) -> tuple[list[FileStorage], str]:
    """Return the current request's photos and the name of the requested model.

    ``fields`` are the allowed fields, ``most`` is the largest number of photos (None: ``Settings.max_photos``).
    Raises ApiProblem, and RequestEntityTooLarge while the body is read.
    """
    _check_kind()
    most = most or current_settings.max_photos
    # The name of a part without one is None.
    unknown = sorted({name or "" for name in (*request.form, *request.files)} - {*fields})
    if unknown:
        known = f"{', '.join(fields[:-1])} and {fields[-1]}"
        raise ApiProblem("unknown-field", f"There is no field called “{unknown[0][:40]}”: use {known}.")
    model = _model()
    photos = request.files.getlist("photo")
    if "photo" in request.form:
        raise ApiProblem(
            "no-photo",
            "A part “photo” has no file name, so it is text and no file; an address is not fetched. With curl: "
            "-F photo=@me.jpg",
        )
    if not photos:
        raise ApiProblem("no-photo", "Send at least one file part named “photo”. With curl: -F photo=@me.jpg")
    if len(photos) > most:
        raise ApiProblem(
            "too-many-photos",
            f"These are {len(photos)} photos, and one request takes up to {most}.",
            limit=most,
        )
    return photos, model


def may_rotate() -> bool:
    """Return whether the field ``turn`` lets photos be turned (default: it does). Raises ApiProblem."""
    chosen = request.form.getlist("turn") or [TURNS[0]]
    if "turn" in request.files or len(chosen) > 1 or chosen[0] not in TURNS:
        raise ApiProblem("unknown-turn", f"The field “turn” is {' or '.join(TURNS)}.", available=list(TURNS))
    return chosen[0] == TURNS[0]


def face_number() -> int | None:
    """Return the value of the field ``face``, at least 1; None without it. Raises ApiProblem."""
    text = request.form.get("face")
    if text is None and "face" not in request.files:
        return None
    text = text or ""
    if "face" in request.files or not (text.isdecimal() and len(text) < 9 and 1 <= int(text) <= MOST_FACES):
        raise ApiProblem("no-such-face", f"The field “face” is a whole number from 1 to {MOST_FACES}.")
    return int(text)


def expression() -> str | None:
    """Return the value of the field ``expression`` (default: None); raises ApiProblem if no model has such a label."""
    known = explained_labels()
    chosen = request.form.get("expression")
    if "expression" in request.files or (chosen is not None and chosen not in known):
        raise ApiProblem("unknown-expression", "No model knows that expression.", available=known)
    return chosen


def explained_models() -> list[str]:
    """Return the models that can be explained: those without mesh points, which would have to be covered too."""
    models = current_models()
    return [name for name in models.names if models.metadata(name).explainable]


def explained_labels() -> list[str]:
    """Return the labels of the models that can be explained."""
    models = current_models()
    return list(dict.fromkeys(label for name in explained_models() for label in models.metadata(name).labels))


def _check_kind() -> None:
    if request.mimetype != "multipart/form-data":
        raise ApiProblem("not-multipart", _how_to_send(request.mimetype[:60], request.base_url))
    if not request.mimetype_params.get("boundary"):
        raise ApiProblem("bad-request", "The Content-Type multipart/form-data lacks its boundary.")


def _how_to_send(found: str, url: str) -> str:
    """Return the sentence about a body of the type ``found``; its end is the command that sends the photo rightly."""
    file, piped = f"curl -F photo=@me.jpg {url}", f"curl -F 'photo=@-;filename=me.jpg' {url}"
    if found.startswith("image/"):
        return f"The body is the photo itself ({found}). Send it as a file part of a form: {file}"
    if "json" in found:
        return (
            "The body is JSON. A photo is sent as a file, not as base64, and not as an address, which is not fetched: "
            f"base64 -d me.txt | {piped}"
        )
    if found == "application/x-www-form-urlencoded":
        return (
            "The body is a form without files. A photo is sent with -F and not with -d, and an address is not fetched: "
            f"{file}"
        )
    return f"The Content-Type must be multipart/form-data and is {found or 'nothing'}. With curl: {file}"


def _model() -> str:
    """Return the value of the optional field ``model``, or the default model's name."""
    available = list(current_models().names)
    models = current_models()
    chosen = [models.current(name) for name in request.form.getlist("model")]
    g.former_model = chosen != request.form.getlist("model")
    if "model" in request.files or len(chosen) > 1:
        raise ApiProblem("unknown-model", "The field “model” is one plain text.", available=available)
    if chosen and chosen[0] not in available:
        raise ApiProblem(
            "unknown-model",
            f"There is no model “{chosen[0][:40]}” here; available: {', '.join(available)}.",
            available=available,
        )
    return chosen[0] if chosen else available[0]
