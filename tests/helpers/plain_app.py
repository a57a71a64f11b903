"""A small WSGI application without a model, for what the server does with connections."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

LARGE = b"".join(b"%08d" % number for number in range(1_000_000))


def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer /large with LARGE, /pid with the worker's process, and everything else with the length of the body."""
    path = environ["PATH_INFO"]
    if path == "/large":
        body = LARGE
    elif path == "/pid":
        body = b"%d" % os.getpid()
    else:
        body = b"%d" % len(environ["wsgi.input"].read())
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
