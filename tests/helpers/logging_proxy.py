"""A proxy on loopback that writes down every request: those of service workers and WebSockets, too.

A page's own events do not tell of them all. Only plain HTTP is passed on; whatever asks for a tunnel is written down
and refused.
"""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler
from urllib.parse import urlsplit

ALTER = Callable[[str, bytes], bytes]
HOP = {"connection", "proxy-connection", "keep-alive", "transfer-encoding", "content-length"}


class LoggingProxy(socketserver.ThreadingTCPServer):
    """``log`` has a line for each request; ``alter`` may change what comes back."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        self.log: list[str] = []
        self.alter: ALTER = lambda address, content: content
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: LoggingProxy

    def log_message(self, *given: object) -> None:
        """Write nothing to the terminal."""

    def do_CONNECT(self) -> None:
        self.server.log.append(self.requestline)
        self.send_error(403)

    def _pass_on(self) -> None:
        self.server.log.append(self.requestline)
        target = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
        # Nothing is compressed, so that ``alter`` gets what is meant.
        headers["Accept-Encoding"] = "identity"
        connection = HTTPConnection(target.hostname or "", target.port or 80, timeout=60)
        try:
            path = target.path + (f"?{target.query}" if target.query else "")
            connection.request(self.command, path, body or None, headers)
            answer = connection.getresponse()
            content = self.server.alter(target.path, answer.read())
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in HOP:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        finally:
            connection.close()

    do_GET = do_POST = do_HEAD = do_PUT = do_OPTIONS = _pass_on  # noqa: N815  # http.server's names


@contextmanager
def logging_proxy() -> Iterator[LoggingProxy]:
    """Run a proxy as long as the block lasts."""
    with LoggingProxy() as proxy:
        thread = threading.Thread(target=proxy.serve_forever, daemon=True)
        thread.start()
        try:
            yield proxy
        finally:
            proxy.shutdown()
            thread.join()
