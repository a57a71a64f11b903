"""Guess first: the visitor's reading of a sample's face, then ten people's, then the model's."""

from __future__ import annotations

import threading
from weakref import WeakKeyDictionary

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from model import ModelRegistry
from webapp.presenters.confidence import track_record
from webapp.presenters.faces import THUMBNAIL_SIDE, FaceView, present_face
from webapp.samples import SAMPLES, Sample, find
from webapp.services import rate_limit
from webapp.services.inference import current_models, inference_slot

bp = Blueprint("guess", __name__)

GUESSABLE = tuple(sample for sample in SAMPLES if sample.guess)

_lock = threading.Lock()
_read: WeakKeyDictionary[ModelRegistry, dict[str, FaceView]] = WeakKeyDictionary()


@bp.get("/guess")
def first() -> Response:
    """Redirect to the first sample."""
    return redirect(url_for("guess.guess", name=GUESSABLE[0].name))


@bp.get("/guess/<name>")
def guess(name: str) -> str:
    """Show a sample's photo, and ask what the face looks like."""
    return _page(_sample(name))


@bp.post("/guess/<name>")
def answer(name: str) -> str | tuple[str, int]:
    """Show the guess in the field ``guess``, then ten people's reading, then the model's; nothing is kept of it."""
    sample = _sample(name)
    guessed = request.form.get("guess", "")
    if guessed not in current_models().default.metadata.labels:
        return _page(sample, missing=True), 400
    return _page(sample, guessed, _face(sample))


def _sample(name: str) -> Sample:
    """Return a sample with one face; a 404 for any other name."""
    sample = find(name)
    if sample is None or not sample.guess:
        abort(404)
    return sample


def _page(
    sample: Sample, guessed: str | None = None, face: FaceView | None = None, *, missing: bool = False
) -> str:
    place = GUESSABLE.index(sample)
    return render_template(
        "guess.html",
        sample=sample,
        samples=GUESSABLE,
        following=GUESSABLE[(place + 1) % len(GUESSABLE)],
        labels=current_models().default.metadata.labels,
        guessed=guessed,
        face=face,
        missing=missing,
    )


def _face(sample: Sample) -> FaceView:
    """Return the view of a sample's face by the default model; each is read once for the same models."""
    models = current_models()
    with _lock:
        known = _read.setdefault(models, {}).get(sample.name)
    if known is not None:
        return known
    rate_limit.consume(1)
    default = models.default
    with inference_slot():
        analysis = default.analyze(sample.read(), crop_side=THUMBNAIL_SIDE)
        record = track_record(default.metadata, models.report(default.metadata.name))
        if not analysis.faces:
            abort(503)
        face = present_face(1, analysis.faces[0], record=record, side=THUMBNAIL_SIDE)
    with _lock:
        _read[models][sample.name] = face
    return face
