"""gunicorn's threaded worker, in which a connection has a thread only while a request of it is answered.

gunicorn hands each new connection to a thread, which waits five seconds for its first byte and without limit for the
rest: ten silent connections a second, or a few clients that send a byte now and then, and every thread is taken. Here
the main loop waits, for all of them at once:

- for a request's head, and for a small body, until they are there;
- for a client to fetch the answer that a thread has written;
- for it to close its end when the answer was the last.

Large bodies are read by threads, but not by the last ones, which are kept for requests without a body; and one
visitor's not by all that are left. The number of connections is bounded; when it is reached, the oldest that waits for
a head gives way. A worker that has become too large ends after what it has begun, and the master starts another.

It relies on how gunicorn ``GUNICORN`` works inside; the tests say when another version works otherwise.
"""

from __future__ import annotations

import contextlib
import errno
import selectors
import socket
import threading
import time
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

from webapp.middleware.security_headers import HEADERS
from webapp.serving.client_socket import (
    ANSWER_SECONDS,
    BYTES_A_SECOND,
    GRACE_SECONDS,
    HEAD_SECONDS,
    TimeoutSocket,
)
from webapp.serving.connection import BUSY, REST, TOO_LARGE, TOO_SLOW, Connection
from webapp.serving.head import look, visitor_of
from webapp.serving.memory import MemoryWatch, limit
from webapp.serving.private import WithHeaders

__all__ = ["HEAD_SECONDS", "TimeoutSocket", "TimeoutWorker"]

GUNICORN = "27.0"  # The version whose inside this relies on.
LINGER_SECONDS = 1.0
# For a worker's threads to start.
START_SECONDS = 30.0
# What a worker that ends leaves to connections without a request, which may be on its way.
ENDING_SECONDS = 1.0
# Seconds for which a request with a body waits for a thread.
QUEUE_SECONDS = 5.0
# Threads that answer requests without a body only: pages, checks.
KEPT_FREE = 4
READ_BYTES = 16 * 1024
# Where the system gives no more descriptors or memory for connections.
SHORT = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


