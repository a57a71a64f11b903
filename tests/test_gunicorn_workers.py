"""A worker's threads, which begin with it; and one that is too large, which is replaced and loses nothing."""

from __future__ import annotations

import http.client
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest

from gunicorn_worker import KEPT_FREE, TimeoutWorker
from tests.helpers.server import Server, serve

needs_proc = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="workers are found in /proc")
THREADS, DESCRIPTORS, SECONDS = 8, 220, 60


@pytest.fixture
def worker() -> TimeoutWorker:
    """A worker that has not begun, with four threads to have."""
    unborn: TimeoutWorker = object.__new__(TimeoutWorker)
    unborn.cfg = SimpleNamespace(threads=4)
    return unborn


def test_all_threads_begin_with_the_worker(worker: TimeoutWorker) -> None:
    before = set(threading.enumerate())
    with worker.get_thread_pool():
        # Others may end meanwhile.
        assert len(set(threading.enumerate()) - before) == 4


def test_a_machine_short_of_threads_says_so_at_the_start(
    worker: TimeoutWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = threading.Thread.start

    begun: list[threading.Thread] = []

    def short(thread: threading.Thread) -> None:
        if len(begun) == 2:
            raise RuntimeError("can't start new thread")
        begun.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", short)
    with pytest.raises(RuntimeError, match=r"does not give a worker 4 threads .*Lower GUNICORN_THREADS"):
        worker.get_thread_pool()
    assert len(begun) == 2
    for thread in begun:
        thread.join(timeout=SECONDS)
        assert not thread.is_alive(), "those that had begun are let go"


def visit(
    server: Server, workers: set[int], faults: list[str], ended: threading.Event, *, keep: bool
) -> None:
    """Ask for the worker's process again and again; note what is no answer."""
    where, line = urlsplit(server.address), None
    while not ended.is_set() and not faults:
        try:
            line = line or http.client.HTTPConnection(str(where.hostname), where.port, timeout=SECONDS)
            line.request("GET", "/pid")
            answer = line.getresponse()
            workers.add(int(answer.read()))
            if not keep or answer.getheader("Connection") == "close":
                line.close()
                line = None
        except (OSError, http.client.HTTPException, ValueError) as error:
            faults.append(repr(error))
    if line is not None:
        line.close()


@needs_proc
@pytest.mark.live
def test_no_request_is_lost_while_a_large_worker_is_replaced(tmp_path: Path) -> None:
    """Any worker holds more than a megabyte, so each is replaced after what it has begun."""
    workers: set[int] = set()
    faults: list[str] = []
    ended = threading.Event()
    with serve(tmp_path, app="tests.helpers.plain_app:app", MAX_MEMORY_MB="1") as started:
        visitors = [
            threading.Thread(target=visit, args=(started, workers, faults, ended), kwargs={"keep": keep})
            for keep in (True, True, False, False)
        ]
        for visitor in visitors:
            visitor.start()
        deadline, most = time.monotonic() + SECONDS, 0
        while len(workers) < 3 and time.monotonic() < deadline:
            most = max(
                most, len(Path(f"/proc/{started.pid}/task/{started.pid}/children").read_text().split())
            )
            time.sleep(0.02)
        ended.set()
        for visitor in visitors:
            visitor.join(SECONDS)
        log = started.log.read_text()
    assert not faults
    assert len(workers) >= 3
    assert most == 1, "one ends before the next begins"
    assert "holds more than MAX_MEMORY_MB (1 MB)" in log


def test_threads_are_left_to_requests_without_a_body() -> None:
    assert 1 < KEPT_FREE < 24
