"""The page that explains the pipeline by the stages of one example."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from flask import Blueprint, render_template

from model import Analysis, ModelRegistry
from model.explain import occlusion_maps
from webapp.presenters.confidence import track_record
from webapp.presenters.pipeline import Inner, PipelineView, present
from webapp.presenters.strip import StripView, present_strip
from webapp.services.inference import current_models
from webapp.services.movements import movements_of
from webapp.settings import current_settings

bp = Blueprint("pipeline", __name__)


@dataclass(frozen=True, slots=True)
class Example:
    """The example's way, on the page that explains it and on the start page."""

    pipeline: PipelineView
    strip: StripView | None  # None if no face was found.


_lock = threading.Lock()
_made: WeakKeyDictionary[ModelRegistry, Example] = WeakKeyDictionary()


@bp.get("/pipeline")
def pipeline() -> str:
    """Show the output of each stage for the example photo."""
    return render_template("pipeline.html", pipeline=example().pipeline)


def example() -> Example:
    """Return the views of the example; made when the site starts, once for the same models, and in no slot."""
    models = current_models()
    with _lock:
        if (view := _made.get(models)) is None:
            default = models.default
            record = track_record(default.metadata, models.report(default.metadata.name))
            analysis = default.analyze(current_settings.sample.read_bytes())
            inner = _inner(models, analysis)
            view = _made[models] = Example(
                present(analysis, default.metadata, record, inner), present_strip(analysis, inner.spoke)
            )
    return view


def _inner(models: ModelRegistry, analysis: Analysis) -> Inner:
    """Look inside once; the network with its maps is not kept for the example."""
    default = models.default
    if not analysis.faces:
        return Inner()
    given = analysis.faces[0].network_input
    maps = (
        models.load_maps(default.metadata.name).read(given)
        if models.has_maps(default.metadata.name)
        else None
    )
    spoke = occlusion_maps(default.classifier, given)[1] if default.metadata.explainable else None
    number = analysis.faces[0].number
    return Inner(maps, movements_of(analysis, {number}).get(number, ()), spoke)
