"""Keep uploads in memory, and notice those that were cut off.

Refused bodies are drained, so that the browser receives the answer.
"""

from __future__ import annotations

import time
from io import RawIOBase
from typing import IO, cast

from flask import Request, current_app
from werkzeug.exceptions import ClientDisconnected, HTTPException
from werkzeug.formparser import FormDataParser

from webapp.middleware.multipart_form import BoundedFormParser, MalformedForm, form_of
from webapp.services import current_upload
from webapp.settings import current_settings

# Bytes of a multipart body beside the photos: boundaries, headers, the CSRF token.
MULTIPART_ROOM = 64 * 1024
# Bytes of a form that is not multipart, such as a sample's button. Werkzeug parses it whole, and three million "a=%20"
# took more than a minute of processor time.
PLAIN_FORM_BYTES = 64 * 1024
# A larger body is not drained; no form of the site sends one.
DRAIN_BYTES = 160 * 1024 * 1024
DRAIN_SECONDS = 20.0
CHUNK = 64 * 1024


class CountedBody(RawIOBase):
    """A request's body that counts what is read of it, here and among all uploads."""

    def __init__(self, body: IO[bytes]) -> None:
        super().__init__()
        self._body = body
        self.received = 0  # Bytes.
        self.ended = False

    def read(self, size: int = -1) -> bytes:
        """Read up to ``size`` bytes, or all. Raises Busy and TooSlow if the upload has to give way."""
        try:
            data = self._body.read(size)
        except HTTPException:
            # Its connection may have been interrupted for that reason.
            current_upload.check()
            raise
        except Exception as error:
            # gunicorn's, of chunks that are none.
            raise MalformedForm from error
        self.received += len(data)
        current_upload.arrived(len(data))
        self.ended = self.ended or size < 0 or (size > 0 and not data)
        return data


class MemoryRequest(Request):
    """A request whose form is parsed within limits and kept in memory; MAX_CONTENT_LENGTH bounds it as a whole.

    Werkzeug's default writes files over 500 kB to a temporary file, and photos must not be written to disk.
    """

    form_data_parser_class = BoundedFormParser

    def make_form_data_parser(self) -> FormDataParser:
        """Return the parser with the limits of the form that the view takes."""
        parser = cast(BoundedFormParser, super().make_form_data_parser())
        parser.limits = form_of(current_app.view_functions.get(self.endpoint or "")).limits(current_settings)
        return parser

    def _load_form_data(self) -> None:
        if self.mimetype == "application/x-www-form-urlencoded":
            most = self.max_content_length
            self.max_content_length = PLAIN_FORM_BYTES if most is None else min(most, PLAIN_FORM_BYTES)
        try:
            super()._load_form_data()
        except MalformedForm as error:
            if self._is_cut_off():
                raise ClientDisconnected from error
            raise
        if self._is_cut_off():
            raise ClientDisconnected
        current_upload.completed()

    def _is_cut_off(self) -> bool:
        """Return whether less came than was announced: gunicorn ends such a body like a whole one."""
        body = self.__dict__.get("counted_body")
        return body is not None and body.ended and body.received < (self.content_length or 0)

    def _get_stream_for_parsing(self) -> IO[bytes]:
        body = CountedBody(super()._get_stream_for_parsing())
        self.__dict__["counted_body"] = body
        return cast(IO[bytes], body)


def drain(request: Request, seconds: float = DRAIN_SECONDS) -> bool:
    """Read and drop what is left of the request's body; return whether its end was reached.

    A browser sends its whole upload before it reads the answer. Answered earlier, it shows a reset connection instead
    of the page that explains the limit. If the end is not reached, gunicorn closes the connection.
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
        except Exception:
            # The client has gone, or sends chunks that are none.
            return False
        if not chunk:
            return True
        left -= len(chunk)
    return False
