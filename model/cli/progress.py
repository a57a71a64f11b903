"""How far it has come: a bar on a terminal, a line at the end, and what to do about Ctrl-C."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from tqdm import tqdm

from .options import INTERRUPTED, TERMINATED


class Progress:
    """Counts what is read; a bar with the time left on standard error where that is a terminal."""

    def __init__(self, total: float | None, unit: str, *, shown: bool) -> None:
        self._bar = tqdm(
            total=total,
            unit=f" {unit}s",
            file=sys.stderr,
            disable=not (shown and sys.stderr.isatty()),
            dynamic_ncols=True,
            smoothing=0.1,
        )
        self._started = time.monotonic()
        self.unit = unit
        self.count = self.faces = self.refused = self.already = 0

    def skip(self, already: int) -> None:
        """Count what an earlier run has read."""
        self.already = already
        self._bar.update(already)
        self._bar.unpause()

    def step(self, faces: int, refused: bool, by: float = 1) -> None:
        """Count one photo, or ``by`` seconds of a film."""
        self.count += 1
        self.faces += faces
        self.refused += refused
        self._bar.update(by)

    def add(self, count: int, faces: int, refused: int) -> None:
        """Count several photos."""
        self.count += count
        self.faces += faces
        self.refused += refused
        self._bar.update(count)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Keep the bar off the terminal while something else is printed there."""
        if self._bar.disable or not sys.stdout.isatty():
            yield
            return
        self._bar.clear()
        yield
        self._bar.refresh()

    def close(self) -> None:
        self._bar.close()

    def expect(self, total: float | None) -> None:
        """Say how much there is, once that is known."""
        self._bar.total = total
        self._bar.refresh()

    def seconds(self) -> float:
        """Return how long it has taken."""
        return time.monotonic() - self._started

    def summary(self) -> str:
        """Return the line at the end."""
        seconds = self.seconds()
        parts = [f"{counted(self.count - self.refused, self.unit)} read", counted(self.faces, "face")]
        if self.refused:
            parts.append(f"{self.refused:,} could not be read")
        if self.already:
            parts.append(f"{self.already:,} were there already")
        speed = f" ({self.count / seconds:.1f} a second)" if seconds > 0 and self.count else ""
        return f"{', '.join(parts)}; {seconds:.1f} s{speed}"


def counted(number: int, noun: str) -> str:
    """Return the number and the noun, in the plural if need be."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


class Stop:
    """Turns the first Ctrl-C, or a SIGTERM, into a wish to stop that is granted between two photos.

    So the output is whole. A second Ctrl-C raises KeyboardInterrupt at once.
    """

    def __init__(self) -> None:
        self.code: int | None = None  # The exit code, once somebody wants to stop.
        self._before: dict[int, object] = {}

    def __enter__(self) -> Stop:
        # Only the main thread may, and only there signals arrive.
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._wish)
        return self

    def __exit__(self, *error: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # it is what signal.signal gave

    def _wish(self, number: int, frame: FrameType | None) -> None:
        if self.code is not None:
            raise KeyboardInterrupt
        self.code = INTERRUPTED if number == signal.SIGINT else TERMINATED
