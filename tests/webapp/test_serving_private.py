"""gunicorn's own answers have the security headers, its log has no visitors in it, its folder in memory is removed."""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.conftest import ROOT
from tests.helpers.memory import children
from tests.helpers.server import log_with, serve
from webapp.middleware.security_headers import HEADERS
from webapp.serving.private import PREFIX, WithoutVisitors, make_shared_folder

if TYPE_CHECKING:
    from tests.helpers.server import Server

SECONDS = 60.0
VISITOR = "127.0.0.7"
TOKEN = "of the tests"  # noqa: S105  # guards nothing
IN_MEMORY = Path("/dev/shm")  # noqa: S108  # looked at

MALFORMED = {
    "request line": b"GARBAGE secret-of-anna\r\n\r\n",
    "method": b"G\x01T /secret-of-anna HTTP/1.1\r\n\r\n",
    "version": b"GET /secret-of-anna HTTP/9.9\r\n\r\n",
    "header": b"GET /secret-of-anna HTTP/1.1\r\nsecret of anna\r\n\r\n",
    "long line": b"GET /secret-of-anna" + b"x" * 9000 + b" HTTP/1.1\r\n\r\n",
    "long head": b"GET /secret-of-anna HTTP/1.1\r\nX: " + b"x" * 40_000 + b"\r\n\r\n",
    "chunk": b"POST /results HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
    b"Content-Type: multipart/form-data; boundary=x\r\n\r\nsecret-of-anna\r\n",
}


def talk(server: Server, request: bytes, *, ends: bool = False) -> bytes:
    """Return the whole answer to these bytes; ``ends`` is whether the sending side is shut down behind them."""
    where = urlsplit(server.address)
    with socket.create_connection((where.hostname, where.port), SECONDS, (VISITOR, 0)) as line:
        line.sendall(request)
        if ends:
            line.shutdown(socket.SHUT_WR)
        answer = b""
        while part := line.recv(1 << 16):
            answer += part
    return answer


@pytest.mark.slow
@pytest.mark.parametrize("kind", MALFORMED)
def test_what_is_not_http_is_answered_with_the_headers(server: Server, kind: str) -> None:
    status, _, rest = talk(server, MALFORMED[kind]).partition(b"\r\n")
    assert status.split()[1] in (b"400", b"414", b"431", b"505")
    head = rest.partition(b"\r\n\r\n")[0].decode("latin-1").lower()
    for name, value in HEADERS.items():
        assert f"{name}: {value}".lower() in head


@pytest.mark.slow
def test_what_is_not_http_leaves_no_word_in_the_log(server: Server) -> None:
    for request in (
        *MALFORMED.values(),
        b"GET /secret-of-anna HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    ):
        talk(server, request)
    log = log_with(server, "it is not written as HTTP is")
    assert "anna" not in log
    assert VISITOR not in log


@pytest.mark.slow
@pytest.mark.parametrize("ends", [True, False])
def test_a_small_body_that_is_cut_off_gets_an_answer(server: Server, ends: bool) -> None:
    """Whether the client says that this was all, or only stops."""
    head = b"POST /results HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=x\r\n"
    answer = talk(server, head + b"Content-Length: 900\r\n\r\n--x\r\nCont", ends=ends)
    assert answer.startswith(b"HTTP/1.1 400" if ends else b"HTTP/1.1 408")
    assert b"Content-Security-Policy" in answer
    assert not ends or b"The upload was cut off" in answer


def test_an_exceptions_text_is_dropped_and_its_place_kept() -> None:
    try:
        raise ValueError("GET /secret-of-anna")
    except ValueError:
        record = logging.LogRecord(
            "gunicorn.error", logging.ERROR, "", 1, "Error handling request %s", ("/secret",), sys.exc_info()
        )
    assert WithoutVisitors().filter(record)
    text = logging.Formatter().format(record)
    assert "ValueError" in text
    assert "test_serving_private" in text
    assert "secret" not in text.replace("raise ValueError(", "").replace("GET /secret-of-anna", "", 1)


def test_what_an_exception_quotes_is_not_logged_as_an_argument() -> None:
    record = logging.LogRecord(
        "gunicorn.error", logging.DEBUG, "", 1, "Closing connection. %s", (OSError("anna"),), None
    )
    WithoutVisitors().filter(record)
    assert record.getMessage() == "Closing connection. OSError"
    other = logging.LogRecord("webapp", logging.INFO, "", 1, "Error handling %s", ("x",), None)
    WithoutVisitors().filter(other)
    assert other.getMessage() == "Error handling x"


def test_folders_of_killed_processes_are_removed_and_those_in_use_are_kept(tmp_path: Path) -> None:
    left = tmp_path / f"{PREFIX}left"
    left.mkdir()
    (left / "counter_1.db").write_text("x")
    used = make_shared_folder(str(tmp_path))
    assert not left.exists()
    other = make_shared_folder(str(tmp_path))
    assert sorted(tmp_path.iterdir()) == sorted([Path(used), Path(other)])


@pytest.mark.slow
@pytest.mark.live
@pytest.mark.skipif(not IN_MEMORY.is_dir(), reason="there is no /dev/shm here")
def test_a_killed_master_leaves_nothing_in_memory(tmp_path: Path) -> None:
    with serve(tmp_path, WEB_CONCURRENCY="2", METRICS_TOKEN=TOKEN) as running:
        # Other servers on this machine have folders of their own.
        (folder,) = shared_folders(running.pid)
        workers = children(running.pid)
        os.kill(running.pid, signal.SIGKILL)
        until = time.monotonic() + SECONDS
        while any(Path(f"/proc/{worker}").exists() for worker in workers) and time.monotonic() < until:
            time.sleep(0.1)
        while folder.exists() and time.monotonic() < until:
            time.sleep(0.1)
    assert not folder.exists()


def shared_folders(pid: int) -> set[Path]:
    """Return the folders for figures that a process holds open."""
    held = {path.resolve() for path in Path(f"/proc/{pid}/fd").iterdir()}
    return {path for path in held if path.parent == IN_MEMORY and path.name.startswith(PREFIX)}


@pytest.mark.slow
def test_the_runtime_is_told_not_to_report() -> None:
    """Gunicorn sets its variable before the site, and with it ONNX Runtime, is loaded."""
    command = [sys.executable, "-m", "gunicorn", "--print-config", "wsgi:app"]
    environ = {**os.environ, "SECRET_KEY": "only-for-the-tests"}
    said = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=True).stdout
    assert any("raw_env" in line and "ORT_DISABLE_TELEMETRY=1" in line for line in said.splitlines())


def test_lines_of_the_log_stay_json(server: Server) -> None:
    # The last line may be one that is just being written.
    for line in log_with(server, "{").splitlines():
        assert isinstance(json.loads(line), dict)
