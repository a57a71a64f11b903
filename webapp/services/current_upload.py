"""The current request's upload: its bytes are counted as they arrive, and it may have to give way."""

from __future__ import annotations

import time
from typing import cast

from flask import current_app, g
from werkzeug.exceptions import HTTPException, RequestTimeout, ServiceUnavailable

from webapp.services.uploads import Ended, NoRoom, Upload, Uploads

# What a visitor is told to wait, in seconds. A photo takes well under one.
RETRY_SECONDS = 5


class Busy(ServiceUnavailable):
    """There is no place, no room, or no inference slot in time; a 503 with Retry-After."""


class TooSlow(RequestTimeout):
    """The body trickled while others waited."""


def arrived(size: int) -> None:
    """Count bytes of the body. Raises Busy and TooSlow."""
    if (upload := _upload()) is not None:
        try:
            _uploads().grow(upload, size)
        except (Ended, NoRoom) as error:
            raise answer_to(error) from error


def completed() -> None:
    """Note that the body is whole. Raises Busy and TooSlow."""
    if (upload := _upload()) is not None:
        try:
            _uploads().complete(upload)
        except Ended as error:
            raise answer_to(error) from error


def check() -> None:
    """Raise Busy or TooSlow if the upload has to give way."""
    if (upload := _upload()) is not None and upload.ended:
        raise answer_to(Ended(upload.ended))


def begin() -> None:
    """Note that the photos are being read: from now on it does not give way."""
    if (upload := _upload()) is not None:
        # Not even if it was to, in the moment in which it got its slot.
        upload.begun, upload.ended = True, ""


def seconds_since_whole() -> float:
    """Return the seconds since the body's last byte arrived, those for its place included; 0 where there is none."""
    upload = _upload()
    if upload is None or not upload.whole_at:
        return 0.0
    # Its bytes may have been there already while it waited.
    return time.monotonic() - upload.whole_at + upload.waited


def answer_to(error: Ended | NoRoom) -> HTTPException:
    """Return the error that a visitor is shown."""
    if isinstance(error, Ended) and error.why == "slow":
        return TooSlow()
    return Busy(retry_after=RETRY_SECONDS)


def _upload() -> Upload | None:
    return cast("Upload | None", g.get("upload"))


def _uploads() -> Uploads:
    return cast(Uploads, current_app.extensions["admission"])
