"""The page that documents the API."""

from __future__ import annotations

import json
import threading
from weakref import WeakKeyDictionary

from flask import Blueprint, render_template, request

from model import ModelRegistry
from model.output.serialize import analysis_to_dict
from webapp.api.docs import PHOTO, present
from webapp.api.openapi import build
from webapp.api.request import explained_labels
from webapp.services.inference import current_models
from webapp.settings import current_settings

bp = Blueprint("api_page", __name__)

_lock = threading.Lock()
_made: WeakKeyDictionary[ModelRegistry, str] = WeakKeyDictionary()


@bp.get("/api")
def page() -> str:
    """Show the addresses, examples for this host, the fields and the problems."""
    model = current_models().default.metadata.name
    document = build([model], current_settings.max_photos, [model], explained_labels())
    view = present(document, sample_answer())
    address = request.host_url.rstrip("/")
    return render_template("api.html", api=view, address=address, model=model, photo=PHOTO)


def sample_answer() -> str:
    """Return the API's answer for the sample portrait; made when the site starts, once for the same models."""
    models = current_models()
    with _lock:
        if (answer := _made.get(models)) is None:
            analysis = models.default.analyze(current_settings.sample.read_bytes())
            answer = json.dumps([analysis_to_dict(PHOTO, analysis)], indent=2, ensure_ascii=False)
            _made[models] = answer
    return answer
