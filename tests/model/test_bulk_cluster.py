"""Bulk runs on real processes: workers and schedulers that are killed, and what is in the files then."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest
from PIL import Image, ImageEnhance

from model.bulk.reading import Setup, read_photos
from model.output.tables import csv_header
from model.recognizer import DEFAULT_MODEL
from model.store.files import SAVED
from model.store.metadata import Metadata
from tests.helpers.dask_cluster import bulk, dask, ended, until

ROOT = Path(__file__).resolve().parents[2]
METADATA = Metadata.load(SAVED / DEFAULT_MODEL)
COLUMNS = csv_header(METADATA.labels)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.live,
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL"),
]


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Forty small photos, all different, one of them broken."""
    folder = tmp_path_factory.mktemp("photos")
    face = Image.open(ROOT / "static/samples/astronaut.jpg").convert("RGB").crop((120, 0, 400, 280))
    face = face.resize((140, 140))
    for number in range(40):
        ImageEnhance.Brightness(face).enhance(0.6 + number / 50).save(folder / f"{number:02}.jpg")
    (folder / "17.jpg").write_bytes(b"no picture")
    return folder


@pytest.fixture(scope="module")
def undisturbed(photos):
    """The rows of all photos, read one after the other in this process."""
    names = sorted(str(path) for path in photos.iterdir())
    return [
        row for rows in read_photos(Setup(DEFAULT_MODEL, METADATA.version, "mtcnn"), names) for row in rows
    ]


def rows_in(out):
    from pyarrow import parquet

    files = sorted(out.glob("part-*.parquet"))
    tables = [parquet.read_table(file) for file in files]
    assert all(table.column_names == COLUMNS for table in tables)
    return [list(row.values()) for table in tables for row in table.to_pylist()]


def done_in(out):
    return json.loads((out / "_manifest.json").read_text("utf-8"))["done"]


def test_a_worker_that_is_killed_in_the_middle_costs_nothing(photos, undisturbed, tmp_path):
    """Two workers behind a scheduler; nothing is lost, nothing there twice, all rows are those of a quiet run."""
    out = tmp_path / "out"
    with dask(tmp_path / "dask") as cluster:
        _, address = cluster.scheduler()
        one, two = (cluster.worker(address, "--no-nanny") for _ in range(2))
        running = bulk([photos, out, "--shard", "4", "--scheduler", address])
        until(lambda: any(out.glob("part-*.parquet")), running)
        assert one.poll() is None
        one.kill()
        code, said = ended(running)
        assert two.poll() is None, "the other one goes on"
    assert code == 1, said
    assert said.startswith("An expression is what a face shows, not what a person feels."), said
    assert rows_in(out) == undisturbed
    assert len(done_in(out)) == 10
    assert "39 photos read" in said
    assert "1 could not be read" in said


def test_a_scheduler_that_is_killed_is_said_and_the_same_command_goes_on(photos, undisturbed, tmp_path):
    out = tmp_path / "out"
    with dask(tmp_path / "dask") as cluster:
        scheduler, address = cluster.scheduler()
        cluster.worker(address, "--no-nanny")
        running = bulk([photos, out, "--shard", "4", "--scheduler", address])
        until(lambda: (out / "part-00001.parquet").exists(), running)
        scheduler.kill()
        code, said = ended(running)
        assert (code, "the same command goes on from there" in said) == (2, True), said
        before = {
            path.name: path.stat().st_mtime_ns for path in out.glob("part-*") if path.name in done_in(out)
        }
        assert 1 <= len(before) < 10
        _, address = cluster.scheduler()
        cluster.worker(address, "--no-nanny")
        code, said = ended(bulk([photos, out, "--scheduler", address]))
    assert code == 1, said
    assert f"{4 * len(before)} were there already" in said
    assert rows_in(out) == undisturbed
    assert all((out / name).stat().st_mtime_ns == time for name, time in before.items())


def test_a_photo_that_ends_its_workers_is_written_down_and_the_others_are_read(photos, tmp_path, monkeypatch):
    """On the own cluster, whose workers come back; the photos beside it in the queue are not blamed."""
    given = tmp_path / "in"
    given.mkdir()
    for name in ("00", "01", "02", "03", "04", "05"):
        (given / f"{name}.jpg").write_bytes((photos / f"{name}.jpg").read_bytes())
    (given / "02-deadly.jpg").write_bytes((photos / "02.jpg").read_bytes())
    monkeypatch.setenv("DASK_DISTRIBUTED__WORKER__PRELOAD", "tests.helpers.deadly")
    code, said = ended(bulk([given, tmp_path / "out", "--jobs", "2", "--shard", "4"]))
    assert code == 1, said
    rows = rows_in(tmp_path / "out")
    assert [Path(row[0]).stem for row in rows] == ["00", "01", "02-deadly", "02", "03", "04", "05"]
    errors = [row[COLUMNS.index("error")] for row in rows]
    assert "ended the process that read it, twice" in errors[2]
    assert [error for error in errors if error] == [errors[2]]


def test_ctrl_c_leaves_whole_shards_and_the_same_command_goes_on(photos, undisturbed, tmp_path, monkeypatch):
    """On the own cluster, without Dask's variable that makes workers slow, whoever has set it."""
    out = tmp_path / "out"
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "65536")
    command = [photos, out, "--shard", "4", "--jobs", "1", "--memory", "1GB"]
    running = bulk(command)
    until(lambda: (out / "part-00000.parquet").exists(), running)
    environments = [environment_of(child) for child in children_of(running.pid)]
    assert any(b"OMP_NUM_THREADS=1" in each for each in environments), "the worker is among them"
    assert not any(b"MALLOC_TRIM_THRESHOLD_" in each for each in environments if b"OMP_NUM_THREADS=1" in each)
    running.send_signal(signal.SIGINT)
    code, said = ended(running)
    assert code == 130, said
    assert "Dask's dashboard: http://127.0.0.1:" in said
    assert "stopped after" in said
    assert "Traceback" not in said
    code, said = ended(bulk(command))
    assert code == 1, said
    assert rows_in(out) == undisturbed
    code, said = ended(bulk(command))
    assert (code, "40 photos, 39 faces, 1 could not be read" in said) == (1, True), said


def children_of(pid):
    """The processes below another, and those below them."""
    children = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdecimal() and parent_of(entry) == pid:
                children += [int(entry.name), *children_of(int(entry.name))]
        except OSError:  # It has ended.
            continue
    return children


def parent_of(entry):
    return int((entry / "stat").read_text().rpartition(")")[2].split()[1])


def environment_of(pid):
    """As it was when the process began."""
    return Path(f"/proc/{pid}/environ").read_bytes()


def test_a_scheduler_that_is_not_there_is_named(photos, tmp_path):
    code, said = ended(bulk([photos, tmp_path / "out", "--scheduler", "tcp://127.0.0.1:9"]))
    assert code == 2
    assert "There is no Dask scheduler at tcp://127.0.0.1:9" in said
    assert "Traceback" not in said
    assert os.listdir(tmp_path / "out")  # noqa: PTH208  # names
