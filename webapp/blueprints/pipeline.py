"""The page that explains the pipeline by the stages of one example."""

from __future__ import annotations

import threading
from weakref import WeakKeyDictionary

from flask import Blueprint, render_template

from model import ModelRegistry
from webapp.presenters.confidence import track_record
from webapp.presenters.pipeline import PipelineView, present
from webapp.services.inference import current_models
from webapp.settings import current_settings

bp = Blueprint("pipeline", __name__)

_lock = threading.Lock()
_made: WeakKeyDictionary[ModelRegistry, PipelineView] = WeakKeyDictionary()


@bp.get("/pipeline")
def pipeline() -> str:
    """Show the output of each stage for the example photo."""
    return render_template("pipeline.html", pipeline=example())


def example() -> PipelineView:
    """Return the view of the example; made when the site starts, once for the same models, and in no slot."""
    models = current_models()
    with _lock:
        if (view := _made.get(models)) is None:
            default = models.default
            record = track_record(default.metadata, models.report(default.metadata.name))
            analysis = default.analyze(current_settings.sample.read_bytes())
            view = _made[models] = present(analysis, default.metadata, record)
    return view
