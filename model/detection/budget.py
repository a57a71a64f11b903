"""What the search for faces in one photo may cost: seconds, checked between passes and tiles.

The work itself is bounded, too: pixels of each pass, boxes that each network takes, faces that are kept. On an idle
core no photo takes a tenth of the time; a machine that is overloaded cuts the search short, and the result says where.
"""

from __future__ import annotations

import time
from collections.abc import Callable

SECONDS = 20.0


class Budget:
    """The time of one search, and what was left undone for lack of it."""

    def __init__(self, seconds: float = SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._end = clock() + seconds
        self._undone: dict[str, None] = {}

    @property
    def undone(self) -> tuple[str, ...]:
        """What there was no time for, each once."""
        return tuple(self._undone)

    def allows(self, what: str) -> bool:
        """Return whether there is time for ``what``; if not, it counts as undone."""
        if self._clock() < self._end:
            return True
        self._undone[what] = None
        return False
