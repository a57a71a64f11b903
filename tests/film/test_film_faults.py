"""What is wrong with a film, or with what is asked of it, is named."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from model.film.frames import Film, FilmError, is_film
from tests.helpers.film_rows import command, rows_of

from .conftest import MakeFilm


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
