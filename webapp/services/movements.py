"""What the faces of an analysis do, measured on their meshes: of those that are shown, as each takes 8 milliseconds."""

from __future__ import annotations

import time
from collections.abc import Collection

from flask import current_app

from model.faces.movements import Movement, movements
from model.store.files import SavedModelError
from model.types import Analysis
from webapp.services.inference import current_models
from webapp.services.request_stats import current_stats

# Warnings with which a mesh is little more than a guess.
UNCLEAR = frozenset({"small", "blurred"})


def movements_of(analysis: Analysis, numbers: Collection[int]) -> dict[int, tuple[Movement, ...]]:
    """Return the measures of the faces of those numbers, by number; call it in an inference slot.

    Without faces that were pointed at, that are small, blurred or covered, and those without a mesh.
    """
    chosen = [
        reading
        for reading in analysis.faces
        if reading.number in numbers
        and reading.source == "detected"
        and not reading.prediction.looks_covered
        and not UNCLEAR & set(reading.quality.warnings)
    ]
    if not chosen:
        return {}
    started = time.perf_counter()
    try:
        mesh = current_models().mesh()
    except SavedModelError as error:
        # The answer does not depend on it; a folder of one's own models may have no mesh.
        current_app.logger.warning("What faces do is not measured: %s", error)
        return {}
    if mesh.calm is None:
        return {}
    found = mesh.locate_all([(analysis.photo.pixels, reading.face) for reading in chosen])
    current_stats().seconds["classify"] += time.perf_counter() - started
    return {
        reading.number: movements(each.points, mesh.calm)
        for reading, each in zip(chosen, found, strict=True)
        if each.found
    }
