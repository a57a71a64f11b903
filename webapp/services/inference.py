"""The recognizers of this process, and a gate that bounds how many photos are open at once.

Memory that is free again is given back to the system, where that is Linux with glibc: the C library keeps what photos
took for the next ones, in pieces that seldom fit, under load a third of a worker.
"""

from __future__ import annotations

import ctypes
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from flask import Flask, current_app, g
from werkzeug.exceptions import ServiceUnavailable

from model import Analysis, ModelRegistry, PhotoError
from model.geometry import Box
from webapp.services.request_stats import current_work
from webapp.settings import Settings

# Giving back costs a millisecond or two, and the next photo's page faults: smaller steps answer fewer photos a second,
# larger ones take a worker under 32 visitors over 300 MB (bench/LOAD.md).
WORTH_BYTES = 48 * 1024 * 1024
STATM = Path("/proc/self/statm")

_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)


class Heap:
    """Remembers what the process held after memory was last given back; threads may share it."""

    def __init__(self) -> None:
        self._floor = 0

    def tidy(self) -> bool:
        """Give back every whole free page if the process has grown enough since; returns whether it did."""
        if _trim is None or not STATM.exists() or resident() < self._floor + WORTH_BYTES:
            return False
        _trim(0)
        self._floor = resident()
        return True


def resident() -> int:
    """The process's resident memory in bytes."""
    return int(STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


# A photo takes well under a second, so whoever could not be served comes back soon.
RETRY_SECONDS = 5
_heap = Heap()


class Busy(ServiceUnavailable):
    """Too many photos wait already, or one waited for too long; a 503 that says when to come back."""


def configure(app: Flask, settings: Settings, models: ModelRegistry | None) -> None:
    """Load the model named in the settings, or take the given ``models``."""
    app.extensions["models"] = models or ModelRegistry.load(
        settings.model, threads=settings.threads, detector=settings.face_detector
    )
    _heap.tidy()  # Reading the models' files left much behind.
    app.extensions["analysis_gate"] = threading.BoundedSemaphore(settings.parallel_analyses)


def current_models() -> ModelRegistry:
    """Return the models of the current application."""
    return cast(ModelRegistry, current_app.extensions["models"])


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
