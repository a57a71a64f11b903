"""The last hop's entries of the X-Forwarded headers, read robustly.

ProxyFix reads these headers as lists with quoted strings: one quotation mark that a visitor writes swallows the comma
and, with it, the entry that the proxy appends.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class LastHopMiddleware:
    """WSGI middleware around ProxyFix: leave only what the last hop wrote; no address where it wrote none."""

    def __init__(self, inner: WSGIApplication) -> None:
        self.inner = inner

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        for header, read in (("HTTP_X_FORWARDED_FOR", _address), ("HTTP_X_FORWARDED_PROTO", str)):
            last = read(environ.pop(header, "").rpartition(",")[2].strip().strip('"'))
            if last:
                environ[header] = last
        return self.inner(environ, start_response)


def _address(text: str) -> str:
    """Return an address as it is usually spelled, without brackets and port; empty if it is none."""
    host = text
    if text.startswith("["):
        host = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        host = text.partition(":")[0]
    try:
        return str(ip_address(host))
    except ValueError:
        return ""
