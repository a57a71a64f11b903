"""A client's connection with time limits on reading, and an answer that a slow reader fetches without a thread."""

from __future__ import annotations

import socket
import threading
import time

# For a request's first line and headers, which a browser sends at once.
HEAD_SECONDS = 10.0
# A body has these seconds to start, must then keep this rate (a bad mobile connection's), and has a limit in total.
GRACE_SECONDS = 10.0
BYTES_A_SECOND = 8_000
BODY_SECONDS = 120.0
# A worker that is ending leaves this to the bodies that are still coming in.
ENDING_SECONDS = 5.0
# For sending the answer; a results page can be about a megabyte.
ANSWER_SECONDS = 60.0
# Least timeout of a read, so that data that has already arrived is read even if the process is late.
AT_LEAST = 0.05
# Bytes of all answers of a process that wait for their readers; beyond, a thread waits with its answer.
UNSENT_BYTES = 24 * 1024 * 1024


class TimeoutSocket(socket.socket):
    """A client's connection with a time limit for each part of a request."""

    ending_since: float | None = None  # When the worker began to end, for all connections.
    _all_unsent = 0  # Bytes, of all connections.
    _lock = threading.Lock()

    def __init__(self, connection: socket.socket, received: bytes = b"") -> None:
        """Take over the file descriptor of ``connection``, which is detached; ``received`` has been read from it."""
        super().__init__(fileno=connection.detach())
        self._unsent = bytearray()
        self.expect_head(received)

    def expect_head(self, received: bytes = b"") -> None:
        """Start the time limit for a request's first line and headers; ``received`` is what is there of them."""
        self._received_before = received
        self._in_body, self._since, self._received = False, time.monotonic(), 0

    def expect_body(self) -> None:
        """Start the time limit for a request's body."""
        self._in_body, self._since, self._received = True, time.monotonic(), 0

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Receive data; b"" (as for a closed connection) if a head is late, TimeoutError if a body is."""
        if self._received_before:
            data, self._received_before = self._received_before[:size], self._received_before[size:]
            self._received += len(data)
            return data
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

    def recv_now(self, size: int) -> bytes | None:
        """Receive what is there, None if that is nothing; for the main loop, which does not wait."""
        self.setblocking(False)
        try:
            return super().recv(size)
        except BlockingIOError:
            return None

    def take_received(self) -> bytes:
        """Return what the main loop had read and nobody has received, and forget it."""
        data, self._received_before = self._received_before, b""
        return data

    def sendall(self, data: bytes, flags: int = 0) -> None:  # type: ignore[override]  # gunicorn sends bytes
        """Send what the client takes now; the rest is kept for ``send_unsent``, as far as there is room for it."""
        view = memoryview(data)
        if not self._unsent:
            self.setblocking(False)
            try:
                view = view[super().send(view, flags) :]
            except BlockingIOError:
                pass
            finally:
                self.settimeout(ANSWER_SECONDS)
        if not view or self._keep(view):
            return
        kept = self.take_unsent()
        super().sendall(kept)
        super().sendall(view, flags)

    @property
    def unsent(self) -> int:
        """Bytes of the answer that are not sent yet."""
        return len(self._unsent)

    def send_unsent(self) -> None:
        """Send what the client takes now of the answer; OSError if it is gone."""
        self.setblocking(False)
        try:
            sent = super().send(self._unsent[: 1 << 18])
        except BlockingIOError:
            return
        del self._unsent[:sent]
        self._count(-sent)

    def take_unsent(self) -> bytes:
        """Return what is not sent yet, and forget it."""
        kept = bytes(self._unsent)
        self._unsent.clear()
        self._count(-len(kept))
        return kept

    def close(self) -> None:
        """Close the connection; what is not sent is dropped."""
        self.take_unsent()
        super().close()

    def _keep(self, data: memoryview) -> bool:
        with TimeoutSocket._lock:
            if TimeoutSocket._all_unsent + len(data) > UNSENT_BYTES:
                return False
            TimeoutSocket._all_unsent += len(data)
        self._unsent += data
        return True

    @staticmethod
    def _count(change: int) -> None:
        with TimeoutSocket._lock:
            TimeoutSocket._all_unsent += change

    def _recv_in_time(self, size: int, flags: int) -> bytes:
        now = time.monotonic()
        late = now - self._since
        if late > (BODY_SECONDS if self._in_body else 2 * HEAD_SECONDS):
            raise TimeoutError
        allowed = HEAD_SECONDS
        if self._in_body:
            allowed = min(GRACE_SECONDS + self._received / BYTES_A_SECOND, BODY_SECONDS)
        wait = max(allowed - late, AT_LEAST)
        if self.ending_since is not None:
            if now > self.ending_since + ENDING_SECONDS:
                raise TimeoutError
            wait = min(wait, max(self.ending_since + ENDING_SECONDS - now, AT_LEAST))
        set_outside = self.gettimeout()
        self.settimeout(wait if set_outside is None else min(wait, set_outside))
        return super().recv(size, flags)
