"""Photos in buckets and on servers: an S3 server and a web server on loopback; of the others what fsspec says."""

from __future__ import annotations

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import fsspec
import pytest
from fsspec.registry import known_implementations

from model.bulk import sources
from model.bulk.errors import BulkError, MissingPackage
from model.bulk.reading import Setup, read_photos
from model.bulk.sources import PACKAGES, fetch, list_photos
from model.output.tables import csv_header
from model.photo.errors import UnreadablePath
from model.recognizer import DEFAULT_MODEL
from model.store.files import SAVED
from model.store.metadata import Metadata
from tests.helpers.dask_cluster import bulk, ended

METADATA = Metadata.load(SAVED / DEFAULT_MODEL)
SETUP = Setup(DEFAULT_MODEL, METADATA.version, "mtcnn")
COLUMNS = csv_header(METADATA.labels)
ERROR, FACE = COLUMNS.index("error"), COLUMNS.index("face")

# Its packages have warnings of their own.
pytestmark = pytest.mark.filterwarnings("default")


@pytest.fixture(scope="module")
def bucket(portrait_jpeg):
    """A bucket on an S3 server, with a portrait, a broken photo, a list and other things."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        store = fsspec.filesystem("s3")
        store.mkdir("photos")
        things = {
            "in/a b.jpg": portrait_jpeg,
            "in/deep/#1::?.jpg": portrait_jpeg,
            "in/broken.png": b"no picture",
            "in/notes.txt": b"notes",
            "in/.hidden.jpg": b"",
            "list.txt": b"in/a b.jpg\ns3://photos/none.jpg\n/in/broken.png\n",
        }
        for name, content in things.items():
            store.pipe_file(f"photos/{name}", content)
        yield "s3://photos"
    server.stop()


def test_a_bucket_is_listed_and_read(bucket):
    names = list_photos(f"{bucket}/in")
    assert names == [f"{bucket}/in/{name}" for name in ("a b.jpg", "broken.png", "deep/#1::?.jpg")]
    (portrait,), (broken,), (odd,) = read_photos(SETUP, names)
    assert portrait[:2] == [names[0], 1]
    assert odd[1:] == portrait[1:]
    assert "not a picture" in broken[ERROR]
    assert list_photos(f"{bucket}/in/", "deep/*") == names[2:]


def test_a_list_in_a_bucket_names_what_is_beside_it(bucket):
    names = list_photos(f"{bucket}/list.txt")
    assert names == [f"{bucket}/in/a b.jpg", f"{bucket}/none.jpg", f"{bucket}/in/broken.png"]
    rows = [rows[0] for rows in read_photos(SETUP, names)]
    assert [row[FACE] for row in rows] == [1, None, None]
    assert rows[1][ERROR] == "There is nothing at “s3://photos/none.jpg”. Check the address."


def test_what_is_not_in_a_bucket_is_named(bucket):
    with pytest.raises(BulkError, match="There is no picture"):
        list_photos(f"{bucket}/elsewhere")
    with pytest.raises(BulkError, match=r"cannot be listed|There is no picture"):
        list_photos("s3://no-such-bucket/in")


@pytest.mark.slow
def test_a_bucket_is_read_by_workers(bucket, tmp_path):
    import pandas

    code, said = ended(bulk([f"{bucket}/in", tmp_path / "out", "--jobs", "1"]))
    assert code == 1, said
    table = pandas.read_parquet(tmp_path / "out")
    assert list(table.photo) == list_photos(f"{bucket}/in")
    assert list(table.error.isna()) == [True, False, True]


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder, and says nothing."""

    def log_message(self, *arguments):
        pass


@pytest.fixture
def site(tmp_path):
    """A folder, and its address on a web server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield tmp_path, f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_list_on_a_server_names_what_is_there_and_no_file_of_this_machine(site, portrait_jpeg):
    folder, address = site
    (folder / "in").mkdir()
    (folder / "in/a.jpg").write_bytes(portrait_jpeg)
    (folder / "in/list").write_text("a.jpg\n/none.jpg\nfile:///etc/passwd\n", encoding="utf-8")
    names = list_photos(f"{address}/in/list")
    assert names == [f"{address}/in/a.jpg", f"{address}/none.jpg", "file:///etc/passwd"]
    rows = [rows[0] for rows in read_photos(SETUP, names)]
    assert [row[FACE] for row in rows] == [1, None, None]
    assert "There is nothing at" in rows[1][ERROR]
    assert "begins with file://, which is not read" in rows[2][ERROR]
    with pytest.raises(BulkError, match="--glob chooses files in a folder"):
        list_photos(f"{address}/in/list", "*")
    with pytest.raises(BulkError, match="cannot be listed"):
        list_photos(f"{address}/nothing")


def test_what_fails_for_a_while_is_tried_again(monkeypatch):
    tries: list[str] = []
    waited: list[float] = []

    def fetched(name):
        tries.append(name)
        if len(tries) < 3:
            raise ConnectionResetError("reset")
        return b"here"

    monkeypatch.setattr(sources, "_fetched", fetched)
    monkeypatch.setattr("time.sleep", waited.append)
    assert fetch("https://host/a.jpg") == b"here"
    assert waited == [1, 4]
    monkeypatch.setattr(
        sources, "_fetched", lambda name: (_ for _ in ()).throw(ConnectionResetError("reset"))
    )
    with pytest.raises(UnreadablePath, match=r"cannot be fetched \(reset\)"):
        fetch("https://host/a.jpg")


def test_a_photo_without_end_is_not_read_to_its_end(site, monkeypatch):
    folder, address = site
    monkeypatch.setattr(sources, "MOST_BYTES", 1_000_000)
    (folder / "large.jpg").write_bytes(bytes(1_000_001))
    with pytest.raises(UnreadablePath, match="more than 1 MB"):
        fetch(f"{address}/large.jpg")


@pytest.mark.parametrize("scheme", ["gs", "az", "abfs"])
def test_the_other_stores_are_those_that_fsspec_knows(scheme):
    """They are not tried: there is no such server here. fsspec's own packages read them."""
    assert PACKAGES[scheme] in known_implementations[scheme]["err"] or PACKAGES[scheme] in str(
        known_implementations[scheme]["class"]
    )
    with pytest.raises(MissingPackage, match=f"pip install fsspec {PACKAGES[scheme]}"):
        list_photos(f"{scheme}://container/photos")


def test_a_package_that_is_missing_is_named_in_the_command(tmp_path, monkeypatch, capsys):
    from model.cli import main

    monkeypatch.chdir(tmp_path)
    assert main(["bulk", "gs://bucket/photos", "out"]) == 2
    assert "gs:// needs fsspec and gcsfs: pip install fsspec gcsfs" in capsys.readouterr().err
    assert not list(Path("out").glob("_photos*"))
