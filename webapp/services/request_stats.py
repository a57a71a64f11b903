"""What one request did, for the log and the figures: numbers only, nothing of what was in the photos."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import g, has_request_context

from model import Analysis

STAGES = ("wait", "decode", "detect", "classify")


@dataclass(slots=True)
class Work:
    """Photos read and refused, faces found, the pixels of all photos, and seconds for each of ``STAGES``."""

    photos: int = 0
    without_face: int = 0
    refused: int = 0
    faces: int = 0
    pixels: int = 0
    seconds: dict[str, float] = field(default_factory=dict)

    def waited(self, seconds: float) -> None:
        """Add the time that a photo waited for its turn."""
        self._add("wait", seconds)

    def read(self, analysis: Analysis) -> None:
        """Add a photo that was walked through all stages."""
        width, height = analysis.photo.original_size
        self.photos += 1
        self.pixels += width * height
        self.faces += len(analysis.faces)
        self.without_face += not analysis.faces
        times = analysis.timings_ms
        for stage, milliseconds in (
            ("decode", times.decode),
            ("detect", times.detect),
            ("classify", times.classify),
        ):
            self._add(stage, milliseconds / 1000)

    def _add(self, stage: str, seconds: float) -> None:
        self.seconds[stage] = self.seconds.get(stage, 0.0) + seconds


def current_work() -> Work:
    """Return what the current request has done so far; outside of one, something that nobody looks at."""
    if not has_request_context():
        return Work()
    if "work" not in g:
        g.work = Work()
    work: Work = g.work
    return work
