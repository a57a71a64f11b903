"""Statistics of one request for log and metrics: counts and times."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from flask import g, has_request_context

from model import Analysis

FACES_A_UNIT = 10  # Faces that count as one photo more for the rate limit.


@dataclass(slots=True)
class RequestStats:
    """Counts and times of one request."""

    photos: int = 0  # Photos analysed, with or without a face.
    without_face: int = 0  # Those of them without a face.
    refused: int = 0  # Photos refused with a PhotoError.
    faces: int = 0  # Faces in all photos.
    pixels: int = 0  # Pixels of all photos, at the size of their files.
    units: int = (
        0  # For the rate limit: one for each analysed photo, and one for each FACES_A_UNIT faces of it.
    )
    cpu: float = 0.0  # Seconds of processor time that the photos took.
    # Seconds by stage: wait (for an inference slot), decode, detect, classify.
    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))

    def add_analysis(self, analysis: Analysis) -> None:
        """Add an analysed photo."""
        width, height = analysis.photo.full_size or analysis.photo.pixels.shape[1::-1]
        self.photos += 1
        self.pixels += width * height
        self.faces += len(analysis.faces)
        self.units += 1 + len(analysis.faces) // FACES_A_UNIT
        self.without_face += not analysis.faces
        times = analysis.timings_ms
        self.seconds["decode"] += times.decode / 1000
        self.seconds["detect"] += times.detect / 1000
        self.seconds["classify"] += times.classify / 1000


def current_stats() -> RequestStats:
    """This request's statistics; a throw-away object outside a request."""
    if not has_request_context():
        return RequestStats()
    if "request_stats" not in g:
        g.request_stats = RequestStats()
    stats: RequestStats = g.request_stats
    return stats
