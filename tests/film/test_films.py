"""Films by the command line: rows with their own times, numbers that stay, and nothing lost."""

from __future__ import annotations

import csv
import io
import json
import shutil
import signal
from pathlib import Path
from typing import Any

import cv2
import pytest

from model import Recognizer
from model.cli import Models, main
from model.film.reading import read_film
from tests.helpers.film_rows import command, frames_of, rows_of

from .conftest import MakeFilm


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
