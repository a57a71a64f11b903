"""What waits in the main loop: silent, slow and closing connections cost no thread."""

from __future__ import annotations

import http.client
import inspect
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import gunicorn
import pytest
from gunicorn.http.unreader import Unreader
from gunicorn.workers.gthread import TConn, ThreadWorker

import gunicorn_worker
from gunicorn_worker import TimeoutWorker
from tests.helpers.plain_app import LARGE
from tests.helpers.server import Server, serve
from webapp.serving.head import HEAD_BYTES, SMALL_BODY

needs_proc = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="workers are found in /proc")
THREADS, DESCRIPTORS, SECONDS = 8, 220, 60


# --- gunicorn's inside -------------------------------------------------------------------------------------


@pytest.mark.skipif("GUNICORN_NEXT" in os.environ, reason="make test-gunicorn runs the rest with the newest")
def test_the_version_is_the_one_whose_inside_is_known() -> None:
    assert gunicorn.__version__.startswith(gunicorn_worker.GUNICORN), (
        "run `make test-gunicorn`; if it passes, name this version in gunicorn_worker.py"
    )


def test_the_parts_of_gunicorn_that_are_replaced_are_there() -> None:
    parts = ["accept", "finish_request", "handle_request", "murder_pending", "wait_for_and_dispatch_events"]
    for name in [*parts, "enqueue_req", "get_thread_pool", "_cap_keepalive"]:
        ours, theirs = (
            inspect.signature(getattr(each, name, None) or print) for each in (TimeoutWorker, ThreadWorker)
        )
        assert list(ours.parameters) == list(theirs.parameters), name
    assert list(inspect.signature(TConn.close).parameters) == ["self", "graceful"]
    assert hasattr(Unreader, "take_buffered")
    assert "data_ready" in inspect.getsource(ThreadWorker.handle), "whether a thread waits for the first byte"


# --- connections -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Gunicorn with few threads and descriptors, and an application without a model."""
    folder = tmp_path_factory.mktemp("server")
    with serve(
        folder, app="tests.helpers.plain_app:app", descriptors=DESCRIPTORS, GUNICORN_THREADS=str(THREADS)
    ) as started:
        yield started


@pytest.fixture
def lines(server: Server) -> Iterator[Callable[..., socket.socket]]:
    """Open connections, and send something on each; they are closed at the end."""
    where = urlsplit(server.address)
    with ExitStack() as stack:

        def line(sent: bytes = b"") -> socket.socket:
            opened = stack.enter_context(socket.create_connection((where.hostname, where.port), SECONDS))
            opened.sendall(sent)
            return opened

        yield line


Lines = Callable[..., socket.socket]


def read(line: socket.socket) -> bytes:
    """Read an answer with a Content-Length; returns its body, b"" if the connection was closed."""
    answer = http.client.HTTPResponse(line)
    try:
        answer.begin()
    except (http.client.RemoteDisconnected, ConnectionResetError):
        return b""
    return answer.read()


def is_answered(lines: Lines) -> bool:
    """Whether another visitor is answered."""
    return read(lines(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")) == b"0"


def test_silent_connections_beyond_the_descriptors_take_neither_threads_nor_the_loop(
    server: Server, lines: Lines
) -> None:
    silent = [lines() for _ in range(DESCRIPTORS + 60)]
    assert is_answered(lines)
    assert silent[0].recv(1) == b"", "the oldest gave way"
    silent[-1].sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert read(silent[-1]) == b"0", "the newest is still there"
    assert "Traceback" not in server.log.read_text()


@pytest.mark.parametrize(
    ("begun", "rest", "answer"),
    [
        (b"GET / HTTP/1.1\r\nHo", b"st: x\r\n\r\n", b"0"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nfour", b"again", b"9"),
    ],
    ids=["head", "small body"],
)
def test_requests_that_come_slowly_cost_no_thread(
    lines: Lines, begun: bytes, rest: bytes, answer: bytes
) -> None:
    slow = [lines(begun) for _ in range(5 * THREADS)]
    assert is_answered(lines)
    for each in slow:
        each.sendall(rest)
    assert [read(each) for each in slow] == [answer] * len(slow)


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: %d\r\n\r\n" % (SMALL_BODY + 2) + bytes(SMALL_BODY),
        b"Transfer-Encoding: chunked\r\n\r\n",
        b"Content-Length: 2\r\nExpect: 100-continue\r\n\r\n",
    ],
    ids=["large", "chunked", "expecting"],
)
def test_bodies_that_come_slowly_leave_some_threads_to_others(lines: Lines, head: bytes) -> None:
    slow = [lines(b"POST / HTTP/1.1\r\nHost: x\r\n" + head) for _ in range(3 * THREADS)]
    assert is_answered(lines)
    if b"chunked" in head:
        rest, answer = b"2\r\nab\r\n0\r\n\r\n", b"2"
    else:
        rest, answer = b"ab", b"2" if b"Expect" in head else b"%d" % (SMALL_BODY + 2)
    for each in slow:
        each.sendall(rest)
    for each in slow:
        if b"Expect" in head:
            assert each.recv(25).startswith(b"HTTP/1.1 100")
        assert read(each) == answer


def test_one_visitors_slow_bodies_leave_a_thread_to_anothers(server: Server, lines: Lines) -> None:
    begun = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (2 * SMALL_BODY) + bytes(SMALL_BODY)
    slow = [lines(begun) for _ in range(3 * THREADS)]
    where = urlsplit(server.address)
    with socket.create_connection(
        (where.hostname, where.port), SECONDS, source_address=("127.0.0.2", 0)
    ) as other:
        other.sendall(begun + bytes(SMALL_BODY))
        assert read(other) == b"%d" % (2 * SMALL_BODY)
    for each in slow:
        each.sendall(bytes(SMALL_BODY))
    assert [read(each) for each in slow] == [b"%d" % (2 * SMALL_BODY)] * len(slow)


def test_answers_that_are_not_fetched_cost_no_thread_and_stay_whole(lines: Lines) -> None:
    slow = [lines(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n") for _ in range(2)]
    rude = [lines(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n") for _ in range(2)]
    assert is_answered(lines)
    for each in rude:
        each.close()
    for each in slow:
        assert read(each) == LARGE
        each.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert read(each) == b"0", "the connection is kept"


def test_two_requests_in_one_piece_are_both_answered(lines: Lines) -> None:
    two = (
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
        + b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HT"
    )
    line = lines(two)
    answers = line.makefile("rb")
    found = b""
    while found.count(b"HTTP/1.1 200") < 2:
        found += answers.readline()
    line.sendall(b"TP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    found += answers.read()
    assert found.count(b"HTTP/1.1 200") == 3


def test_many_requests_in_one_piece_are_all_answered(lines: Lines) -> None:
    """More than gunicorn's parser takes from the connection at a time."""
    line = lines(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 700 + b"GET / HTTP/1.0\r\n\r\n")
    with line.makefile("rb") as answers:
        assert answers.read().count(b" 200 OK\r\n") == 701


def test_a_head_without_end_is_refused(lines: Lines) -> None:
    line = lines(b"GET / HTTP/1.1\r\nHost: x\r\nCookie: " + bytes(HEAD_BYTES).replace(b"\0", b"a"))
    assert line.recv(12) == b"HTTP/1.1 431"


def test_a_connection_that_is_not_closed_by_its_client_is_closed(lines: Lines) -> None:
    kept = [lines(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") for _ in range(5 * THREADS)]
    assert is_answered(lines)
    assert [read(each) for each in kept] == [b"0"] * len(kept)
    assert kept[0].recv(1) == b""
