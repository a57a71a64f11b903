"""The timeline that is drawn, and films that are written again with boxes; the memory that it takes."""

from __future__ import annotations

import os
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from model.film.frames import Film
from model.film.reading import moments
from tests.helpers.film_rows import command, frames_of, look_away, rows_of
from tests.helpers.films import require_ffmpeg

from .conftest import ROOT, MakeFilm


def test_the_timeline_is_drawn(film: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    assert command(film, "--plot", tmp_path / "t.png", "--out", tmp_path / "o.csv", "--every", "0.5s") == 0
    picture = cv2.imread(str(tmp_path / "t.png"))
    # Two faces: two parts, one above the other, in colours.
    assert picture is not None
    assert picture.shape[0] > 400
    assert np.ptp(picture.astype(int), axis=2).max() > 80


def test_without_matplotlib_a_sentence_says_what_to_install(
    film: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(SystemExit):
        command(film, "--plot", "t.png")
    assert "pip install matplotlib" in capsys.readouterr().err


def is_boxed(frame: Any) -> bool:
    """Whether a frame shows the boxes' yellow."""
    blue, green, red = (frame[..., channel].astype(int) for channel in range(3))
    return bool(np.count_nonzero((red > 200) & (green > 190) & (blue < 120)) > 50)


@pytest.mark.parametrize("with_ffmpeg", [False, True])
def test_the_film_is_written_again_with_boxes(
    film: Path, tmp_path: Path, with_ffmpeg: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not with_ffmpeg:
        monkeypatch.setattr("model.film.annotate.shutil.which", lambda name: None)
    else:
        require_ffmpeg()
    out = tmp_path / "boxes.webm"
    assert command(film, "--annotate", out, "--out", tmp_path / "o.csv") == 0
    boxed = [is_boxed(frame) for frame in frames_of(out)]
    assert len(boxed) == 30
    assert boxed[:9] == [True] * 9
    assert not any(boxed[12:20])
    assert boxed[21:] == [True] * 9
    assert sorted(path.name for path in tmp_path.iterdir()) == ["boxes.webm", "o.csv"]


def test_the_sound_is_kept(ffmpeg: Callable[..., None], film: Path, tmp_path: Path) -> None:
    loud = tmp_path / "loud.mp4"
    ffmpeg("-i", film, "-f", "lavfi", "-i", "sine=duration=3", "-c:v", "libx264", "-c:a", "aac", loud)
    for ending, silent in (("webm", False), ("mp4", False), ("mp4", True)):
        out = tmp_path / f"boxes.{ending}"
        assert command(film if silent else loud, "--annotate", out, "--every", "1s", "--quiet") == 0
        assert (b"OpusHead" in out.read_bytes() or b"mp4a" in out.read_bytes()) != silent


def test_h264_without_ffmpeg_is_named(
    film: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("model.film.annotate.shutil.which", lambda name: None)
    with pytest.raises(SystemExit):
        command(film, "--annotate", "a.mp4")
    assert "needs the program ffmpeg" in capsys.readouterr().err


def test_a_film_that_cannot_be_written_costs_no_row(
    film: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    require_ffmpeg()
    out = tmp_path / "o.jsonl"
    assert command(film, "--annotate", tmp_path / "none" / "a.webm", "--out", out, "--every", "1s") == 2
    assert [row["face"] for row in rows_of(out)] == [1, None, 2]
    assert "cannot write the annotated film" in capsys.readouterr().err


def test_memory_does_not_grow_with_the_film(make_film: MakeFilm, tmp_path: Path) -> None:
    """Python's and NumPy's memory, of films of 2 and of 20 seconds."""
    peaks = []
    for seconds in (2, 20):
        path = make_film(tmp_path / f"{seconds}.webm", [[10 + number % 5] for number in range(10 * seconds)])
        tracemalloc.start()
        with Film(path) as film:
            for moment in moments(film, look_away, 0.1):
                assert moment is not None
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 100_000


@pytest.mark.long
@pytest.mark.skipif(not hasattr(os, "wait4"), reason="this system does not tell a process's memory")
def test_ten_minutes_take_the_memory_of_one(make_film: MakeFilm, tmp_path: Path) -> None:
    peaks = []
    for minutes in (1, 10):
        frames = [[10 + number % 5] for number in range(300 * minutes)]
        path = make_film(tmp_path / f"{minutes}.mp4", frames, "mp4v", rate=5)
        out, plot = tmp_path / f"{minutes}.csv", tmp_path / f"{minutes}.png"
        command = [
            sys.executable,
            "-m",
            "model",
            str(path),
            "--every",
            "1s",
            "--out",
            str(out),
            "--plot",
            str(plot),
        ]
        with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) as program:
            _, status, used = os.wait4(program.pid, 0)
            program.returncode = os.waitstatus_to_exitcode(status)
        assert program.returncode == 0
        assert len(out.read_text(encoding="utf-8").splitlines()) == 1 + 60 * minutes
        peaks.append(used.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3))
    assert peaks[1] - peaks[0] < 10, f"MB: {peaks}"
