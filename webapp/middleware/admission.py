"""Admission control: a request with a body needs a place, and its bytes room, as they arrive.

Where there is neither, the answer is 503 at once or after a short wait: the client gets it before a router's timeout
(Heroku's: 30 seconds), and the memory for photos that wait is bounded. See ``webapp.services.uploads``.
"""

from __future__ import annotations

import contextlib
import select
import socket
import threading

from flask import Flask, g, request

from webapp.middleware.memory_request import drain
from webapp.services.current_upload import answer_to
from webapp.services.uploads import NoRoom, NoSender, Sender, Upload, Uploads
from webapp.services.visitor import current_visitor
from webapp.settings import Settings

# Seconds. A refused body is read to its end, so that the browser receives the answer, but not for longer than this, and
# not of many at a time, as each keeps a thread.
DRAIN_TIMEOUT = 3.0
DRAINED_AT_ONCE = 3


class Connection:
    """The socket that gunicorn reads a request from."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection

    def pending(self) -> bool:
        """Return whether bytes have arrived that nobody has read yet."""
        looking = select.poll()
        try:
            looking.register(self._socket, select.POLLIN)
            return bool(looking.poll(0))
        except (OSError, ValueError):
            return False

    def interrupt(self) -> None:
        """Let a read that waits return; the answer can still be sent."""
        # The client may have gone.
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RD)


def _drained(draining: threading.BoundedSemaphore) -> bool:
    """Read and drop the current request's body, if not too many are; return whether its end was reached."""
    if not draining.acquire(blocking=False):
        return False
    try:
        return drain(request, DRAIN_TIMEOUT)
    finally:
        draining.release()


def init_app(app: Flask, settings: Settings) -> None:
    """Check every request that can have a body; call it before any hook that reads a form."""
    uploads = Uploads(
        settings.max_concurrent + settings.queue_size,
        settings.queue_max_bytes,
        settings.max_request_bytes,
        settings.uploads_per_address,
    )
    app.extensions["admission"] = uploads
    draining = threading.BoundedSemaphore(DRAINED_AT_ONCE)

    @app.before_request
    def enter() -> None:
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return
        connection = request.environ.get("gunicorn.socket")
        sender: Sender = NoSender() if connection is None else Connection(connection)
        try:
            g.upload = uploads.enter(current_visitor(), sender)
        except NoRoom as error:
            if not _drained(draining):
                # Or gunicorn would wait for the rest of the body, with the thread.
                sender.interrupt()
            raise answer_to(error) from error

    @app.teardown_request
    def leave(error: BaseException | None) -> None:
        upload: Upload | None = g.pop("upload", None)
        if upload is not None:
            uploads.leave(upload)
