"""A gunicorn worker with time limits on reading a request and on sending the answer.

gunicorn's threads read headers and bodies without a time limit, so a few clients that send a byte now and then
("Slowloris") would occupy all of them. Only the standard library and gunicorn are imported here, because gunicorn's
master process, which does not load the site and its models, imports this too.
"""

from __future__ import annotations

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

# For a request's first line and headers, which a browser sends at once.
HEAD_SECONDS = 10.0
# A body has these seconds to start, must then keep this rate (a bad mobile connection's), and has a limit in total.
GRACE_SECONDS = 10.0
BYTES_A_SECOND = 8_000
BODY_SECONDS = 120.0
# For sending the answer; a results page can be about a megabyte.
ANSWER_SECONDS = 60.0
LINGER_SECONDS = 1.0
# For a worker's threads to start.
START_SECONDS = 30.0
# Least timeout of a read, so that data that has already arrived is read even if the process is late.
AT_LEAST = 0.05


class TimeoutSocket(socket.socket):
    """A client's connection with a time limit for each part of a request."""

    def __init__(self, connection: socket.socket) -> None:
        """Take over the file descriptor of ``connection``, which is detached."""
        super().__init__(fileno=connection.detach())
        self._ended = False
        self.expect_head()

    def expect_head(self) -> None:
        """Start the time limit for a request's first line and headers."""
        self._in_body, self._since, self._received = False, time.monotonic(), 0

    def expect_body(self) -> None:
        """Start the time limit for a request's body."""
        self._in_body, self._since, self._received = True, time.monotonic(), 0

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Receive data; b"" (as for a closed connection) if a head is late, TimeoutError if a body is."""
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
        """Lingering close: shut down the sending side, then read for up to LINGER_SECONDS.

        So the client receives the whole answer before the connection is reset. gunicorn does this too, but in the one
        thread that accepts connections; after this call it does not wait there.
        """
        try:
            self.shutdown(socket.SHUT_WR)
            until = time.monotonic() + LINGER_SECONDS
            while (left := until - time.monotonic()) > 0:
                self.settimeout(left)
                if not super().recv(65536):
                    break
        except OSError:
            # The client has disconnected, or sends nothing.
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
    """gunicorn's gthread worker with TimeoutSocket connections."""

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
        """Answer one request whose head was received."""
        conn.sock.expect_body()
        return super().handle_request(req, conn)
