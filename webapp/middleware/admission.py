"""Admission control: answer 503 before reading the body once too many requests or bytes are in flight.

Decided by the request's Content-Length. The visitor is told at once to come back, instead of waiting until a router
gives up (Heroku's after 30 seconds), and the memory for photos that wait is bounded.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from flask import Flask, g, request

from webapp.middleware.memory_request import MULTIPART_ROOM, drain
from webapp.services.inference import RETRY_SECONDS, Busy
from webapp.settings import Settings

# Seconds. A refused body is still read to its end, so that a browser reads the answer; a slow one is cut off.
DRAIN_TIMEOUT = 3.0


@dataclass(slots=True)
class Admission:
    """Counts the requests with a body that are in flight, and their bytes; safe for threads."""

    max_requests: int
    max_bytes: int
    requests: int = 0  # In flight.
    bytes: int = 0  # Of these.
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def enter(self, size: int) -> bool:
        """Let a request of ``size`` bytes in, or return False. Alone, one of any size may come in."""
        with self._lock:
            if self.requests and (self.requests >= self.max_requests or self.bytes + size > self.max_bytes):
                return False
            self.requests += 1
            self.bytes += size
            return True

    def leave(self, size: int) -> None:
        """Give back what ``enter`` with the same size took."""
        with self._lock:
            self.requests -= 1
            self.bytes -= size


def init_app(app: Flask, settings: Settings) -> None:
    """Check every request that has a body; call it before anything reads a form."""
    admission = Admission(settings.max_concurrent + settings.queue_size, settings.queue_max_bytes)
    app.extensions["admission"] = admission
    largest = settings.max_request_bytes + MULTIPART_ROOM

    @app.before_request
    def enter() -> None:
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return
        # Without a length the body may be as long as any; a longer one is refused before it is kept.
        size = min(request.content_length if request.content_length is not None else largest, largest)
        if not admission.enter(size):
            drain(request, DRAIN_TIMEOUT)
            raise Busy(retry_after=RETRY_SECONDS)
        g.admitted = size

    @app.teardown_request
    def leave(error: BaseException | None) -> None:
        size: int | None = g.pop("admitted", None)
        if size is not None:
            admission.leave(size)
