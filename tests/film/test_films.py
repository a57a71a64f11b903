"""Films of many kinds and faults: their own times, numbers that stay, named errors, and nothing lost."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import signal
import struct
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from model import Recognizer
from model.cli import Models, main
from model.film.frames import Film, FilmError, is_film
from model.film.reading import moments, read_film

from .conftest import ROOT, MakeFilm

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


# --- what comes out ----------------------------------------------------------------------------------------


def test_a_row_for_each_face_and_time_and_for_a_time_without(film: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    assert command(film, "--out", out, "--every", "0.5s") == 0
    rows = rows_of(out)
    assert [row["time"] for row in rows] == pytest.approx([0, 0.5, 1.0, 1.5, 2.0, 2.5], abs=0.001)
    # The last frame before 0.5 s is as near as the one after: looks are taken at the first.
    assert [row["face"] for row in rows] == [1, 1, None, None, 2, 2]
    first = rows[0]
    assert first["emotion"] == first["steady_emotion"] == "happy"
    assert first["smoothed"] == first["probabilities"]
    assert sum(rows[1]["smoothed"].values()) == pytest.approx(1, abs=1e-4)
    x, y, width, height = first["box"]
    assert 20 < x < x + width < 180
    assert 40 < y < y + height < 200
    assert "probabilities" not in rows[2]


def test_csv_has_the_same_rows_with_raw_and_smoothed_shares(
    film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(film, "--format", "csv", "--every", "1s", "--quiet") == 0
    printed = capsys.readouterr()
    rows = list(csv.DictReader(io.StringIO(printed.out)))
    assert [(row["time"], row["face"]) for row in rows] == [("0.0", "1"), ("1.0", ""), ("2.0", "2")]
    assert float(rows[0]["happy"]) == float(rows[0]["smoothed_happy"]) > 0.5
    assert rows[1]["happy"] == rows[1]["smoothed_happy"] == ""
    assert rows[1]["model"] == "attention_cnn_people"
    assert printed.err == ""


def test_two_faces_keep_their_numbers(make_film: MakeFilm, tmp_path: Path) -> None:
    path = make_film(tmp_path / "two.webm", [[0, 160]] * 6 + [[160]] * 4 + [[0, 160]] * 4)
    film = list(read_film(Recognizer.load(), path))
    seen = [
        [face.number for face in sorted(moment.faces, key=lambda face: face.reading.box[0])]
        for moment in film
    ]
    first, second = seen[0]
    assert {first, second} == {1, 2}
    assert seen == [[first, second]] * 3 + [[second]] * 2 + [[first, second]] * 2


def test_numbers_begin_anew_with_each_film(film: Path, tmp_path: Path) -> None:
    shutil.copy(film, tmp_path / "again.webm")
    out = tmp_path / "out.jsonl"
    assert command(film, tmp_path / "again.webm", "--out", out, "--every", "1s") == 0
    assert [(Path(row["film"]).name, row["face"]) for row in rows_of(out)] == [
        *(("film.webm", face) for face in (1, None, 2)),
        *(("again.webm", face) for face in (1, None, 2)),
    ]


def test_haars_whole_picture_is_no_face(make_film: MakeFilm, tmp_path: Path) -> None:
    path = make_film(tmp_path / "empty.webm", [[]] * 3)
    out = tmp_path / "out.jsonl"
    assert command(path, "--detector", "haar", "--out", out) == 0
    assert [row["face"] for row in rows_of(out)] == [None, None]


@pytest.mark.parametrize("kind", ["json", "csv", "parquet"])
def test_a_film_that_was_left_in_its_middle_is_read_anew(film: Path, tmp_path: Path, kind: str) -> None:
    if kind == "parquet":
        pytest.importorskip("pyarrow")
    out, whole = tmp_path / f"out.{kind}", tmp_path / f"whole.{kind}"
    shutil.copy(film, tmp_path / "b.webm")
    assert command(film, tmp_path / "b.webm", "--out", whole, "--every", "1s", "--quiet") == 0
    if kind == "parquet":
        assert command(film, "--out", out, "--every", "1s", "--quiet") == 0
    else:
        out.write_bytes(whole.read_bytes()[:-150])
    assert command(film, tmp_path / "b.webm", "--out", out, "--every", "1s", "--quiet") == 0
    if kind == "parquet":
        parquet = pytest.importorskip("pyarrow.parquet")
        assert parquet.read_table(out).num_rows == 6
    else:
        assert out.read_bytes() == whole.read_bytes()


class StoppingReader(Models):
    """Presses Ctrl-C during the third look."""

    looks = 0

    def look(self, pixels: Any) -> Any:
        self.looks += 1
        if self.looks == 3:
            signal.raise_signal(signal.SIGINT)
        return super().look(pixels)


def test_ctrl_c_leaves_rows_timeline_and_film_as_far_as_they_came(
    film: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib")
    out, plot, boxes = tmp_path / "o.json", tmp_path / "t.png", tmp_path / "b.webm"
    arguments = [film, "--out", out, "--plot", plot, "--annotate", boxes, "--every", "0.5s"]
    assert main([str(each) for each in arguments], loader=lambda *given: StoppingReader(*given)) == 130
    assert [row["time"] for row in json.loads(out.read_text(encoding="utf-8"))] == pytest.approx(
        [0, 0.5, 1], abs=0.01
    )
    assert cv2.imread(str(plot)) is not None
    assert 9 <= len(frames_of(boxes)) <= 12
    line = capsys.readouterr().err.splitlines()[-1]
    assert line.endswith("at 1.0 s; the same command reads it again")


# --- kinds of films ----------------------------------------------------------------------------------------


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


# --- faults ------------------------------------------------------------------------------------------------


def test_a_film_that_is_cut_off_gives_what_there_is_and_says_so(
    make_film: MakeFilm, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = make_film(tmp_path / "whole.avi", [[20]] * 80, "MJPG")
    cut = tmp_path / "cut.avi"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    out = tmp_path / "out.jsonl"
    assert command(cut, "--out", out, "--every", "1s") == 1
    *read, last = rows_of(out)
    assert len(read) >= 3
    assert all(row["face"] == 1 for row in read)
    assert last["time"] == read[-1]["time"]
    assert "it says that it lasts 8.0 s: it is cut off or damaged" in last["error"]
    assert "cut off or damaged" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\0\0\0\x20ftypisom" + b"\0" * 500, "cannot be opened"),
        (b"\x1aE\xdf\xa3" + b"\0" * 500, "cannot be opened"),
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "is no film"),
        (b"text", "is no film"),
    ],
)
def test_what_is_no_film_is_named(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "film.mp4").write_bytes(content)
    with pytest.raises(FilmError, match=words) as error:
        Film(tmp_path / "film.mp4")
    assert error.value.message.endswith(".")


def test_what_is_no_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FilmError, match="No such file"):
        Film(tmp_path / "nothing.mp4")
    if not hasattr(os, "mkfifo"):
        return
    os.mkfifo(tmp_path / "endless.mp4")
    with pytest.raises(FilmError, match="is no file"):
        Film(tmp_path / "endless.mp4")


def test_photos_are_told_from_films(film: Path, portrait_jpeg: bytes, empty_png: bytes) -> None:
    assert is_film(film.read_bytes()[:400])
    for photo in (
        portrait_jpeg,
        empty_png,
        b"RIFF\0\0\0\0WEBPVP8 ",
        b"\0\0\0\x1cftypheic",
        b"GIF89a" + b"G" * 300,
    ):
        assert not is_film(photo[:400])


def test_a_film_with_frames_that_are_too_large_is_named(film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model.film.frames.MOST_PIXELS", 1000)
    with pytest.raises(FilmError, match="320 × 240 pixels, and at most"):
        Film(film)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["{film}", "{photo}"], "read them by two commands"),
        (["{photo}", "--every", "1s"], "--every is for films"),
        (["{film}", "--stages", "out"], "--stages is for photos"),
        (["{film}", "--jobs", "2"], "--jobs is for photos"),
        (["{film}", "--model", "all"], "by one model"),
        (["{film}", "{film}", "--plot", "a.png"], "of one film"),
        (["{film}", "--plot", "a.bmp"], "ends with .png"),
        (["{film}", "--annotate", "a.gif"], "ends with .webm"),
        (["nothing.mp4", "--every", "1s"], "there is no file nothing.mp4"),
        (["{film}", "--every", "often"], "not 'often'"),
        (["{film}", "--every", "0s"], "not '0s'"),
    ],
)
def test_mistakes_are_named(
    film: Path, arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    photo = Path(__file__).resolve().parents[2] / "static" / "samples" / "astronaut.jpg"
    with pytest.raises(SystemExit) as end:
        command(*(each.format(film=film, photo=photo) for each in arguments))
    assert end.value.code == 2
    assert words in capsys.readouterr().err


# --- pictures and films that are made ----------------------------------------------------------------------


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


def frames_of(path: Path) -> list[Any]:
    capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    frames: list[Any] = []
    while True:
        there, frame = capture.read()
        if not there:
            return frames
        frames.append(frame)


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
    elif not shutil.which("ffmpeg"):
        pytest.skip("the program ffmpeg is not on the path")
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
    if not shutil.which("ffmpeg"):
        pytest.skip("the program ffmpeg is not on the path")
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
