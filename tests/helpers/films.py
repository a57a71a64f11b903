"""A film for the examples in docstrings and documents: the sample portrait, for a second."""

from __future__ import annotations

from pathlib import Path

import cv2
import pytest

SAMPLE = Path(__file__).resolve().parents[2] / "static" / "samples" / "astronaut.jpg"


def make_example_film(path: Path, seconds: float = 1.0) -> None:
    """Write it with OpenCV's VP9, 10 frames a second; skip the test where there is no such codec."""
    picture = cv2.imread(str(SAMPLE))
    assert picture is not None
    writer = cv2.VideoWriter(
        str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"VP90"), 10, picture.shape[1::-1]
    )
    if not writer.isOpened():
        pytest.skip("OpenCV cannot write VP9 here")
    for _ in range(round(10 * seconds)):
        writer.write(picture)
    writer.release()
