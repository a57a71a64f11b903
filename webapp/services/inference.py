"""The models of this process, and the inference slots that bound how many photos are analysed at once.

A photo is analysed beside another one only while the process is small, and the models beside the default are dropped
when it grows large; ``Settings.max_memory_bytes`` says what that means. On Linux with glibc, freed memory is returned
to the system: the C library keeps it fragmented otherwise, under load a third of a worker's memory.
"""

from __future__ import annotations

import ctypes
import math
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from flask import Flask, current_app

from model import ModelRegistry, PhotoError
from model.recognizer import FORMER_NAMES
from model.store.files import SAVED, saved_models
from webapp.services import current_upload
from webapp.services.cpu import CpuMeter
from webapp.services.current_upload import RETRY_SECONDS, Busy
from webapp.services.request_stats import current_stats
from webapp.services.turns import Turn
from webapp.services.visitor import current_visitor
from webapp.settings import Settings, SettingsError, current_settings

# Bytes. Trimming takes 1 to 2 ms, and page faults for the next photo: a smaller threshold lowers the throughput, with a
# larger one a worker under 32 users needs more than 300 MB (bench/LOAD.md).
TRIM_THRESHOLD = 48 * 1024 * 1024
STATM = Path("/proc/self/statm")
# Of ``Settings.max_memory_bytes``: from there on, no photo is begun beside another, and the models beside the default
# are dropped after each.
ALONE_SHARE = 0.7
# Seconds after which memory is looked at again while a photo waits.
LOOK_SECONDS = 0.2

# Seconds from a request's last byte until no further photo of it is begun; a router (Heroku's: 30 seconds) gives up
# waiting for an answer's first byte.
ANSWER_SECONDS = 18.0
# Seconds of processor time. A photo's are bounded while its faces are searched; of a request, no photo is begun that
# might exceed them.
PHOTO_CPU_SECONDS, REQUEST_CPU_SECONDS = 3.0, 10.0

_malloc_trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform != "win32" else None


class NotRead(PhotoError):
    """A photo that is not begun, as those before it in the same request took too much or too long."""


TOO_MUCH = "It was not read: too much for one request. Send it again by itself."
TOO_LATE = "It was not read: other photos took too long. Send it again by itself."


def init_app(app: Flask, settings: Settings, models: ModelRegistry | None) -> None:
    """Load the model that the settings name, or use the given ``models``. Raises as ``create_app``."""
    if models is None and settings.model not in FORMER_NAMES and not (SAVED / settings.model).is_dir():
        raise SettingsError(f"MODEL must be one of {', '.join(saved_models())}, not {settings.model!r}.")
    app.extensions["models"] = models or ModelRegistry.load(
        settings.model, threads=settings.threads, detector=settings.detector
    )
    trim_memory()  # Loading the models leaves freed memory.
    app.extensions["inference_semaphore"] = Slots(
        settings.max_concurrent,
        round(ALONE_SHARE * settings.max_memory_bytes),
        settings.queue_timeout,
        CpuMeter(),
    )


def current_models() -> ModelRegistry:
    """Return the models of the current application."""
    return cast(ModelRegistry, current_app.extensions["models"])


@contextmanager
def inference_slot(expected: float = 0.0) -> Iterator[None]:
    """Hold an inference slot; raises Busy (503) after ``Settings.queue_timeout`` seconds. Not re-entrant.

    ``expected`` is the photo's estimated processor time in seconds, see ``webapp.services.turns``.
    Raises NotRead, a PhotoError, where the request's photos before this one took what a request may take. A photo of 25
    million pixels is 75 MB decoded, so the slot is to be held until it is no longer referenced.
    """
    slots: Slots = current_app.extensions["inference_semaphore"]
    stats, started = current_stats(), time.perf_counter()
    if stats.cpu > REQUEST_CPU_SECONDS - PHOTO_CPU_SECONDS:
        raise NotRead(TOO_MUCH)
    left = ANSWER_SECONDS - current_upload.seconds_since_whole()
    if not slots.acquire(min(left, slots.timeout), current_visitor(), current_upload.check, expected):
        if stats.photos and left < slots.timeout:
            raise NotRead(TOO_LATE)
        raise Busy(retry_after=RETRY_SECONDS)
    current_upload.begin()
    work = slots.meter.begin(current_visitor())
    try:
        stats.seconds["wait"] += time.perf_counter() - started
        yield
    finally:
        stats.cpu += slots.meter.end(work)
        trim_memory()
        if _Size.last > slots.alone:
            make_room()
        slots.release(current_visitor())


