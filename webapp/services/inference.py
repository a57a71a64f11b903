"""The models of this process, and the slots that bound how many photos are worked on at once.

Freed memory is given back to the system, on Linux with glibc: the C library keeps what photos took for the next
ones, in pieces that seldom fit, under load a third of a worker.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from flask import Flask, current_app
from werkzeug.exceptions import ServiceUnavailable

from model import Analysis, ModelRegistry, PhotoError
from model.geometry import Box
from webapp.services.request_stats import current_stats
from webapp.settings import Settings, current_settings

# Trimming costs a millisecond or two, and the next photo's page faults: smaller steps answer fewer photos a second,
# larger ones take a worker under 32 visitors over 300 MB (bench/LOAD.md).
TRIM_THRESHOLD = 48 * 1024 * 1024  # Bytes.
STATM = Path("/proc/self/statm")
# A photo takes well under a second, so that a slot is soon free again.
RETRY_SECONDS = 5

_malloc_trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform != "win32" else None


class Busy(ServiceUnavailable):
    """The queue is full, or no inference slot became free in time; a 503 with Retry-After."""


def init_app(app: Flask, settings: Settings, models: ModelRegistry | None) -> None:
    """Load the model named in the settings, or take the given ``models``."""
    app.extensions["models"] = models or ModelRegistry.load(
        settings.model, threads=settings.threads, detector=settings.detector
    )
    trim_memory()  # Reading the models' files left much behind.
    app.extensions["inference_semaphore"] = threading.BoundedSemaphore(settings.max_concurrent)


def current_models() -> ModelRegistry:
    """Return the models of the current application."""
    return cast(ModelRegistry, current_app.extensions["models"])


def analyze(photo: bytes, *, model: str | None = None, region: Box | None = None) -> Analysis:
    """Walk one encoded photo through all stages, read by ``model`` (None: the default). Hold an inference slot.

    With a ``region`` that part is read as a face. Raises PhotoError, ValueError for a region outside the photo or
    under 8 pixels, and UnknownModelError.
    """
    stats = current_stats()
    try:
        analysis = current_models().get(model).analyze(photo, region=region)
    except PhotoError:
        stats.refused += 1
        raise
    stats.add_analysis(analysis)
    return analysis


def compare(photo: bytes) -> tuple[Analysis, ...]:
    """Let every model read the same faces of one encoded photo; raises PhotoError. Hold an inference slot."""
    stats = current_stats()
    try:
        analyses = current_models().compare(photo)
    except PhotoError:
        stats.refused += 1
        raise
    stats.add_analysis(analyses[0])
    return analyses


@contextmanager
def inference_slot() -> Iterator[None]:
    """Hold an inference slot; raises Busy (503) after ``Settings.queue_timeout`` seconds. Not re-entrant.

    A photo of 25 million pixels takes 75 MB once decoded, so the slot is held until nothing of it is needed any more.
    """
    semaphore: threading.BoundedSemaphore = current_app.extensions["inference_semaphore"]
    started = time.perf_counter()
    if not semaphore.acquire(timeout=current_settings.queue_timeout):
        raise Busy(retry_after=RETRY_SECONDS)
    try:
        current_stats().add_wait(time.perf_counter() - started)
        yield
    finally:
        trim_memory()
        semaphore.release()


def trim_memory(threshold: int = TRIM_THRESHOLD) -> bool:
    """Give back every whole free page if the process has grown by ``threshold`` bytes; returns whether it did."""
    if _malloc_trim is None or not STATM.exists() or resident() < _Trimmed.resident + threshold:
        return False
    _malloc_trim(0)
    _Trimmed.resident = resident()
    return True


class _Trimmed:
    """What the process held after memory was last given back; one for all threads, and a race costs nothing."""

    resident = 0


def resident() -> int:
    """The process's resident memory in bytes."""
    return int(STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
