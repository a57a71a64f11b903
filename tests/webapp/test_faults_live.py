"""Faults around the running site: its disk, and its processes."""

from __future__ import annotations

import http.client
import json
import os
import resource
import signal
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from gunicorn_worker import HEAD_SECONDS
from tests.helpers.memory import together
from tests.helpers.multipart import ANALYZE, FORM, file, form
from tests.helpers.server import Server, log_with, serve

# Seconds that nothing takes where all is well.
PATIENCE = 120
pytestmark = [pytest.mark.live, pytest.mark.slow]
needs_proc = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="workers are found in /proc")


# --- the disk ----------------------------------------------------------------------------------------------


def post(server: Server, photo: bytes) -> int:
    """Post a photo to the API and return the status."""
    request = urllib.request.Request(  # noqa: S310  # own address
        server.address + ANALYZE, form(file(photo)), {"Content-Type": FORM}
    )
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
        answer.read()
        return int(answer.status)


def until(true: Callable[[], object], what: str) -> None:
    """Wait until something is true, however busy the machine is."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def get(server: Server, page: str) -> int:
    """Ask for a page on a connection of its own, and return the status."""
    with urllib.request.urlopen(server.address + page, timeout=PATIENCE) as answer:  # noqa: S310  # own address
        return int(answer.status)


def workers(server: Server) -> list[int]:
    """Return gunicorn's worker processes, oldest first."""
    tasks = Path(f"/proc/{server.pid}/task")
    return sorted(int(child) for path in tasks.glob("*/children") for child in path.read_text().split())


@needs_proc
def test_a_full_disk_and_no_temporary_folder_stop_no_upload(tmp_path: Path, portrait_jpeg: bytes) -> None:
    """The kernel lets the processes write not one byte to any file, be it the log."""
    missing = str(tmp_path / "missing")
    with serve(tmp_path, TMPDIR=missing, HOME=missing) as server:
        for pid in (server.pid, *workers(server)):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, 0))
        size = server.log.stat().st_size
        for padding in (0, 3_000_000):
            assert post(server, portrait_jpeg + bytes(padding)) == 200
        assert server.log.stat().st_size == size
        assert get(server, "/readyz") == 200


# --- the processes -----------------------------------------------------------------------------------------


