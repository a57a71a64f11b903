"""The command line on folders and lists: what is chosen, written, gone on with, and said at the end."""

from __future__ import annotations

import csv
import io
import json
import signal
import sys
from pathlib import Path

import pytest

from model.cli import main
from model.cli.progress import Stop
from tests.model.test_cli import OneFaceReader, call, picture

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "static" / "samples"
PATIENCE = 300  # Seconds for what takes two: the machine may be busy.


class CountingReader(OneFaceReader):
    """Remembers what it was asked to read; after ``enough`` photos somebody presses Ctrl-C."""

    def __init__(self, enough=None):
        self.read, self.enough = [], enough

    def analyze(self, photo, *, rotate=True):
        self.read.append(Path(photo).name)
        if len(self.read) == self.enough:
            signal.raise_signal(signal.SIGINT)
        return super().analyze(photo)


def count(reader, *arguments):
    return main([str(each) for each in arguments], loader=lambda name, detector: reader)


@pytest.fixture
def folder(tmp_path):
    """Six pictures in three folders, one of them broken, and other files."""
    top = tmp_path / "in"
    for name in ("b.png", "a.PNG", "c/d.png", "c/e/f.png", "=HYPERLINK.png"):
        picture(top / name)
    (top / "c" / "broken.jpg").write_text("no picture")
    for name in ("notes.txt", ".hidden.png", "c/._d.png"):
        (top / name).write_text("something else")
    return top


NAMES = ["=HYPERLINK.png", "a.PNG", "b.png", "c/broken.jpg", "c/d.png", "c/e/f.png"]


def names_in(text, folder):
    return [
        Path(json.loads(line)["photo"]).relative_to(folder).as_posix() for line in text.strip().splitlines()
    ]


# --- what is read ------------------------------------------------------------------------------------------


def test_a_folder_is_read_with_those_in_it(folder, capsys):
    assert call("--format", "jsonl", folder) == 1
    printed = capsys.readouterr()
    assert names_in(printed.out, folder) == NAMES
    assert printed.err.startswith("5 photos read, 5 faces, 1 could not be read; ")
    assert call("--format", "jsonl", folder, "--quiet", "--glob", "c/*.png") == 0
    printed = capsys.readouterr()
    assert names_in(printed.out, folder) == ["c/d.png", "c/e/f.png"]
    assert printed.err == ""


@pytest.mark.parametrize("end", ["\n", "\r\n", "\0"])
def test_a_list_names_photos_and_folders(folder, tmp_path, capsys, end):
    names = [str(folder / "b.png"), str(folder / "c"), ""]
    (tmp_path / "list.txt").write_text("\ufeff" + end.join(names), encoding="utf-8", newline="")
    assert call("--format", "jsonl", "--files-from", tmp_path / "list.txt", folder / "a.PNG") == 1
    assert names_in(capsys.readouterr().out, folder) == ["a.PNG", "b.png", *NAMES[3:]]


def test_a_list_comes_from_standard_input(folder, capsys, monkeypatch):
    stdin = io.TextIOWrapper(io.BytesIO(f"{folder / 'b.png'}\n".encode()))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert call("--format", "jsonl", "--files-from", "-") == 0
    assert names_in(capsys.readouterr().out, folder) == ["b.png"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["{folder}", "--glob", "*.tif"], "no picture whose name is like *.tif"),
        (["{folder}/c/e/none"], "no picture"),
        (["a.jpg", "--glob", "*"], "no folder is named"),
        (["--files-from", "{folder}/none.txt"], "cannot be read"),
        (["--files-from", "{folder}/empty.txt"], "names no file"),
        (["--files-from", "-", "-"], "only once"),
        (["a.jpg", "--jobs", "0"], "at least 1"),
        (["a.jpg", "--format", "parquet"], "needs --out FILE"),
        (["a.jpg", "--overwrite"], "about --out"),
        (["a.jpg", "--out", "{folder}"], "is a folder"),
    ],
)
def test_mistakes_are_named(folder, arguments, words, capsys):
    (folder / "c" / "e" / "none").mkdir()
    (folder / "empty.txt").write_text("\n \n")
    with pytest.raises(SystemExit) as end:
        call(*(argument.format(folder=folder) for argument in arguments))
    assert end.value.code == 2
    assert words in capsys.readouterr().err


# --- a file that is gone on with ---------------------------------------------------------------------------


def rows_of(path, kind):
    """Return (photo, face or error) of each row of a file, whatever its format."""
    if kind == "csv":
        rows = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")))
        return [(row["photo"].lstrip("'"), bool(row["error"])) for row in rows]
    if kind == "parquet":
        parquet = pytest.importorskip("pyarrow.parquet")
        return [(row["photo"], bool(row["error"])) for row in parquet.read_table(path).to_pylist()]
    text = path.read_text(encoding="utf-8")
    records = json.loads(text) if kind == "json" else [json.loads(line) for line in text.splitlines()]
    return [(record["photo"], "error" in record) for record in records]


