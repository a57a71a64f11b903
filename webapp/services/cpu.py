"""Processor time of each photo and of each visitor.

The process's time is shared out among the photos that are read at a time, as their work is in several threads.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

HALF_LIFE = 10.0  # Seconds after which half of a visitor's time is forgotten.
FORGOTTEN = 0.05  # Seconds; a visitor who has used less is not remembered.


@dataclass(eq=False, slots=True)
class Work:
    """One photo that is being read."""

    visitor: str
    seconds: float = 0.0  # Of processor time so far.


@dataclass(slots=True)
class CpuMeter:
    """The work of a process; safe for threads."""

    _running: list[Work] = field(default_factory=list)
    _used: dict[str, float] = field(default_factory=dict)  # Seconds by visitor, fading.
    _cpu: float = field(default_factory=time.process_time)
    _at: float = field(default_factory=time.monotonic)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, visitor: str) -> Work:
        """Begin to measure a photo."""
        with self._lock:
            self._settle()
            work = Work(visitor)
            self._running.append(work)
            return work

    def end(self, work: Work) -> float:
        """Stop measuring; returns the photo's seconds of processor time."""
        with self._lock:
            self._settle()
            self._running.remove(work)
            return work.seconds

    def used(self, visitor: str) -> float:
        """Return the seconds that a visitor has used lately."""
        return self._used.get(visitor, 0.0)

    def _settle(self) -> None:
        cpu, now = time.process_time(), time.monotonic()
        fade = 0.5 ** (max(0.0, now - self._at) / HALF_LIFE)
        used = {visitor: seconds * fade for visitor, seconds in self._used.items()}
        for work in self._running:
            # A process that was forked since begins anew.
            share = max(0.0, cpu - self._cpu) / len(self._running)
            work.seconds += share
            used[work.visitor] = used.get(work.visitor, 0.0) + share
        self._used = {visitor: seconds for visitor, seconds in used.items() if seconds >= FORGOTTEN}
        self._cpu, self._at = cpu, now
