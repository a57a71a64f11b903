"""The recognizers of this process, and a gate that bounds how many photos are open at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from flask import Flask, current_app, g
from werkzeug.exceptions import ServiceUnavailable

from model import Analysis, PhotoError, Recognizers
from model.stages import Box
from webapp.heap import Heap
from webapp.settings import Settings
from webapp.work import current_work

# A photo takes well under a second, so whoever could not be served comes back soon.
RETRY_SECONDS = 5
_heap = Heap()


class Busy(ServiceUnavailable):
    """Too many photos wait already, or one waited for too long; a 503 that says when to come back."""


def configure(app: Flask, settings: Settings, models: Recognizers | None) -> None:
    """Load the model named in the settings, or take the given ``models``."""
    app.extensions["models"] = models or Recognizers.load(
        settings.model, threads=settings.threads, finder=settings.face_detector
    )
    _heap.tidy()  # Reading the models' files left much behind.
    app.extensions["analysis_gate"] = threading.BoundedSemaphore(settings.parallel_analyses)


def current_models() -> Recognizers:
    """Return the models of the current application."""
    return cast(Recognizers, current_app.extensions["models"])


def analyze(photo: bytes, *, model: str | None = None, region: Box | None = None) -> Analysis:
    """Walk one encoded photo through all stages, read by ``model`` (None: the default); raises PhotoError and Busy.

    With a ``region`` that part is read as a face; raises ValueError where it is not one of the photo, and
    UnknownModelError for a model that there is not.

    A photo of 25 million pixels takes 75 MB once decoded: only a few may be open at the same time. Whoever goes on
    working with the photo holds the ``turn`` until that is done.
    """
    work = current_work()
    with turn():
        try:
            analysis = current_models().get(model).analyze(photo, region=region)
        except PhotoError:
            work.refused += 1
            raise
    work.read(analysis)
    return analysis


def compare(photo: bytes) -> tuple[Analysis, ...]:
    """Let every model read the same faces of one encoded photo; raises PhotoError and Busy."""
    work = current_work()
    with turn():
        try:
            analyses = current_models().compare(photo)
        except PhotoError:
            work.refused += 1
            raise
    work.read(analyses[0])
    return analyses


@contextmanager
def turn() -> Iterator[None]:
    """Wait for a turn and hold it; raises Busy where none comes within the time that the settings allow.

    A request that holds one goes on with it.
    """
    if g.get("has_turn"):
        yield
        return
    gate: threading.BoundedSemaphore = current_app.extensions["analysis_gate"]
    started = time.perf_counter()
    if not gate.acquire(timeout=current_app.extensions["settings"].wait_seconds):
        raise Busy(retry_after=RETRY_SECONDS)
    current_work().waited(time.perf_counter() - started)
    g.has_turn = True
    try:
        yield
    finally:
        g.has_turn = False
        _heap.tidy()
        gate.release()
