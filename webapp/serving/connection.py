"""A client's connection as the worker's main loop keeps it."""

from __future__ import annotations

import socket
from typing import Any, Protocol

from gunicorn.workers.gthread import TConn

from webapp.middleware.security_headers import HEADERS
from webapp.serving.client_socket import TimeoutSocket

TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\n"
BUSY = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\n"
REST = (
    "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items()).encode("latin-1")
    + b"Content-Type: text/plain\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
)


class Lingering(Protocol):
    """A worker that can wait for a client to close its end."""

    cfg: Any

    def linger(self, conn: Connection) -> None: ...


class Connection(TConn):  # type: ignore[misc]  # gunicorn ships no types
    """A client's connection, and what has come in of its next request."""

    def __init__(self, worker: Lingering, client: socket.socket, address: Any, server: Any) -> None:
        super().__init__(worker.cfg, TimeoutSocket(client), address, server)
        self.worker = worker
        self.received = bytearray()
        self.has_body = False
        self.visitor = ""  # Address of a request with a body.
        self.begun = 0.0  # When the body began to come in.
        self.until = 0.0  # When the main loop gives it up.
        self.data_ready = True  # gunicorn's threads need not wait for the first byte.

    def close(self, graceful: bool = False) -> None:
        """Close the connection; a graceful close waits in the main loop for the client's end."""
        if graceful:
            self.worker.linger(self)
        else:
            super().close()
