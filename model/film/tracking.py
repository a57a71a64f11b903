"""Which face is which over time, and shares without flicker: plain Python, for any source of boxes.

Nothing of a face is remembered but its last box and its smoothed shares, so that nobody is recognized again: who leaves
the picture for longer than ``GAP`` comes back as another number, and a number says nothing beyond its film. The site's
live mirror does the same in the browser; ``tests/film/tracking_cases.json`` holds both to one behaviour.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

LEAST_OVERLAP = 0.3  # Intersection over union of a face's box with its last one, at least.
GAP = 0.7  # Seconds for which a face may be missed and keeps its number.
TAU = 0.5  # Seconds: the time constant of the smoothing.
HOLD = 0.3  # Seconds for which another label must be ahead until it is the steady one.
ROUNDING = 1e-9  # Times are sums of floats.

Box = Sequence[float]  # x, y, width, height.


@dataclass(frozen=True, slots=True)
class Tracked:
    """One face at one time."""

    number: int  # Its own from 1, never given to another of the same film.
    smoothed: tuple[float, ...]  # The shares, smoothed over time; they add up to what the raw ones do.
    steady: int  # Which share is the largest, without flicker: its place.


class _Track:
    """What is remembered of one face."""

    def __init__(self, number: int, time: float, box: Box, shares: Sequence[float]) -> None:
        self.number, self.seen, self.box = number, time, box
        self.smoothed = tuple(shares)
        self.steady = self.ahead = _largest(self.smoothed)
        self.since = time  # Since when ``ahead`` has been the largest.

    def follow(self, time: float, box: Box, shares: Sequence[float]) -> None:
        weight = 1 - math.exp(-(time - self.seen) / TAU)
        pairs = zip(self.smoothed, shares, strict=True)
        self.smoothed = tuple(old + weight * (new - old) for old, new in pairs)
        self.seen, self.box = time, box
        if (largest := _largest(self.smoothed)) != self.ahead:
            self.ahead, self.since = largest, time
        if time - self.since >= HOLD - ROUNDING:
            self.steady = self.ahead


class FaceTracker:
    """The faces of one film, or of one look into the mirror."""

    def __init__(self, step: float = 0.0) -> None:
        """``step`` is the usual time between two looks in seconds: a face may always be missed for one and a half."""
        self._gap = max(GAP, 1.5 * step)
        self._tracks: list[_Track] = []
        self._last = 0
        self._time = -math.inf

    def update(self, time: float, boxes: Sequence[Box], shares: Sequence[Sequence[float]]) -> list[Tracked]:
        """Return the faces of one look, in the order given.

        Pairs of a face and a known one are made by overlap, largest first; of equal ones the known face with the
        smaller number, then the face that is given first. Raises ValueError if time goes back.
        """
        if time < self._time:
            raise ValueError(f"time goes back from {self._time:g} to {time:g} s")
        self._time = time
        self._tracks = [track for track in self._tracks if time - track.seen <= self._gap + ROUNDING]
        found = self._matched(boxes)
        for place, (box, share) in enumerate(zip(boxes, shares, strict=True)):
            if place in found:
                found[place].follow(time, box, share)
            else:
                self._last += 1
                found[place] = _Track(self._last, time, box, share)
                self._tracks.append(found[place])
        ordered = (found[place] for place in range(len(boxes)))
        return [Tracked(track.number, track.smoothed, track.steady) for track in ordered]

    def _matched(self, boxes: Sequence[Box]) -> dict[int, _Track]:
        """Return which known face each box is, by its place."""
        pairs = [
            (-overlap(track.box, box), track.number, place, track)
            for track in self._tracks
            for place, box in enumerate(boxes)
        ]
        found: dict[int, _Track] = {}
        taken: set[int] = set()
        for less, number, place, track in sorted(pairs, key=lambda pair: pair[:3]):
            if -less >= LEAST_OVERLAP and number not in taken and place not in found:
                found[place] = track
                taken.add(number)
        return found


def overlap(first: Box, second: Box) -> float:
    """Return the intersection over union of two boxes (x, y, width, height); 0 if either is empty."""
    width = min(first[0] + first[2], second[0] + second[2]) - max(first[0], second[0])
    height = min(first[1] + first[3], second[1] + second[3]) - max(first[1], second[1])
    common = max(0.0, width) * max(0.0, height)
    whole = first[2] * first[3] + second[2] * second[3] - common
    return common / whole if whole > 0 else 0.0


def _largest(shares: Sequence[float]) -> int:
    """Return the place of the largest share, the first of equal ones."""
    return max(range(len(shares)), key=lambda place: (shares[place], -place))
