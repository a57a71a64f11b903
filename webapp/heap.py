"""Give memory that is free again back to the system, where that is Linux with glibc.

The C library keeps what photos took for the next ones, in pieces that seldom fit: under load a third of a worker.
"""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

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
