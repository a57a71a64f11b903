"""Slow senders and clients that do not read the answer are disconnected, so that no thread stays occupied."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest

import gunicorn_worker
from gunicorn_worker import TimeoutSocket, TimeoutWorker


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limits of a minute in tenths of a second."""
    for name, seconds in {"HEAD_SECONDS": 0.4, "GRACE_SECONDS": 0.4, "BODY_SECONDS": 2.0}.items():
        monkeypatch.setattr(gunicorn_worker, name, seconds)
    monkeypatch.setattr(gunicorn_worker, "LINGER_SECONDS", 0.2)
    monkeypatch.setattr(gunicorn_worker, "BYTES_A_SECOND", 100)


@pytest.fixture
def ends() -> Iterator[tuple[TimeoutSocket, socket.socket]]:
    """The server's end of a connection, and the visitor's."""
    one, other = socket.socketpair()
    with TimeoutSocket(one) as server, other as visitor:
        yield server, visitor


Ends = tuple[TimeoutSocket, socket.socket]


def took(work: Callable[[], object]) -> float:
    started = time.monotonic()
    work()
    return time.monotonic() - started


def dripping(visitor: socket.socket, pause: float, until: float) -> threading.Thread:
    """Let the visitor send a byte every ``pause`` seconds."""

    def drip() -> None:
        end = time.monotonic() + until
        while time.monotonic() < end:
            try:
                visitor.sendall(b"x")
            except OSError:
                return
            time.sleep(pause)

    thread = threading.Thread(target=drip)
    thread.start()
    return thread


def test_a_head_that_does_not_come_is_as_a_closed_connection(ends: Ends) -> None:
    server, _ = ends
    assert 0.2 < took(lambda: server.recv(100)) < 2
    assert server.recv(100) == b""


def test_a_head_in_drips_is_given_up(ends: Ends) -> None:
    """Each byte comes in time, and all of them together do not."""
    server, visitor = ends
    drips = dripping(visitor, 0.05, 3)

    def read() -> None:
        while server.recv(1):
            pass

    assert took(read) < 2
    server.close()
    drips.join()


def test_a_body_in_drips_ends_with_a_timeout(ends: Ends) -> None:
    server, visitor = ends
    server.expect_body()
    drips = dripping(visitor, 0.1, 3)
    received = bytearray()

    def read() -> None:
        while True:
            received.extend(server.recv(100))

    with pytest.raises(TimeoutError):
        read()
    assert 1 <= len(received) < 30
    server.close()
    drips.join()


def test_a_body_that_keeps_up_is_read_as_long_as_it_may_take(ends: Ends) -> None:
    """Longer than the grace, because enough comes in; but no longer than any body may take."""
    server, visitor = ends
    server.expect_body()
    for _ in range(4):
        visitor.sendall(b"y" * 50)
        assert len(server.recv(100)) == 50
        time.sleep(0.15)

    def go_on() -> None:
        while True:
            visitor.sendall(b"y" * 50)
            server.recv(100)
            time.sleep(0.1)

    with pytest.raises(TimeoutError):
        go_on()


def test_what_has_come_in_is_read_however_late_the_server_is(ends: Ends) -> None:
    server, visitor = ends
    server.expect_body()
    visitor.sendall(b"z" * 70)
    time.sleep(0.5)
    assert server.recv(100) == b"z" * 70


def test_each_request_of_a_connection_has_its_own_time(ends: Ends) -> None:
    server, visitor = ends
    for _ in range(3):
        server.expect_head()
        time.sleep(0.15)
        visitor.sendall(b"GET")
        assert server.recv(100) == b"GET"


def test_a_goodbye_waits_for_a_moment_and_no_more(ends: Ends) -> None:
    server, visitor = ends
    drips = dripping(visitor, 0.05, 3)
    assert took(server.linger_close) < 2
    assert server.recv(100) == b""
    assert visitor.recv(100) == b""
    server.close()
    drips.join()


@pytest.fixture
def worker() -> TimeoutWorker:
    """A worker that has not begun, with four threads to have."""
    unborn: TimeoutWorker = object.__new__(TimeoutWorker)
    unborn.cfg = SimpleNamespace(threads=4)
    return unborn


def test_all_threads_begin_with_the_worker(worker: TimeoutWorker) -> None:
    before = threading.active_count()
    with worker.get_thread_pool():
        assert threading.active_count() == before + 4


def test_a_machine_short_of_threads_says_so_at_the_start(
    worker: TimeoutWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, start = set(threading.enumerate()), threading.Thread.start

    def short(thread: threading.Thread) -> None:
        if threading.active_count() >= len(before) + 2:
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", short)
    with pytest.raises(RuntimeError, match=r"does not give a worker 4 threads .*Lower GUNICORN_THREADS"):
        worker.get_thread_pool()
    for thread in set(threading.enumerate()) - before:
        thread.join(timeout=5)
        assert not thread.is_alive(), "those that had begun are let go"
