"""Films that tests make, with the program ffmpeg; for the examples in docstrings, the sample portrait for a second."""

from __future__ import annotations

import shutil
import subprocess
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


def require_ffmpeg() -> str:
    """Return the program's path, or skip the test where there is none."""
    program = shutil.which("ffmpeg")
    if program is None:
        pytest.skip("the program ffmpeg is not on the path")
    return program


def run_ffmpeg(*arguments: object) -> None:
    """Run ffmpeg; skip the test where it or its encoder is missing."""
    command = [require_ffmpeg(), "-hide_banner", "-v", "error", "-y", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, timeout=120)
    if b"fps_mode" in done.stderr:
        # What it was called before.
        command[command.index("-fps_mode")] = "-vsync"
        done = subprocess.run(command, capture_output=True, timeout=120)
    if b"Unknown encoder" in done.stderr:
        pytest.skip(f"this ffmpeg lacks an encoder: {done.stderr.decode().splitlines()[0]}")
    assert done.returncode == 0, done.stderr
