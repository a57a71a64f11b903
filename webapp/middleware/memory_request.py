"""Uploads stay in memory, and too large ones are read to their end so that the browser hears the answer."""

from __future__ import annotations

import time
from io import BytesIO
from typing import IO

from flask import Request

# What a multipart body carries beside the photo: boundaries, headers, the CSRF token.
MULTIPART_ROOM = 64 * 1024
# What a form's fields may hold that are no files. The results page sends its photo back as text in one.
FIELD_BYTES = 16 * 1024 * 1024
# What a form may be that is not multipart, such as a sample's button: Werkzeug reads it as a whole, whatever
# FIELD_BYTES says, and three million "a=%20" kept a processor busy for more than a minute.
PLAIN_FORM_BYTES = 64 * 1024
# A body beyond this is not drained: no browser's form sends it.
DRAIN_BYTES = 160 * 1024 * 1024
DRAIN_SECONDS = 20.0
CHUNK = 64 * 1024


class MemoryRequest(Request):
    """A request whose uploaded files are kept in memory; MAX_CONTENT_LENGTH bounds them.

    Werkzeug's own writes everything over 500 kB to a temporary file, and photos must not touch the disk.
    """

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        return BytesIO()

    def _load_form_data(self) -> None:
        if self.mimetype == "application/x-www-form-urlencoded":
            most = self.max_content_length
            self.max_content_length = PLAIN_FORM_BYTES if most is None else min(most, PLAIN_FORM_BYTES)
        super()._load_form_data()


def drain(request: Request, seconds: float = DRAIN_SECONDS) -> bool:
    """Read and drop what is left of the request's body; return whether its end was reached.

    A browser sends its whole upload before it listens. Answered earlier, it sees a reset connection and not
    the page that explains the limit. Where the end was not reached, gunicorn closes the connection.
    """
    stream: IO[bytes] | None = request.environ.get("wsgi.input")
    expected = request.content_length
    if stream is None or (expected is not None and expected > DRAIN_BYTES):
        return False
    left = DRAIN_BYTES
    deadline = time.monotonic() + seconds
    while left > 0 and time.monotonic() < deadline:
        try:
            chunk = stream.read(min(CHUNK, left))
        except OSError:
            return False
        if not chunk:
            return True
        left -= len(chunk)
    return False
