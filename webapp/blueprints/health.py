"""Liveness and readiness checks for the platform."""

from __future__ import annotations

import math
import threading
import time
from dataclasses import dataclass, field

from flask import Blueprint, current_app

from webapp.services.current_upload import Busy
from webapp.services.inference import current_models, inference_slot
from webapp.settings import current_settings

bp = Blueprint("health", __name__)

Answer = tuple[dict[str, str], int]
# A check every so many seconds, some at once after a pause; in between, and while there is no slot for one, the last
# answer is given again, then for no longer than BUSY_FOR.
EVERY, AT_ONCE, BUSY_FOR = 5.0, 5.0, 60.0


@bp.get("/healthz")
def healthz() -> dict[str, str]:
    """Liveness: the process answers."""
    return {"status": "ok"}


@bp.get("/readyz")
def readyz() -> Answer:
    """Readiness: analyse the sample portrait; 503 unless its face is detected and classified.

    Who asks often gets the last answer again, and so does everybody while the site is busy, so that asking is no work.
    """
    checked: _Checked = current_app.extensions.setdefault("readiness", _Checked())
    # One request checks; those beside it get the last answer, or wait for the first one.
    if not checked.lock.acquire(blocking=checked.age() > BUSY_FOR):
        return checked.answer
    try:
        if checked.may_check():
            try:
                checked.answer, checked.at = _check(), time.monotonic()
            except Busy:
                if checked.age() > BUSY_FOR:
                    return _unavailable("Too many photos wait for their turn.")
        return checked.answer
    finally:
        checked.lock.release()


@dataclass(slots=True)
class _Checked:
    """The last answer, and how many checks may follow each other at once."""

    answer: Answer = field(default_factory=lambda: _unavailable("Too many photos wait for their turn."))
    at: float = -math.inf  # On the monotonic clock.
    left: float = AT_ONCE
    counted_at: float = field(default_factory=time.monotonic)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def age(self) -> float:
        return time.monotonic() - self.at

    def may_check(self) -> bool:
        """Return whether there is a check left, and count it."""
        now = time.monotonic()
        self.left = min(AT_ONCE, self.left + (now - self.counted_at) / EVERY)
        self.counted_at = now
        if self.left < 1:
            return False
        self.left -= 1
        return True


def _check() -> Answer:
    """Raise Busy if there is no slot."""
    try:
        with inference_slot():
            analysis = current_models().default.analyze(current_settings.sample.read_bytes())
    except Busy:
        raise
    except Exception:
        # Any error means "not ready"; the log has the reason.
        current_app.logger.exception("The model does not answer")
        return _unavailable("The model does not answer; the log says why.")
    if not analysis.faces:
        current_app.logger.error("The model does not find the face in the sample")
        return _unavailable("The model does not find the face in the sample.")
    return {"status": "ready"}, 200


def _unavailable(reason: str) -> Answer:
    return {"status": "unavailable", "reason": reason}, 503