class TimeoutWorker(ThreadWorker):  # type: ignore[misc]
    """gunicorn's gthread worker whose main loop does all the waiting."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.alive = True
        self.memory = MemoryWatch(limit())
        self.retiring = False
        self.idle: dict[Connection, None] = {}  # Waiting for a head or a small body, oldest first.
        self.parting: dict[Connection, None] = {}  # Fetching an answer, or closing.
        self.queued: dict[Connection, None] = {}  # With a body, waiting for a thread, longest first.
        self.bodies: Counter[str] = Counter()  # Threads that have a request with a body, by visitor.

    # --- threads --------------------------------------------------------------------------------------------

    def get_thread_pool(self) -> ThreadPoolExecutor:
        """Return the pool with every thread started; raises RuntimeError if the system refuses one.

        By default the pool starts threads when they are needed, and a refusal would then end the worker with its
        requests in progress.
        """
        pool: ThreadPoolExecutor = super().get_thread_pool()
        everyone = threading.Barrier(self.cfg.threads)
        try:
            for started in [pool.submit(everyone.wait, START_SECONDS) for _ in range(self.cfg.threads)]:
                started.result()
        except (RuntimeError, MemoryError) as error:
            everyone.abort()
            pool.shutdown(wait=False, cancel_futures=True)
            raise RuntimeError(
                f"The machine does not give a worker {self.cfg.threads} threads ({error}). Lower GUNICORN_THREADS, "
                "with QUEUE_SIZE, or raise the limit on processes."
            ) from error
        return pool

    def begin(self, conn: Connection) -> None:
        """Give a connection, whose request has come in, to a thread; or let it wait for one."""
        if conn.has_body:
            conn.visitor = visitor_of(conn.received, conn.client, behind_proxy=self._behind_proxy)
            if not self._has_thread(conn):
                conn.until = time.monotonic() + QUEUE_SECONDS
                self.queued[conn] = None
                return
            self.bodies[conn.visitor] += 1
        conn.sock.expect_head(bytes(conn.received))
        conn.received.clear()
        self.enqueue_req(conn)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answer what is not HTTP, with the security headers that every answer has."""
        super().handle_error(req, WithHeaders(client, HEADERS), addr, exc)

    def _has_thread(self, conn: Connection) -> bool:
        """Whether a thread is free for this visitor's request with a body."""
        most = max(1, self.cfg.threads - KEPT_FREE)
        of_one = max(1, most - most // 4)
        return bool(self.bodies.total() < most and self.bodies[conn.visitor] < of_one)

    def _begin_queued(self) -> None:
        """Give a free thread to the visitor who has the fewest, and to the request that has waited longest."""
        able = [conn for conn in self.queued if self._has_thread(conn)]
        if able:
            conn = min(able, key=lambda each: self.bodies[each.visitor])
            del self.queued[conn]
            self.begin(conn)

    @property
    def _behind_proxy(self) -> bool:
        settings = getattr(getattr(self, "wsgi", None), "extensions", {}).get("settings")
        return bool(settings and settings.behind_proxy)

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Answer one request whose head was received; called by a thread."""
        conn.sock.expect_body()
        return super().handle_request(req, conn)

    def finish_request(self, conn: Connection, fs: Future[Any]) -> None:
        """Take a connection back from its thread: let the client fetch the answer, then wait for its next request."""
        if conn.has_body:
            self.bodies[conn.visitor] -= 1
            self.bodies += Counter()  # Drops visitors who have none.
            conn.has_body = False
        self._begin_queued()
        self._settle(conn, fs)

    def _settle(self, conn: Connection, fs: Future[Any]) -> None:
        if conn.sock.unsent:
            self._part(conn, ANSWER_SECONDS, selectors.EVENT_WRITE, partial(self._on_writable, fs=fs))
            return
        again = not fs.cancelled() and fs.exception() is None and fs.result()
        if not again:
            super().finish_request(conn, fs)
            return
        # What the client has sent behind the request.
        conn.received += conn.parser.unreader.take_buffered() + conn.sock.take_received()
        self.wait_for_request(conn, self.cfg.keepalive)

    # --- connections ----------------------------------------------------------------------------------------

    def accept(self, listener: socket.socket) -> None:
        """Accept a new connection; if there is no room for it, the oldest without a request gives way."""
        try:
            client, address = listener.accept()
        except OSError as error:
            if error.errno in SHORT:
                self.log.warning("No new connection: %s", error.strerror)
                if not self.give_way():
                    # Each one has a request; the loop comes back at once.
                    time.sleep(0.05)
            elif error.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK):
                raise
            return
        self.nr_conns += 1
        conn = Connection(self, client, address, listener.getsockname())
        self.wait_for_request(conn, HEAD_SECONDS)
        # The loop stops accepting at worker_connections.
        if self.nr_conns >= self.worker_connections:
            self.give_way()

    def give_way(self) -> bool:
        """Close the connection that has waited longest without a request; returns whether there is one."""
        for conn in self.idle:
            self.drop(conn)
            return True
        return False

    def wait_for_request(self, conn: Connection, seconds: float) -> None:
        """Let the main loop wait for the connection's next request."""
        if not self.alive:
            seconds = min(seconds, ENDING_SECONDS)
        conn.until = time.monotonic() + seconds
        self.idle[conn] = None
        conn.sock.setblocking(False)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_received, conn))
        if conn.received:
            self._look_at(conn, first=True)

    def on_received(self, conn: Connection, client: socket.socket) -> None:
        """Read what has come in of a request; give it to a thread if it is there."""
        if conn not in self.idle:
            return  # It was dropped by an event of the same moment.
        try:
            data = conn.sock.recv_now(READ_BYTES)
        except OSError:
            data = b""
        if data is None:
            return
        if not data:
            if conn.has_body:
                # Cut off, which a thread will say.
                self._leave(conn)
                self.begin(conn)
            else:
                self.drop(conn)
            return
        first = not conn.received
        conn.received += data
        self._look_at(conn, first=first)

    def _look_at(self, conn: Connection, *, first: bool) -> None:
        seen = look(conn.received)
        if seen.too_large:
            self._leave(conn)
            self._say(conn, TOO_LARGE)
        elif seen.ready:
            self._leave(conn)
            conn.has_body = seen.has_body
            self.begin(conn)
        elif seen.has_body:
            if not conn.has_body:
                conn.has_body, conn.begun = True, time.monotonic()
            conn.until = conn.begun + GRACE_SECONDS + len(conn.received) / BYTES_A_SECOND
        elif first:
            # A kept connection had less time for the first byte, or more.
            conn.until = time.monotonic() + HEAD_SECONDS

    def drop(self, conn: Connection) -> None:
        """Close a connection that the main loop waits for."""
        self._leave(conn)
        self.nr_conns -= 1
        conn.close()

    def linger(self, conn: Connection) -> None:
        """Shut down the sending side, and close when the client has done the same, or after LINGER_SECONDS.

        So the client receives the whole answer before the connection is reset.
        """
        try:
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            conn.close()
            return
        self.nr_conns += 1
        self._part(conn, LINGER_SECONDS, selectors.EVENT_READ, self._on_parting)

    def _say(self, conn: Connection, line: bytes) -> None:
        """Answer a request that no thread will read, and close."""
        with contextlib.suppress(OSError):
            conn.sock.sendall(line + REST)
        self.nr_conns -= 1
        self.linger(conn)

    def _part(self, conn: Connection, seconds: float, event: int, then: Any) -> None:
        conn.until = time.monotonic() + seconds
        self.parting[conn] = None
        conn.sock.setblocking(False)
        self.poller.register(conn.sock, event, partial(then, conn))

    def _on_writable(self, conn: Connection, client: socket.socket, fs: Future[Any]) -> None:
        if conn not in self.parting:
            return
        try:
            conn.sock.send_unsent()
        except OSError:
            self.drop(conn)
            return
        if not conn.sock.unsent:
            self._leave(conn)
            self._settle(conn, fs)

    def _on_parting(self, conn: Connection, client: socket.socket) -> None:
        try:
            if conn in self.parting and conn.sock.recv_now(READ_BYTES) == b"":
                self.drop(conn)
        except OSError:
            self.drop(conn)

    def _leave(self, conn: Connection) -> None:
        """Wait no longer for a connection."""
        self.idle.pop(conn, None)
        self.parting.pop(conn, None)
        with contextlib.suppress(OSError, KeyError, ValueError):
            self.poller.unregister(conn.sock)

    # --- time and memory ------------------------------------------------------------------------------------

    def murder_pending(self) -> None:
        """Give up what has waited too long; gunicorn's loop calls it every second, and after each event."""
        now = time.monotonic()
        for waiting in (self.idle, self.parting):
            for conn in [conn for conn in waiting if conn.until < now]:
                if waiting is self.idle and conn.has_body:
                    self._leave(conn)
                    self._say(conn, TOO_SLOW)
                else:
                    self.drop(conn)
        for conn in [conn for conn in self.queued if conn.until < now]:
            del self.queued[conn]
            self._say(conn, BUSY)
        if self.alive and self.nr and self.memory.too_large():
            self.log.warning(
                "The worker holds more than MAX_MEMORY_MB (%d MB): it ends after what it has begun, and another one "
                "takes its place.",
                self.memory.most >> 20,
            )
            self.alive, self.retiring = False, True

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Wait for events; for a shorter time when the worker is ending, so that it ends soon."""
        super().wait_for_and_dispatch_events(timeout if self.alive else min(timeout, 0.1))

    def _cap_keepalive(self, deadline: float) -> None:
        """Give connections without a request a moment; gunicorn calls it when the worker begins to end."""
        now = time.monotonic()
        if self.retiring:
            # Others wait for the next worker.
            TimeoutSocket.ending_since = now
        for conn in self.idle:
            conn.until = min(conn.until, now + ENDING_SECONDS)
