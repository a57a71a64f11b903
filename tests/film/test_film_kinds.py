"""Films of many kinds: codecs, rates, rotations."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from model.film.frames import Film
from model.film.reading import moments
from tests.helpers.film_rows import look_away, times

from .conftest import MakeFilm


@pytest.mark.parametrize(
    ("code", "ending"), [("VP80", "webm"), ("mp4v", "mp4"), ("mp4v", "mov"), ("MJPG", "avi")]
)
def test_opencvs_codecs_are_read(make_film: MakeFilm, tmp_path: Path, code: str, ending: str) -> None:
    path = make_film(tmp_path / f"film.{ending}", [[]] * 20, code)
    assert times(path, 0.5) == pytest.approx([0, 0.5, 1, 1.5], abs=0.01)


@pytest.mark.parametrize(
    ("codec", "ending"),
    [
        ("libx264", "mp4"),
        ("libx265", "mp4"),
        ("libvpx-vp9", "mkv"),
        ("libsvtav1", "mp4"),
        ("mpeg2video", "ts"),
    ],
)
def test_ffmpegs_codecs_are_read(
    ffmpeg: Callable[..., None], tmp_path: Path, codec: str, ending: str
) -> None:
    path = tmp_path / f"film.{ending}"
    ffmpeg(
        "-f",
        "lavfi",
        "-i",
        "testsrc=size=128x96:rate=25:duration=2",
        "-c:v",
        codec,
        "-pix_fmt",
        "yuv420p",
        path,
    )
    assert times(path, 0.5) == pytest.approx([0, 0.5, 1, 1.5], abs=0.05)


def test_a_variable_rate_keeps_its_own_times(ffmpeg: Callable[..., None], tmp_path: Path) -> None:
    path = tmp_path / "variable.mp4"
    # 25 frames a second, of which those of the second second are left out but for its last.
    kept = "select='not(between(n,25,48))'"
    ffmpeg(
        *("-f", "lavfi", "-i", "testsrc=size=128x96:rate=25:duration=3", "-vf", kept, "-fps_mode", "vfr"),
        path,
    )
    assert times(path, 0.5) == pytest.approx([0, 0.5, 1.96, 2.0, 2.5], abs=0.03)
    # No look is made up for the time without frames, and the next are again at their times.
    assert len(times(path, 0)) == 51


# The matrix of a track's header for a film that is to be turned clockwise by so much, 16.16 fixed point.
MATRICES = {90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}


def rotate(path: Path, degrees: int) -> None:
    """Write the rotation into an MP4, as a phone does that is held upright."""
    a, b, c, d = (value << 16 for value in MATRICES[degrees])
    content = bytearray(path.read_bytes())
    matrix = content.index(b"tkhd") + 4 + 40
    struct.pack_into(">9i", content, matrix, a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(content)


@pytest.mark.parametrize("degrees", MATRICES)
def test_a_rotated_film_is_upright(make_film: MakeFilm, tmp_path: Path, degrees: int) -> None:
    path = make_film(tmp_path / "film.mp4", [[80]] * 3, "mp4v")
    frames = []
    for rotated in (False, True):
        if rotated:
            rotate(path, degrees)
        with Film(path) as film:
            next(film.frames())
            frames.append(film.pixels())
    plain, turned = frames
    assert turned.shape == ((320, 240, 3) if degrees != 180 else (240, 320, 3))
    assert np.array_equal(np.rot90(plain, -degrees // 90), turned)


def test_a_film_without_time_stamps_has_those_of_its_rate(
    ffmpeg: Callable[..., None], tmp_path: Path
) -> None:
    raw, path = tmp_path / "raw.h264", tmp_path / "raw.avi"
    ffmpeg("-f", "lavfi", "-i", "testsrc=size=128x96:rate=25:duration=1", "-c:v", "libx264", "-bf", 0, raw)
    ffmpeg("-r", 25, "-i", raw, "-c", "copy", path)
    assert times(path) == pytest.approx([0, 0.2, 0.4, 0.6, 0.8], abs=0.05)


def test_every_frame_can_be_looked_at(film: Path) -> None:
    assert times(film, 0) == pytest.approx([number / 10 for number in range(30)], abs=0.002)
    with Film(film) as opened, pytest.raises(ValueError, match="not every -1"):
        next(moments(opened, look_away, -1))
