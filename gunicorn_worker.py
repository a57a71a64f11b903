"""A gunicorn worker with time limits on reading a request and on sending the answer.

gunicorn's threads read headers and bodies without a time limit, so a handful of visitors who send a byte now and
then ("Slowloris") would hold them all. Only the standard library and gunicorn are imported here: this is loaded by
gunicorn's own process as well, which neither needs nor should have the site and its models.
"""

from __future__ import annotations

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

# A request's first line and headers; a browser sends them in one go.
HEAD_SECONDS = 10.0
# A body may start slowly, then has to keep up with a bad mobile connection, and be done at some time.
GRACE_SECONDS = 10.0
BYTES_A_SECOND = 8_000
BODY_SECONDS = 120.0
# For the answer to get on its way; a page with its pictures is about a megabyte.
ANSWER_SECONDS = 60.0
LINGER_SECONDS = 1.0
# For a worker's threads to begin.
START_SECONDS = 30.0
# What has already come in is read, however late we are ourselves.
AT_LEAST = 0.05


class TimeoutSocket(socket.socket):
    """A visitor's connection with a limit on how long each part of a request may take."""

    def __init__(self, connection: socket.socket) -> None:
        """Take over ``connection``, whose former object no longer holds it."""
        super().__init__(fileno=connection.detach())
        self._ended = False
        self.expect_head()

    def expect_head(self) -> None:
        """Start the clock for a request's first line and headers."""
        self._in_body, self._since, self._received = False, time.monotonic(), 0

    def expect_body(self) -> None:
        """Start the clock for a request's body."""
        self._in_body, self._since, self._received = True, time.monotonic(), 0

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Return what comes in; a head that is late ends like a closed connection, a body with TimeoutError."""
        if self._ended:
            return b""
        try:
            data = self._recv_in_time(size, flags)
        except TimeoutError:
            if self._in_body:
                raise
            return b""
        finally:
            self.settimeout(ANSWER_SECONDS)
        self._received += len(data)
        return data

    def linger_close(self) -> None:
        """Say that nothing more comes, and give the other side a moment to take what is on its way.

        gunicorn does so too, but in the one thread that accepts everybody else; it finds nothing left to wait for.
        """
        try:
            self.shutdown(socket.SHUT_WR)
            until = time.monotonic() + LINGER_SECONDS
            while (left := until - time.monotonic()) > 0:
                self.settimeout(left)
                if not super().recv(65536):
                    break
        except OSError:
            # The other side is gone already, or stays silent.
            pass
        self._ended = True

    def _recv_in_time(self, size: int, flags: int) -> bytes:
        late = time.monotonic() - self._since
        if late > (BODY_SECONDS if self._in_body else 2 * HEAD_SECONDS):
            raise TimeoutError
        allowed = HEAD_SECONDS
        if self._in_body:
            allowed = min(GRACE_SECONDS + self._received / BYTES_A_SECOND, BODY_SECONDS)
        wait = max(allowed - late, AT_LEAST)
        set_outside = self.gettimeout()
        self.settimeout(wait if set_outside is None else min(wait, set_outside))
        return super().recv(size, flags)


class TimeoutWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn's worker with threads, on connections that have limits."""

    def get_thread_pool(self) -> ThreadPoolExecutor:
        """Return the pool with every thread begun, or raise RuntimeError where the machine has not so many left.

        Left to itself the pool begins them when they are needed, and a shortage would end the worker and whatever it
        was at just then.
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

    def handle(self, conn: Any) -> Any:
        """Serve one request of a connection."""
        if isinstance(conn.sock, TimeoutSocket):
            conn.sock.expect_head()
        else:
            conn.sock = TimeoutSocket(conn.sock)
        more = super().handle(conn)
        if more is False:
            conn.sock.linger_close()
        return more

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Answer one request whose headers are there."""
        conn.sock.expect_body()
        return super().handle_request(req, conn)
