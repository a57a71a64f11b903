"""When a worker has become too large and is to be replaced."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from webapp.services.inference import resident, trim_memory
from webapp.settings import MEBIBYTE, Settings

# Seconds for which a worker must be too large: what a photo takes while it is analysed does not count.
LARGE_SECONDS = 3.0


def limit() -> int:
    """Return the bytes of ``MAX_MEMORY_MB``, or its default where it makes no sense; the site says so at its start."""
    text = os.environ.get("MAX_MEMORY_MB", "").strip()
    return int(text) * MEBIBYTE if text.isdecimal() and int(text) else int(Settings.max_memory_bytes)


@dataclass(slots=True)
class MemoryWatch:
    """Whether the process has been larger than ``most`` bytes for LARGE_SECONDS, freed memory left out."""

    most: int
    size: Callable[[], int] = resident
    clock: Callable[[], float] = time.monotonic
    _since: float | None = field(default=None)

    def too_large(self) -> bool:
        """Look at the process; call it often."""
        if self.size() <= self.most:
            self._since = None
            return False
        now = self.clock()
        if self._since is None:
            self._since = now
        if now - self._since < LARGE_SECONDS:
            return False
        trim_memory(0)
        return self.size() > self.most
