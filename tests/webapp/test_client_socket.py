"""Slow senders are disconnected, and an answer waits for its reader without a thread."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from webapp.serving import client_socket
from webapp.serving.client_socket import TimeoutSocket


class Clock:
    """Seconds that pass when the test says so, however busy the machine is."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The limits of a minute in tenths of a second, by a clock of the test's own."""
    for name, seconds in {"HEAD_SECONDS": 0.4, "GRACE_SECONDS": 0.4, "BODY_SECONDS": 2.0}.items():
        monkeypatch.setattr(client_socket, name, seconds)
    monkeypatch.setattr(client_socket, "BYTES_A_SECOND", 100)
    running = Clock()
    monkeypatch.setattr(client_socket, "time", running)
    return running


@pytest.fixture
def ends() -> Iterator[tuple[TimeoutSocket, socket.socket]]:
    """The server's end of a connection, and the visitor's."""
    one, other = socket.socketpair()
    with TimeoutSocket(one) as server, other as visitor:
        yield server, visitor


Ends = tuple[TimeoutSocket, socket.socket]


def waits(server: TimeoutSocket, monkeypatch: pytest.MonkeyPatch) -> list[float | None]:
    """Return a list that has, after each read, how long it might have waited, and what may be waited for an answer."""
    told: list[float | None] = []
    real = server.settimeout

    def settimeout(seconds: float | None) -> None:
        told.append(seconds)
        real(seconds)

    monkeypatch.setattr(server, "settimeout", settimeout)
    return told


def test_a_head_that_does_not_come_is_as_a_closed_connection(ends: Ends, clock: Clock) -> None:
    server, _ = ends
    started = time.monotonic()
    assert server.recv(100) == b""
    assert time.monotonic() - started > 0.2, "it is waited for"
    assert server.recv(100) == b""


def test_a_head_in_drips_is_given_up(ends: Ends, clock: Clock) -> None:
    """Each byte comes in time, and all of them together do not."""
    server, visitor = ends
    for _ in range(4):
        visitor.sendall(b"x")
        assert server.recv(1) == b"x"
        clock.now += 0.19
    visitor.sendall(b"x")
    clock.now += 0.19
    assert server.recv(1) == b"", "more than twice the time for a head"


def test_a_body_in_drips_ends_with_a_timeout(
    ends: Ends, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, visitor = ends
    server.expect_body()
    told = waits(server, monkeypatch)
    left = []
    for _ in range(5):
        visitor.sendall(b"x")
        assert server.recv(100) == b"x"
        left.append(told[0])
        told.clear()
        clock.now += 0.1
    # The grace runs out; a byte is worth a hundredth of a second.
    assert left == pytest.approx([0.4, 0.31, 0.22, 0.13, client_socket.AT_LEAST])
    with pytest.raises(TimeoutError):
        server.recv(100)
    assert told[0] == client_socket.AT_LEAST


def test_a_body_that_keeps_up_is_read_as_long_as_it_may_take(ends: Ends, clock: Clock) -> None:
    """Longer than the grace, because enough comes in; but no longer than any body may take."""
    server, visitor = ends
    server.expect_body()
    began = clock.now
    while clock.now < began + client_socket.BODY_SECONDS:
        visitor.sendall(b"y" * 50)
        assert len(server.recv(100)) == 50
        clock.now += 0.15
    visitor.sendall(b"y" * 50)
    with pytest.raises(TimeoutError):
        server.recv(100)


def test_what_has_come_in_is_read_however_late_the_server_is(ends: Ends, clock: Clock) -> None:
    server, visitor = ends
    server.expect_body()
    visitor.sendall(b"z" * 70)
    clock.now += 0.5
    assert server.recv(100) == b"z" * 70


def test_each_request_of_a_connection_has_its_own_time(ends: Ends, clock: Clock) -> None:
    server, visitor = ends
    for _ in range(3):
        server.expect_head()
        clock.now += 0.35
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
    # Nobody reads yet.
    server.sendall(answer)
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
    reader.join(120)
    assert len(received) == len(answer)
    assert server.unsent == 0


def test_a_worker_that_is_replaced_gives_bodies_a_moment_and_no_more(
    ends: Ends, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_socket, "GRACE_SECONDS", 60.0)
    monkeypatch.setattr(client_socket, "BODY_SECONDS", 60.0)
    monkeypatch.setattr(client_socket, "ENDING_SECONDS", 0.3)
    server, visitor = ends
    server.expect_body()
    monkeypatch.setattr(TimeoutSocket, "ending_since", clock.now)
    visitor.sendall(b"in time")
    clock.now += 0.2
    assert server.recv(100) == b"in time"
    visitor.sendall(b"too late")
    clock.now += 0.2
    with pytest.raises(TimeoutError):
        server.recv(100)
