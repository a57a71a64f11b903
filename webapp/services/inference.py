"""The models of this process, and the inference slots that bound how many photos are analysed at once.

On Linux with glibc, freed memory is returned to the system: the C library keeps it fragmented otherwise, under load a
third of a worker's memory.
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

from model import ModelRegistry
from model.recognizer import FORMER_NAMES
from model.store.files import SAVED, saved_models
from webapp.services.request_stats import current_stats
from webapp.settings import Settings, SettingsError, current_settings

# Bytes. Trimming takes 1 to 2 ms, and page faults for the next photo: a smaller threshold lowers the throughput, with a
# larger one a worker under 32 users needs more than 300 MB (bench/LOAD.md).
TRIM_THRESHOLD = 48 * 1024 * 1024
STATM = Path("/proc/self/statm")
# A photo takes well under a second.
RETRY_SECONDS = 5

_malloc_trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform != "win32" else None


class Busy(ServiceUnavailable):
    """The queue is full, or no inference slot became free in time; a 503 with Retry-After."""


def init_app(app: Flask, settings: Settings, models: ModelRegistry | None) -> None:
    """Load the model that the settings name, or use the given ``models``. Raises as ``create_app``."""
    if models is None and settings.model not in FORMER_NAMES and not (SAVED / settings.model).is_dir():
        raise SettingsError(f"MODEL must be one of {', '.join(saved_models())}, not {settings.model!r}.")
    app.extensions["models"] = models or ModelRegistry.load(
        settings.model, threads=settings.threads, detector=settings.detector
    )
    trim_memory()  # Loading the models leaves freed memory.
    app.extensions["inference_semaphore"] = threading.BoundedSemaphore(settings.max_concurrent)


def current_models() -> ModelRegistry:
    """Return the models of the current application."""
    return cast(ModelRegistry, current_app.extensions["models"])


@contextmanager
def inference_slot() -> Iterator[None]:
    """Hold an inference slot; raises Busy (503) after ``Settings.queue_timeout`` seconds. Not re-entrant.

    A photo of 25 million pixels is 75 MB decoded, so the slot is to be held until it is no longer referenced.
    """
    semaphore: threading.BoundedSemaphore = current_app.extensions["inference_semaphore"]
    started = time.perf_counter()
    if not semaphore.acquire(timeout=current_settings.queue_timeout):
        raise Busy(retry_after=RETRY_SECONDS)
    try:
        current_stats().seconds["wait"] += time.perf_counter() - started
        yield
    finally:
        trim_memory()
        semaphore.release()


def trim_memory(threshold: int = TRIM_THRESHOLD) -> bool:
    """Return free pages to the system if the process has grown by ``threshold`` bytes; returns whether it did so."""
    if _malloc_trim is None or not STATM.exists():
        return False
    page = os.sysconf("SC_PAGE_SIZE")
    if page * int(STATM.read_text().split()[1]) < _Trimmed.resident + threshold:
        return False
    _malloc_trim(0)
    _Trimmed.resident = page * int(STATM.read_text().split()[1])
    return True


class _Trimmed:
    """Resident memory after the last trim, of the whole process; a race between threads is harmless."""

    resident = 0  # Bytes.
