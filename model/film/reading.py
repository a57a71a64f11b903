"""Read a film: look at its faces every so often, number them, smooth their shares."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..geometry import Pixels
from ..recognizer import Recognizer
from ..types import Analysis, FaceResult
from .frames import Film
from .tracking import FaceTracker

EVERY = 0.2  # Seconds from one look to the next.

Look = Callable[[Pixels], Analysis]


@dataclass(frozen=True, slots=True, eq=False)
class FilmFace:
    """One face at one time."""

    number: int  # The same as long as it is followed; from 1 in each film.
    reading: FaceResult  # Of this frame alone.
    smoothed: dict[str, float]  # The shares, smoothed over time.
    steady: str  # The label, without flicker.


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """What a look saw."""

    time: float  # Seconds since the film's beginning, by its own time stamps.
    faces: tuple[FilmFace, ...]  # Empty where there is none.
    pixels: Pixels  # Of the frame, RGB uint8 (height, width, 3), upright.
    analysis: Analysis


def read_film(
    recognizer: Recognizer, path: str | os.PathLike[str], *, every: float = EVERY
) -> Iterator[Moment]:
    """Yield what a look every so many seconds sees in a film; 0 looks at each frame.

    Memory does not grow with the film, as long as moments are not kept. Raises FilmError, if need be after the moments
    up to the place from which on the film cannot be read, and ValueError for a time below 0.

    >>> from facevalue import Recognizer
    >>> from facevalue.film.reading import read_film
    >>> for moment in read_film(Recognizer.load(), "film.webm", every=0.5):
    ...     print(moment.time, [(face.number, face.steady) for face in moment.faces])
    0.0 [(1, 'happy')]
    0.5 [(1, 'happy')]
    """
    with Film(path) as film:
        for moment in moments(film, recognizer.look, every):
            if moment is not None:
                yield moment


def moments(film: Film, look: Look, every: float = EVERY) -> Iterator[Moment | None]:
    """Yield, for each frame of an open film, what is seen in it; None: nobody looked at it. Raises FilmError."""
    if every < 0:
        raise ValueError(f"a look comes every so many seconds, not every {every:g}")
    tracker = FaceTracker(every)
    looks = 0
    for time in film.frames():
        # Half a frame early is nearer than half a frame late.
        if every and time < looks * every - 0.5 / film.rate:
            yield None
            continue
        looks = int((time + 0.5 / film.rate) / every) + 1 if every else 0
        pixels = film.pixels()
        yield _moment(time, pixels, look(pixels), tracker)


def _moment(time: float, pixels: Pixels, analysis: Analysis, tracker: FaceTracker) -> Moment:
    """Number the faces of a frame and smooth their shares."""
    # Where the Haar cascade finds none, the whole picture stands in; that is no face.
    readings = [reading for reading in analysis.faces if reading.source == "detected"]
    shares = [[float(share) for share in reading.prediction.probabilities] for reading in readings]
    tracked = tracker.update(time, [reading.box for reading in readings], shares)
    faces = []
    for reading, face in zip(readings, tracked, strict=True):
        labels = reading.prediction.labels
        smoothed = dict(zip(labels, face.smoothed, strict=True))
        faces.append(FilmFace(face.number, reading, smoothed, labels[face.steady]))
    return Moment(time, tuple(sorted(faces, key=lambda face: face.number)), pixels, analysis)
