"""The page that explains the pipeline by the stages of one example."""

from __future__ import annotations

import threading

from flask import Blueprint, current_app, render_template

from webapp.presenters.confidence import track_record
from webapp.presenters.pipeline import PipelineView, present
from webapp.services.inference import current_models, inference_slot
from webapp.settings import current_settings

bp = Blueprint("pipeline", __name__)

_lock = threading.Lock()


@bp.get("/pipeline")
def pipeline() -> str:
    """Show the output of each stage for the example photo."""
    return render_template("pipeline.html", pipeline=example())


def example() -> PipelineView:
    """Return the view of the example; computed on the first call, then cached."""
    with _lock:
        view: PipelineView | None = current_app.extensions.get("pipeline_example")
        if view is None:
            models = current_models()
            default = models.default
            record = track_record(default.metadata, models.report(default.metadata.name))
            with inference_slot():
                analysis = default.analyze(current_settings.sample.read_bytes())
                view = present(analysis, default.metadata, record)
            current_app.extensions["pipeline_example"] = view
    return view
