"""Liveness and readiness checks for the platform."""

from __future__ import annotations

from flask import Blueprint, current_app

from webapp.services.current_upload import Busy
from webapp.services.inference import current_models, inference_slot
from webapp.settings import current_settings

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def healthz() -> dict[str, str]:
    """Liveness: the process answers."""
    return {"status": "ok"}


@bp.get("/readyz")
def readyz() -> tuple[dict[str, str], int]:
    """Readiness: analyse the sample portrait; 503 unless its face is detected and classified."""
    try:
        with inference_slot():
            analysis = current_models().default.analyze(current_settings.sample.read_bytes())
    except Busy:
        return _unavailable("Too many photos wait for their turn.")
    except Exception:
        # Any error means "not ready"; the log has the reason.
        current_app.logger.exception("The model does not answer")
        return _unavailable("The model does not answer; the log says why.")
    if not analysis.faces:
        current_app.logger.error("The model does not find the face in the sample")
        return _unavailable("The model does not find the face in the sample.")
    return {"status": "ready"}, 200


def _unavailable(reason: str) -> tuple[dict[str, str], int]:
    return {"status": "unavailable", "reason": reason}, 503
