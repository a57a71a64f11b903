"""Admission control: answer 503 before reading the body once too many requests or bytes are in flight.

Decided by the request's Content-Length. The client gets its answer at once, instead of a router's timeout (Heroku's:
30 seconds), and the memory for queued photos is bounded.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from flask import Flask, g, request

from webapp.middleware.memory_request import MULTIPART_ROOM, drain
from webapp.services.inference import RETRY_SECONDS, Busy
from webapp.settings import Settings

# Seconds. A refused body is read to its end, so that the browser receives the answer, but not for longer than this.
DRAIN_TIMEOUT = 3.0


@dataclass(slots=True)
class Admission:
    """The requests with a body that are in flight, and their bytes; safe for threads."""

    max_requests: int  # Requests in flight at most.
    max_bytes: int  # Sum of their sizes at most.
    requests: int = 0  # Requests in flight.
    bytes: int = 0  # Sum of their sizes.
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def enter(self, size: int) -> bool:
        """Admit a request of ``size`` bytes, or return False. Any size is admitted if no other is in flight."""
        with self._lock:
            if self.requests and (self.requests >= self.max_requests or self.bytes + size > self.max_bytes):
                return False
            self.requests += 1
            self.bytes += size
            return True

    def leave(self, size: int) -> None:
        """Release an admitted request of ``size`` bytes."""
        with self._lock:
            self.requests -= 1
            self.bytes -= size


def init_app(app: Flask, settings: Settings) -> None:
    """Check every request that can have a body; call it before any hook that reads a form."""
    admission = Admission(settings.max_concurrent + settings.queue_size, settings.queue_max_bytes)
    app.extensions["admission"] = admission
    largest = settings.max_request_bytes + MULTIPART_ROOM

    @app.before_request
    def enter() -> None:
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return
        # Without a Content-Length the largest allowed body is assumed; a larger one is refused while it is read.
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