def test_an_upload_that_has_begun_is_finished_before_the_server_stops(
    tmp_path: Path, portrait_jpeg: bytes
) -> None:
    """A platform sends SIGTERM when it restarts a dyno; new requests are refused, those in progress are answered."""
    body = form(file(portrait_jpeg))
    with serve(tmp_path) as server:
        where = urlsplit(server.address)
        head = (
            f"POST {ANALYZE} HTTP/1.1\r\nHost: {where.netloc}\r\nContent-Type: {FORM}\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        with socket.create_connection((where.hostname, where.port), timeout=PATIENCE) as line:
            line.sendall(head.encode() + body[: len(body) // 2])
            # Who came later has been answered: the upload has been begun, too.
            assert [get(server, "/healthz") for _ in range(3)] == [200, 200, 200]
            os.kill(server.pid, signal.SIGTERM)
            log_with(server, "Handling signal: term")
            line.sendall(body[len(body) // 2 :])
            answer = b""
            while chunk := line.recv(1 << 16):
                answer += chunk
        assert answer.startswith(b"HTTP/1.1 200")
        assert json.loads(answer.partition(b"\r\n\r\n")[2])[0]["faces"]
        until(lambda: not listens(server), "the server does not stop")
        with pytest.raises(OSError, match=r"refused|reset"):
            post(server, portrait_jpeg)


def listens(server: Server) -> bool:
    """Whether a new connection is taken."""
    where = urlsplit(server.address)
    try:
        socket.create_connection((where.hostname, where.port), timeout=PATIENCE).close()
    except OSError:
        return False
    return True


@dataclass
class Load:
    """Visitors who send one photo after the other: when each request began, and what came of it."""

    server: Server
    photo: bytes
    ended: threading.Event = field(default_factory=threading.Event)
    requests: list[tuple[float, float, int | str]] = field(default_factory=list)

    def visit(self) -> None:
        while not self.ended.is_set():
            began = time.monotonic()
            try:
                outcome: int | str = post(self.server, self.photo)
            except urllib.error.HTTPError as error:
                outcome = error.code
            except (OSError, http.client.HTTPException) as error:
                # No connection, or an answer that broke off: even between its head and its body.
                outcome = repr(error)
            self.requests.append((began, time.monotonic(), outcome))

    def answered(self, since: float) -> int:
        """How many photos that were sent after this moment were read."""
        return sum(began > since and outcome == 200 for began, _, outcome in list(self.requests))


@needs_proc
def test_a_killed_worker_loses_its_own_requests_only(tmp_path: Path, portrait_jpeg: bytes) -> None:
    """Two workers under load. The second kill shows that the first one's successor serves alone."""
    visitors = 4
    with serve(tmp_path, WEB_CONCURRENCY="2") as server:
        load = Load(server, portrait_jpeg)
        threads = [threading.Thread(target=load.visit) for _ in range(visitors)]
        for thread in threads:
            thread.start()
        kills: list[tuple[float, float]] = []
        old = workers(server)
        assert len(old) == 2
        until(lambda: load.answered(0) >= visitors, "nobody is answered")
        for pid in old:
            before = time.monotonic()
            os.kill(pid, signal.SIGKILL)
            kills.append((before, time.monotonic()))
            # The other goes on, and the next one takes its place.
            until(lambda: load.answered(kills[-1][1]) >= visitors, "nobody is answered after a kill")
            until(lambda pid=pid: len({*workers(server)} - {pid}) == 2, "no worker has come")
        new = workers(server)
        load.ended.set()
        for thread in threads:
            thread.join()
    lost = [request for request in load.requests if request[2] != 200]
    # A visitor waits for one answer at a time, so a kill can cost at most one request of each.
    assert len(lost) <= visitors * len(kills)
    for began, ended, _ in lost:
        around = any(began <= after and before <= ended for before, after in kills)
        assert around, "lost without having been in a killed worker"
    assert len(new) == 2
    assert set(old).isdisjoint(new)


@needs_proc
def test_requests_that_do_not_end_hold_nobody_up_and_are_given_up(
    tmp_path: Path, portrait_jpeg: bytes
) -> None:
    """More incomplete requests than threads: the next request is answered while they wait."""
    threads = 20
    with serve(tmp_path, GUNICORN_THREADS=str(threads), QUEUE_SIZE="12") as server:
        pid = workers(server)[0]
        url = urlsplit(server.address)
        began, holders = time.monotonic(), []
        for _ in range(threads + 5):
            holders.append(socket.create_connection((url.hostname, url.port), timeout=PATIENCE))
        for holder in holders:
            holder.sendall(b"GET /healthz HTTP/1.1\r\nHost: lo")
        assert post(server, portrait_jpeg) == 200
        holders[0].setblocking(False)
        if time.monotonic() < began + HEAD_SECONDS:
            with pytest.raises(BlockingIOError):
                holders[0].recv(1)
        for holder in holders:
            holder.settimeout(PATIENCE)
            assert holder.recv(100) == b"", "given up without an answer"
            holder.close()
        assert workers(server) == [pid]


@needs_proc
def test_a_worker_that_has_grown_too_large_is_replaced_and_no_photo_is_lost(
    tmp_path: Path, portrait_jpeg: bytes
) -> None:
    """With less than a worker takes at rest, each one is replaced after its first seconds."""
    with serve(tmp_path, MAX_MEMORY_MB="80", LOG_LEVEL="warning") as server:
        load = Load(server, portrait_jpeg)
        visitors = [threading.Thread(target=load.visit) for _ in range(4)]
        for visitor in visitors:
            visitor.start()
        seen, most, deadline = {workers(server)[0]}, 0.0, time.monotonic() + PATIENCE
        while len(seen) < 3 and time.monotonic() < deadline:
            running = workers(server)
            assert len(running) <= 1, "one ends before the next begins"
            seen.update(running)
            most = max(most, together(server.pid))
            time.sleep(0.05)
        load.ended.set()
        for visitor in visitors:
            visitor.join()
        log = server.log.read_text()
    assert len(seen) >= 3
    assert {outcome for _, _, outcome in load.requests} == {200}
    assert len(load.requests) >= 4
    assert most < 480
    assert "holds more than MAX_MEMORY_MB (80 MB)" in log
