"""The timeline of a film: the smoothed shares of each face over time, by matplotlib, which is optional."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from pathlib import Path

from .reading import Moment
from .tracking import GAP

FACES = 8  # Of a picture: those that are seen longest.
POINTS = 4_000  # Of one face; a longer film keeps every second of them, again and again.
ENDINGS = (".png", ".svg", ".pdf")
WIDTH, HEIGHT = 11.0, 2.2  # Inches, of each face's part.


class MissingMatplotlib(Exception):
    """matplotlib is not installed; the message says what to do."""


class _Line:
    """The smoothed shares of one face; memory is bounded."""

    def __init__(self, labels: int) -> None:
        self.times = array("d")
        self.shares = [array("f") for _ in range(labels)]
        self.stride = self.skipped = 0
        self.looks = 0

    def add(self, time: float, shares: Sequence[float]) -> None:
        self.looks += 1
        self.skipped += 1
        if self.skipped <= self.stride:
            return
        self.skipped = 0
        self.times.append(time)
        for line, share in zip(self.shares, shares, strict=True):
            line.append(share)
        if len(self.times) >= POINTS:
            self.times = self.times[::2]
            self.shares = [line[::2] for line in self.shares]
            self.stride = 2 * self.stride + 1


class Timeline:
    """Collects what a film's moments say, and draws it."""

    def __init__(self, name: str, every: float) -> None:
        """Raise MissingMatplotlib before anything is read."""
        try:
            import matplotlib.figure  # noqa: F401  # whether it is there
        except ImportError as error:
            raise MissingMatplotlib(
                "a timeline needs matplotlib, which is not installed: pip install matplotlib"
            ) from error
        self._name, self._every = name, every
        self._labels: tuple[str, ...] = ()
        self._lines: dict[int, _Line] = {}
        self._end = 0.0

    def add(self, moment: Moment) -> None:
        self._end = moment.time
        for face in moment.faces:
            self._labels = tuple(face.smoothed)
            line = self._lines.setdefault(face.number, _Line(len(self._labels)))
            line.add(moment.time, list(face.smoothed.values()))

    def save(self, path: Path) -> None:
        """Draw it: a part for each face, a line for each expression. Raises OSError."""
        from matplotlib.figure import Figure

        longest = sorted(self._lines, key=lambda number: -self._lines[number].looks)[:FACES]
        shown = sorted(longest)
        figure = Figure(figsize=(WIDTH, 1.0 + HEIGHT * max(1, len(shown))), layout="constrained")
        parts = figure.subplots(max(1, len(shown)), sharex=True, squeeze=False)[:, 0]
        more = len(self._lines) - len(shown)
        beside = f" ({more} more faces, seen for a shorter time, are left out)" if more else ""
        # A name is shown as it is: $ would begin a formula.
        figure.suptitle(Path(self._name).name.replace("$", r"\$") + beside)
        for part, number in zip(parts, shown, strict=False):
            self._draw(part, number)
        if shown:
            parts[0].legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
        else:
            parts[0].text(0.5, 0.5, "no face found", ha="center", transform=parts[0].transAxes)
        parts[0].set_xlim(0, max(self._end, self._every, 0.1))
        parts[-1].set_xlabel("seconds")
        figure.savefig(path, dpi=110)

    def _draw(self, part: object, number: int) -> None:
        line = self._lines[number]
        # Where a face was away, its line is broken and not drawn across.
        gap = max(GAP, 1.5 * self._every * (line.stride + 1), 1.5 * self._end * line.stride / POINTS)
        times: list[float] = []
        places: list[int | None] = []
        for place, time in enumerate(line.times):
            if times and time - times[-1] > gap:
                times.append(time)
                places.append(None)
            times.append(time)
            places.append(place)
        for label, shares in zip(self._labels, line.shares, strict=True):
            values = [float("nan") if place is None else shares[place] for place in places]
            part.plot(times, values, label=label, linewidth=1.6)  # type: ignore[attr-defined]  # matplotlib's axes
        part.set_ylim(-0.03, 1.03)  # type: ignore[attr-defined]
        part.set_ylabel(f"face {number}")  # type: ignore[attr-defined]
        part.grid(alpha=0.3)  # type: ignore[attr-defined]
