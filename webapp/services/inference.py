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

from model import ModelRegistry
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
        current_stats().seconds["wait"] += time.perf_counter() - started
        yield
    finally:
        trim_memory()
        semaphore.release()


def trim_memory(threshold: int = TRIM_THRESHOLD) -> bool:
    """Give back every whole free page if the process has grown by ``threshold`` bytes; returns whether it did."""
    if _malloc_trim is None or not STATM.exists():
        return False
    page = os.sysconf("SC_PAGE_SIZE")
    if page * int(STATM.read_text().split()[1]) < _Trimmed.resident + threshold:
        return False
    _malloc_trim(0)
    _Trimmed.resident = page * int(STATM.read_text().split()[1])
    return True


class _Trimmed:
    """What the process held after memory was last given back; one for all threads, and a race costs nothing."""

    resident = 0  # Bytes.
