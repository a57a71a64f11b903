"""Slow senders are disconnected, and an answer waits for its reader without a thread."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from webapp.serving import client_socket
from webapp.serving.client_socket import TimeoutSocket


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limits of a minute in tenths of a second."""
    for name, seconds in {"HEAD_SECONDS": 0.4, "GRACE_SECONDS": 0.4, "BODY_SECONDS": 2.0}.items():
        monkeypatch.setattr(client_socket, name, seconds)
    monkeypatch.setattr(client_socket, "BYTES_A_SECOND", 100)


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


def test_what_the_main_loop_has_read_comes_first(ends: Ends) -> None:
    server, visitor = ends
    visitor.sendall(b"behind")
    server.expect_head(b"before")
    assert server.recv(4) == b"befo"
    server.expect_body()
    assert server.recv(100) == b"re"
    assert server.recv(100) == b"behind"


def test_an_answer_waits_for_its_reader_without_a_thread(ends: Ends) -> None:
    server, visitor = ends
    answer = bytes(range(256)) * 8000
    assert took(lambda: server.sendall(answer)) < 5
    server.sendall(b"end")
    assert 0 < server.unsent < len(answer) + 3
    received = bytearray()
    while len(received) < len(answer) + 3:
        if server.unsent:
            server.send_unsent()
        received += visitor.recv(1 << 20)
    assert bytes(received) == answer + b"end"
    assert server.unsent == 0
    assert TimeoutSocket._all_unsent == 0


def test_beyond_the_room_for_answers_a_thread_waits(ends: Ends, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_socket, "UNSENT_BYTES", 1000)
    server, visitor = ends
    answer = bytes(2_000_000)
    received = bytearray()

    def fetch() -> None:
        while len(received) < len(answer):
            received.extend(visitor.recv(1 << 16))

    reader = threading.Thread(target=fetch)
    reader.start()
    server.sendall(answer)
    reader.join(30)
    assert len(received) == len(answer)
    assert server.unsent == 0


def test_a_worker_that_is_replaced_gives_bodies_a_moment_and_no_more(
    ends: Ends, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_socket, "GRACE_SECONDS", 60.0)
    monkeypatch.setattr(client_socket, "BODY_SECONDS", 60.0)
    monkeypatch.setattr(client_socket, "ENDING_SECONDS", 0.3)
    server, visitor = ends
    server.expect_body()
    monkeypatch.setattr(TimeoutSocket, "ending_since", time.monotonic())
    visitor.sendall(b"in time")
    assert server.recv(100) == b"in time"
    with pytest.raises(TimeoutError):
        server.recv(100)