class Slots:
    """At most ``most`` photos at a time, and only one while the process is larger than ``alone`` bytes.

    A photo waits for its slot for ``timeout`` seconds. The next slot goes to the visitor who has the fewest; among
    equals, to whose turn it is (``webapp.services.turns``).
    """

    def __init__(
        self, most: int, alone: int, timeout: float = math.inf, meter: CpuMeter | None = None
    ) -> None:
        self._most, self.alone, self.timeout = most, alone, timeout
        self.meter = meter or CpuMeter()
        self._taken: Counter[str] = Counter()  # Slots by visitor.
        self._waiting: list[Turn] = []
        self._came = 0
        self._changed = threading.Condition()

    def acquire(
        self,
        timeout: float | None = None,
        visitor: str = "",
        check: Callable[[], None] | None = None,
        expected: float = 0.0,
    ) -> bool:
        """Take a slot; returns whether one became free in time. ``check`` may raise what ends the waiting."""
        came = time.monotonic()
        until = came + (self.timeout if timeout is None else timeout)
        with self._changed:
            self._came += 1
            me = Turn(self._came, came, visitor, expected)
            self._waiting.append(me)
            try:
                while not self._is_next(me):
                    if check is not None:
                        check()
                    left = until - time.monotonic()
                    if left <= 0:
                        return False
                    # What another photo gives back is not announced.
                    self._changed.wait(min(left, LOOK_SECONDS))
                self._taken[visitor] += 1
                return True
            finally:
                self._waiting.remove(me)
                self._changed.notify_all()

    def release(self, visitor: str = "") -> None:
        """Give a slot back that the visitor has taken."""
        with self._changed:
            self._taken[visitor] -= 1
            self._taken += Counter()  # Drops those without any.
            self._changed.notify_all()

    def _is_next(self, me: Turn) -> bool:
        taken = self._taken.total()
        if taken >= self._most or (taken > 0 and resident() >= self.alone):
            return False
        return me == min(self._waiting, key=self._rank)

    def _rank(self, turn: Turn) -> tuple[int, float, int]:
        return self._taken[turn.visitor], turn.due(self.meter.used(turn.visitor)), turn.number


def resident() -> int:
    """Return the bytes that this process holds in memory; 0 where the system does not say."""
    if not STATM.exists():
        return 0
    return os.sysconf("SC_PAGE_SIZE") * int(STATM.read_text().split()[1])


def make_room() -> None:
    """Drop the models beside the default if the process is large (``ALONE_SHARE``); call it inside a slot."""
    large = ALONE_SHARE * current_settings.max_memory_bytes
    if resident() < large:
        return
    trim_memory(0)
    if resident() >= large:
        current_models().shrink()
        current_app.extensions["inner_maps"].drop()
        trim_memory(0)


def trim_memory(threshold: int = TRIM_THRESHOLD) -> bool:
    """Return free pages to the system if the process has grown by ``threshold`` bytes; returns whether it did so."""
    if _malloc_trim is None or not STATM.exists():
        return False
    page = os.sysconf("SC_PAGE_SIZE")
    _Size.last = page * int(STATM.read_text().split()[1])
    if _Size.last < _Size.trimmed + threshold:
        return False
    _malloc_trim(0)
    _Size.last = _Size.trimmed = page * int(STATM.read_text().split()[1])
    return True


class _Size:
    """Resident memory of the whole process, in bytes; a race between threads is harmless."""

    last = 0  # When it was looked at last.
    trimmed = 0  # After the last trim.
