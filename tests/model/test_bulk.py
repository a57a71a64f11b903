"""Bulk runs: what is listed, what a folder holds, how a run goes on, and mistakes in the command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from model.bulk.cluster import PHOTOS_A_TASK, chunks_of
from model.bulk.errors import BulkError
from model.bulk.folder import Counts, Folder, Job, reserved
from model.bulk.reading import OtherVersion, Setup, load, read_photos, refused
from model.bulk.run import run
from model.bulk.sources import list_photos
from model.cli import main
from model.output.tables import csv_header
from model.recognizer import DEFAULT_MODEL
from model.store.files import SAVED
from model.store.metadata import Metadata

ROOT = Path(__file__).resolve().parents[2]
METADATA = Metadata.load(SAVED / DEFAULT_MODEL)
LABELS = METADATA.labels
COLUMNS = tuple(csv_header(LABELS))
JOB = Job("in", None, DEFAULT_MODEL, METADATA.version, "mtcnn", COLUMNS)
NAMES = [f"/photos/{number:02}.jpg" for number in range(20)]


# --- what is listed ----------------------------------------------------------------------------------------


def test_a_folder_is_listed_with_those_in_it(tmp_path):
    for name in ("b.jpg", "a.PNG", "deep/c.webp", "deep/._d.jpg", "__MACOSX/e.jpg", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    assert list_photos(str(tmp_path)) == [str(tmp_path / name) for name in ("a.PNG", "b.jpg", "deep/c.webp")]
    assert list_photos(str(tmp_path), "*.txt") == [str(tmp_path / "notes.txt")]
    assert list_photos(str(tmp_path / "b.jpg")) == [str(tmp_path / "b.jpg")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\0"])
def test_a_list_holds_paths_from_here_and_addresses(tmp_path, monkeypatch, end):
    monkeypatch.chdir(tmp_path)
    names = ["a b.jpg", "/up/../b.jpg", "s3://bucket/c.jpg", "", "ftp://host/d.jpg"]
    (tmp_path / "list").write_text("\ufeff" + end.join(names), encoding="utf-8", newline="")
    assert list_photos("list") == [
        str(tmp_path / "a b.jpg"),
        "/b.jpg",
        "s3://bucket/c.jpg",
        "ftp://host/d.jpg",
    ]


@pytest.mark.parametrize(
    ("source", "glob", "words"),
    [
        ("none", None, "There is no file or folder “none”"),
        ("empty", None, "There is no picture in “empty”"),
        ("list", None, "The list names no photo"),
        ("list", "*.jpg", "--glob chooses files in a folder"),
        ("ftp://host/photos", None, "begins with ftp://, which is not read"),
        ("file:///etc", None, "begins with file://, which is not read"),
    ],
)
def test_a_source_that_has_no_photos_is_named(tmp_path, monkeypatch, source, glob, words):
    monkeypatch.chdir(tmp_path)
    Path("empty").mkdir()
    Path("list").write_text("\n \n")
    with pytest.raises(BulkError, match=words):
        list_photos(source, glob)


# --- what a folder holds -----------------------------------------------------------------------------------


def row(name):
    return refused(name, "none", LABELS)


def begun(path, job=JOB, shard=8, names=NAMES):
    path.mkdir(exist_ok=True)
    return Folder(path, job, shard, lambda: names)


def test_shards_are_whole_or_not_there_and_any_reader_takes_the_folder(tmp_path):
    import pandas

    folder = begun(tmp_path / "out")
    assert [(number, len(names)) for number, names in folder.left()] == [(0, 8), (1, 8), (2, 4)]
    folder.write(1, [row(name)[0] for name in NAMES[8:16]], Counts(8, 0, 8))
    # A run that was ended while it wrote, and one between a file and the manifest.
    (tmp_path / "out/.part-00000.parquet.new").write_bytes(b"half")
    (tmp_path / "out/part-00002.parquet").write_bytes(b"unknown to the manifest")
    again = Folder(tmp_path / "out", JOB, None, lambda: pytest.fail("the photos are listed once"))
    assert [number for number, _ in again.left()] == [0, 2]
    assert again.done() == Counts(8, 0, 8)
    for number, names in again.left():
        again.write(number, [row(name)[0] for name in names], Counts(len(names), 0, len(names)))
    assert again.whole()
    table = pandas.read_parquet(tmp_path / "out")
    assert list(table.photo) == NAMES
    assert list(table.columns) == list(COLUMNS)
    assert table.face.dtype == "float64" or table.face.isna().all()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"source": "elsewhere"}, r"another source \(in\)"),
        ({"model": "deep"}, rf"another model \({DEFAULT_MODEL}\)"),
        ({"version": "0"}, "another version"),
        ({"glob": "*.png"}, r"another glob \(None\)"),
    ],
)
def test_a_folder_holds_the_answers_of_one_job(tmp_path, change, words):
    begun(tmp_path / "out")
    other = Job(**{name: getattr(JOB, name) for name in JOB.__slots__} | change)
    with pytest.raises(BulkError, match=words):
        begun(tmp_path / "out", other, None)
    with pytest.raises(BulkError, match=r"another shard \(8\)"):
        begun(tmp_path / "out", shard=9)


@pytest.mark.parametrize("manifest", ["", "[]", "{}", '{"job": {}, "format": 1, "done": {}}'])
def test_a_damaged_manifest_is_named(tmp_path, manifest):
    begun(tmp_path / "out")
    (tmp_path / "out/_manifest.json").write_text(manifest)
    with pytest.raises(BulkError, match="is no manifest"):
        begun(tmp_path / "out")


def test_a_folder_with_something_else_is_not_touched(tmp_path):
    (tmp_path / "letters.txt").write_text("dear")
    with pytest.raises(BulkError, match=r"something else already \(letters.txt\)"):
        begun(tmp_path)
    assert os.listdir(tmp_path) == ["letters.txt"]  # noqa: PTH208  # names


def test_a_list_that_was_cut_is_noticed(tmp_path):
    begun(tmp_path / "out")
    (tmp_path / "out/_photos.jsonl").write_text('"/photos/00.jpg"\n')
    with pytest.raises(BulkError, match="is not the list"):
        begun(tmp_path / "out")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such lock")
def test_two_runs_do_not_write_to_one_folder(tmp_path):
    with (
        reserved(tmp_path / "out"),
        pytest.raises(BulkError, match="Another run"),
        reserved(tmp_path / "out"),
    ):
        pass
    with reserved(tmp_path / "out"):
        pass


def test_names_that_are_no_text_are_kept(tmp_path):
    name = os.fsdecode(b"/photos/\xff.jpg")
    begun(tmp_path / "out", names=[name])
    assert begun(tmp_path / "out").names == [name]


# --- how a run goes ----------------------------------------------------------------------------------------


class Answers:
    """A cluster that answers the last chunk first, and gives up some photos."""

    def __init__(self, killed=()):
        self.killed, self.asked = killed, []

    def read(self, chunks):
        self.asked = list(chunks)
        yield None
        for chunk in reversed(self.asked):
            yield chunk, [None if name in self.killed else row(name) for name in chunk.names]


def test_rows_are_in_order_whatever_comes_first(tmp_path):
    from pyarrow import parquet

    folder = begun(tmp_path / "out", shard=12)
    cluster = Answers(killed=[NAMES[3]])
    came = list(run(folder, cluster, COLUMNS, LABELS))
    assert sum(came, Counts()) == Counts(20, 0, 20)
    assert [len(chunk.names) for chunk in cluster.asked] == [PHOTOS_A_TASK, 12 - PHOTOS_A_TASK, 8]
    written = [parquet.read_table(folder.file_of(number)).to_pylist() for number in (0, 1)]
    assert [each["photo"] for part in written for each in part] == NAMES
    assert "twice" in written[0][3]["error"]
    assert folder.done() == Counts(20, 0, 20)
    assert list(run(folder, Answers(), COLUMNS, LABELS)) == [Counts()], "nothing is left"


def test_no_task_has_photos_of_two_shards():
    tasks = list(chunks_of(iter([(0, NAMES[:9]), (3, NAMES[9:])])))
    assert [(task.shard, task.start, len(task.names)) for task in tasks] == [
        (0, 0, 8),
        (0, 8, 1),
        (3, 0, 8),
        (3, 8, 3),
    ]


def test_whatever_a_photo_does_is_a_row(tmp_path, monkeypatch):
    """A broken photo, one that is not there, an address that is not read, and a fault of the program."""
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff")
    setup = Setup(DEFAULT_MODEL, METADATA.version, "mtcnn")
    names = [str(tmp_path / "broken.jpg"), str(tmp_path / "none.jpg"), "ftp://host/a.jpg"]
    error = COLUMNS.index("error")
    (broken,), (none,), (ftp,) = read_photos(setup, names)
    assert broken[error]
    assert "There is no file" in none[error]
    assert "begins with ftp://" in ftp[error]
    monkeypatch.setattr(type(load(setup)), "analyze", lambda *_, **__: 1 / 0)
    ((fault,),) = read_photos(setup, names[:1])
    assert "ZeroDivisionError" in fault[error]


def test_a_worker_with_another_version_of_the_model_refuses():
    with pytest.raises(OtherVersion, match="install the same facevalue"):
        load(Setup(DEFAULT_MODEL, "0.0.1", "mtcnn"))


# --- mistakes in the command -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["in"], "required: OUT"),
        (["in", "s3://bucket/out"], "OUT is a folder of this machine"),
        (["in", "out", "--model", "nobody"], "no model 'nobody' (available: "),
        (["in", "out", "--shard", "0"], "at least 1"),
        (["in", "out", "--memory", "10MB"], "at least 300MB"),
        (["in", "out", "--memory", "much"], "such as 800MB or 2GB"),
    ],
)
def test_mistakes_are_named(tmp_path, monkeypatch, capsys, arguments, words):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as end:
        main(["bulk", *arguments])
    assert end.value.code == 2
    assert words in capsys.readouterr().err


def test_what_cannot_be_read_or_written_is_said(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["bulk", "nowhere", "out"]) == 2
    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith("An expression is what a face shows, not what a person feels.")
    assert "There is no file or folder “nowhere”" in said[1]
    Path("file").write_text("")
    assert main(["bulk", ".", "file"]) == 2
    assert "cannot write" in capsys.readouterr().err


def test_a_whole_folder_needs_no_cluster(tmp_path, monkeypatch, capsys):
    """Nothing is started where nothing is left."""
    monkeypatch.chdir(tmp_path)
    Path("a.jpg").write_bytes(b"")
    job = Job(str(tmp_path / "a.jpg"), None, DEFAULT_MODEL, METADATA.version, "mtcnn", COLUMNS)
    begun(tmp_path / "out", job, 500, ["a.jpg"]).write(0, row("a.jpg"), Counts(1, 0, 1))
    assert main(["bulk", "a.jpg", "out", "--scheduler", "tcp://127.0.0.1:9"]) == 1
    assert "1 photos, 0 faces, 1 could not be read" in capsys.readouterr().err
    assert json.loads(Path("out/_manifest.json").read_text())["job"]["source"] == str(tmp_path / "a.jpg")


def test_dask_is_imported_by_nothing_else(tmp_path):
    """The command line starts without it, and says what to install where it is missing."""
    program = (
        "import sys; sys.modules['distributed'] = None; from model.cli import main; "
        "assert not {'dask', 'fsspec', 'pyarrow'} & set(sys.modules); sys.exit(main(sys.argv[1:]))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, "bulk", "static/samples", str(tmp_path / "out")],
        cwd=ROOT,
        stderr=subprocess.PIPE,
    ) as process:
        _, said = process.communicate()
    assert process.returncode == 2
    assert "pip install 'facevalue[bulk]'" in said.decode()
