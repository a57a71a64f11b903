"""Films by the command line and without: the rows that come out, the times of the looks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2

from model.cli import main
from model.film.frames import Film
from model.film.reading import moments

Rows = list[dict[str, Any]]


def command(*arguments: object) -> int:
    return main([str(each) for each in arguments])


def rows_of(path: Path) -> Rows:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def times(path: Path, every: float = 0.2) -> list[float]:
    """The times of the looks at a film, without anybody looking."""
    with Film(path) as film:
        return [round(film.time, 3) for moment in moments(film, look_away, every) if moment]


def look_away(pixels: Any) -> Any:
    from model.types import Analysis, ModelIdentity, Photo, Timings

    return Analysis(Photo(pixels), (), Timings(0, 0, 0), ModelIdentity("none", "0"))


def frames_of(path: Path) -> list[Any]:
    capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    frames: list[Any] = []
    while True:
        there, frame = capture.read()
        if not there:
            return frames
        frames.append(frame)
