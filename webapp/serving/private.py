"""What gunicorn itself says and leaves: its log without visitors' words, its error pages, its folder in memory."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import tempfile
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

try:
    import fcntl
except ImportError:  # pragma: no cover  # Windows, where gunicorn does not run, but its tests do
    fcntl = None  # type: ignore[assignment]

# Beginnings of gunicorn's messages that go on with a visitor's address, request line or headers, and what is logged
# instead.
REPLACED = {
    "Invalid request from": "A request was refused: it is not written as HTTP is.",
    "Error handling": "An error was raised while a request was handled.",
    "Socket error": "The connection failed while a request was handled.",
    "HTTP/2": "An error was raised while a request was handled.",
}
PREFIX = "facevalue-metrics-"


class WithoutVisitors(logging.Filter):
    """Logging filter for the logger gunicorn.error: no address, no request, no text of an exception that quotes one."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record where it is needed; it is always logged."""
        if record.name != "gunicorn.error":
            return True
        if isinstance(record.msg, BaseException):
            record.msg = type(record.msg).__name__
        if isinstance(record.args, tuple):
            record.args = tuple(
                type(value).__name__ if isinstance(value, BaseException) else value for value in record.args
            )
        for beginning, instead in REPLACED.items():
            if str(record.msg).startswith(beginning):
                record.msg, record.args = instead, ()
                _drop_text(record)
        return True


def _drop_text(record: logging.LogRecord) -> None:
    """Keep where an exception was raised, and its type, and drop its text."""
    if record.exc_info and record.exc_info[0] is not None:
        kind, _, places = record.exc_info
        record.exc_info, record.exc_text = None, f"{''.join(traceback.format_tb(places))}{kind.__name__}"


class WithHeaders:
    """A connection that adds headers to the one answer that gunicorn writes by itself."""

    def __init__(self, connection: Any, headers: Mapping[str, str]) -> None:
        self._connection = connection
        self._headers = "".join(f"\r\n{name}: {value}" for name, value in headers.items()).encode("latin-1")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def sendall(self, data: bytes) -> None:
        """Send an answer, with the headers behind its status line."""
        status, _, rest = data.partition(b"\r\n")
        self._connection.sendall(status + self._headers + b"\r\n" + rest)


def make_shared_folder(parent: str) -> str:
    """Return a new folder for the metrics that several workers share; stays locked as long as one of them runs.

    Folders that processes left which were killed are removed: nobody holds their lock.
    """
    for old in Path(parent).glob(f"{PREFIX}*"):
        _remove_if_left(old)
    while True:
        folder = tempfile.mkdtemp(prefix=PREFIX, dir=parent)
        if fcntl is None:
            return folder
        # Open, and so locked, until this process and those that it forks have ended.
        with contextlib.suppress(FileNotFoundError):
            fcntl.flock(os.open(folder, os.O_RDONLY), fcntl.LOCK_SH)
        # Another server that starts at the same moment may have taken it for one that was left.
        if Path(folder).exists():
            return folder


def _remove_if_left(folder: Path) -> None:
    # Another user's, or gone meanwhile.
    with contextlib.suppress(OSError):
        if fcntl is None or folder.stat().st_uid != os.getuid():
            return
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(descriptor)


def remove_shared_folder() -> None:
    """Remove it, if there is one."""
    if folder := os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        shutil.rmtree(folder, ignore_errors=True)