KINDS = ["jsonl", "json", "csv", "parquet"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_stopped_run_leaves_a_whole_file_and_the_next_goes_on(folder, tmp_path, kind, capsys):
    if kind == "parquet":
        pytest.importorskip("pyarrow")
    # A photo whose name a spreadsheet would take for a formula is among them.
    out, whole = tmp_path / f"out.{kind}", tmp_path / f"whole.{kind}"
    assert count(CountingReader(), folder, "--out", whole) == 1
    assert count(CountingReader(enough=2), folder, "--out", out) == 130
    line = capsys.readouterr().err.splitlines()[-1]
    assert line.endswith("stopped after 2 of 6 photos; the same command goes on from there")
    assert [Path(name).name for name, _ in rows_of(out, kind)] == ["=HYPERLINK.png", "a.PNG"]
    reader = CountingReader()
    assert count(reader, folder, "--out", out) == 1
    assert reader.read == ["b.png", "broken.jpg", "d.png", "f.png"]
    assert rows_of(out, kind) == rows_of(whole, kind)
    assert "2 were there already" in capsys.readouterr().err
    again = CountingReader()
    before = out.read_bytes()
    assert count(again, folder, "--out", out) == 0
    assert again.read == []
    assert kind == "parquet" or out.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["in", out.name, whole.name])


@pytest.mark.parametrize("kind", ["jsonl", "json", "csv"])
@pytest.mark.parametrize("cut", [1, 5, 60])
def test_a_run_that_was_killed_in_the_middle_of_a_line_is_gone_on_with(folder, tmp_path, kind, cut):
    out, whole = tmp_path / f"out.{kind}", tmp_path / f"whole.{kind}"
    assert count(CountingReader(), folder, "--out", whole) == 1
    content = whole.read_bytes().removesuffix(b"\n]\n")
    out.write_bytes(content[:-cut])
    reader = CountingReader()
    assert count(reader, folder, "--out", out) == 0
    assert "f.png" in reader.read
    assert rows_of(out, kind) == rows_of(whole, kind)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.skipif(sys.platform == "win32", reason="names are text there")
def test_a_name_that_is_no_text_is_not_read_twice(tmp_path, kind):
    if kind == "parquet":
        pytest.importorskip("pyarrow")
    picture(tmp_path / "in" / "r\udcff.png")
    picture(tmp_path / "in" / "z\u2028.png")
    for expected in (["r\udcff.png", "z\u2028.png"], []):
        reader = CountingReader()
        assert count(reader, tmp_path / "in", "--out", tmp_path / f"out.{kind}") == 0
        assert reader.read == expected


def test_stages_of_an_earlier_run_are_no_photos(folder, capsys):
    for _ in range(2):
        assert call(folder, "--stages", folder / "stages", "--format", "jsonl") == 1
        assert names_in(capsys.readouterr().out, folder) == NAMES


@pytest.mark.parametrize("content", ["", "[\n", "photo,face"])
def test_a_file_with_next_to_nothing_in_it_is_begun_anew(folder, tmp_path, content):
    out = tmp_path / ("out.csv" if "," in content else "out.json")
    out.write_text(content)
    assert count(CountingReader(), folder / "b.png", "--out", out) == 0
    assert len(rows_of(out, out.suffix[1:])) == 1


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("out.jsonl", '{"photo": "a", "model": {"name": "deep"}}\n', "answers of the model deep"),
        ("out.jsonl", "shopping list\n", "no object with “photo”"),
        ("out.json", '{"a": 1}\n', "not an array"),
        ("out.csv", "name,emotion\n", "columns are others"),
        ("out.txt", "a table\n", "a table is for reading"),
    ],
)
def test_a_file_of_something_else_is_not_touched(folder, tmp_path, name, content, words, capsys):
    out = tmp_path / name
    out.write_text(content)
    with pytest.raises(SystemExit) as end:
        call(folder, "--out", out)
    assert end.value.code == 2
    printed = capsys.readouterr().err
    assert words in printed
    assert "--overwrite" in printed
    assert out.read_text() == content
    assert call(folder, "--out", out, "--overwrite") == 1
    assert out.read_text() != content


def test_parquet_of_something_else_is_not_touched(folder, tmp_path, capsys):
    pytest.importorskip("pyarrow")
    out = tmp_path / "out.parquet"
    out.write_text("no Parquet")
    with pytest.raises(SystemExit):
        call(folder, "--out", out)
    assert "no Parquet file" in capsys.readouterr().err
    assert out.read_text() == "no Parquet"


def test_parquet_without_pyarrow_says_what_to_install(folder, tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(SystemExit) as end:
        call(folder, "--out", tmp_path / "out.parquet")
    assert end.value.code == 2
    assert "pip install pyarrow" in capsys.readouterr().err


def test_parquet_has_numbers_and_no_text_for_them(folder, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    assert call(folder, "--out", tmp_path / "out.parquet", "--quiet") == 1
    table = parquet.read_table(tmp_path / "out.parquet")
    types = dict(zip(table.column_names, map(str, table.schema.types), strict=True))
    assert (types["face"], types["happy"], types["confident"], types["emotion"]) == (
        "int32",
        "double",
        "bool",
        "string",
    )
    assert table.column("happy").to_pylist()[0] == pytest.approx(0.85, abs=1e-6)
    assert table.column("face").to_pylist()[3] is None


def test_no_cell_is_a_formula_to_a_spreadsheet(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = ["=1+1.png", "+1.png", "@a.png", "'=a.png", "a=b.png"]
    for name in names:
        picture(tmp_path / name)
    assert call("--format", "csv", "--quiet", *names) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["photo"] for row in rows] == ["'=1+1.png", "'+1.png", "'@a.png", "''=a.png", "a=b.png"]
    # Numbers are left alone, those below zero too.
    assert float(rows[0]["x"]) == 10.0


def test_a_second_ctrl_c_ends_it_at_once():
    with Stop() as stop:
        signal.raise_signal(signal.SIGTERM)
        assert stop.code == 143
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
