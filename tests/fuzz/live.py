"""Send cases to a real server, and watch it meanwhile: its memory, its processor time, and how a bystander fares.

Beside the cases, which come one after the other, connections trickle or say nothing all the time.
"""

from __future__ import annotations

import http.client
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from werkzeug.urls import iri_to_uri
from werkzeug.wrappers import Response

from tests.fuzz import pictures
from tests.fuzz.judge import FIELD, Answer, find_fault
from tests.helpers.memory import children
from tests.helpers.multipart import ANALYZE, FORM, TOKEN, Case, file, form
from tests.helpers.server import Server

SECONDS = 60.0
# Connections that hold a body back, and that say nothing.
TRICKLING, SILENT = 12, 40
EVERY = 1.0  # Seconds between a bystander's photos.
# gunicorn itself refuses what is not HTTP, in a page of its own.
NOT_HTTP = {400, 414, 417, 431, 501, 505}
ITS_OWN = re.compile(rb"<h1><p>")


class LiveVisitor:
    """A browser with a session, over the wire; each case has a connection of its own."""

    def __init__(self, server: Server, behind_proxy: bool = False) -> None:
        where = urlsplit(server.address)
        self._place = (str(where.hostname), int(where.port or 80))
        self._proxy = (("X-Forwarded-For", "198.51.100.1"),) if behind_proxy else ()
        page = self._talk(Case("", "/", b"", frozenset(), method="GET", content_type=None), cookie="")
        found = FIELD.search(page.get_data(as_text=True))
        if found is None:
            raise ValueError("the start page has no CSRF token")
        self._token = found[1].encode()
        self._cookie = page.headers["Set-Cookie"].split(";")[0]

    def send(self, case: Case) -> Answer:
        """Send the case and judge the answer."""
        started = time.perf_counter()
        try:
            answer = self._talk(case, self._cookie if case.session else "")
        except (OSError, http.client.HTTPException) as error:
            # A small body that is shorter than announced has no request, and so no answer.
            fault = "" if case.length is not None else f"no answer: {error!r}"
            return Answer(0, 1000 * (time.perf_counter() - started), fault)
        took = 1000 * (time.perf_counter() - started)
        its_own = answer.status_code in NOT_HTTP and (
            ITS_OWN.search(answer.data) or not answer.data or case.length is not None
        )
        if its_own and "Content-Security-Policy" in answer.headers:
            return Answer(answer.status_code, took, "")
        return Answer(answer.status_code, took, find_fault(case, answer))

    def _talk(self, case: Case, cookie: str) -> Response:
        body = case.body.replace(TOKEN, getattr(self, "_token", TOKEN))
        with socket.create_connection(self._place, SECONDS) as line:
            sends = threading.Thread(target=_push, args=(line, self._head(case, cookie, len(body)) + body))
            sends.start()
            try:
                with http.client.HTTPResponse(line, method=case.method) as got:
                    got.begin()
                    return Response(got.read(), got.status, got.getheaders())
            finally:
                # A body that is not read to its end would keep the thread.
                line.close()
                sends.join()

    def _head(self, case: Case, cookie: str, size: int) -> bytes:
        headers = [*case.headers, *self._proxy]
        names = {name.lower() for name, _ in headers}
        if "host" not in names:
            headers.append(("Host", "site.example"))
        if cookie:
            headers.append(("Cookie", cookie))
        if case.content_type is not None:
            headers.append(("Content-Type", case.content_type))
        if size or case.length is not None or case.method == "POST":
            headers.append(("Content-Length", str(size) if case.length is None else case.length))
        lines = [
            f"{case.method} {iri_to_uri(case.address)} HTTP/1.1",
            *(f"{name}: {value}" for name, value in headers),
        ]
        return "\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1", "replace")


def _push(line: socket.socket, content: bytes) -> None:
    """Send everything and that it was everything; the server may have had enough before."""
    try:
        line.sendall(content)
        line.shutdown(socket.SHUT_WR)
    except OSError:
        pass


@dataclass(slots=True)
class Bystander:
    """Somebody else, who sends an ordinary photo now and then."""

    place: tuple[str, int]
    source: str  # The address that it comes from.
    forwarded: str  # What a proxy says that it comes from; "" without one.
    seconds: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Send photos until ``stop``."""
        body = form(file(pictures.PORTRAIT.read_bytes()))
        headers = {"Content-Type": FORM} | ({"X-Forwarded-For": self.forwarded} if self.forwarded else {})
        while not self._stop.wait(EVERY):
            started = time.perf_counter()
            line = http.client.HTTPConnection(*self.place, timeout=SECONDS, source_address=(self.source, 0))
            try:
                line.request("POST", ANALYZE, body, headers)
                status = str(line.getresponse().status)
            except (OSError, http.client.HTTPException) as error:
                status = repr(error)
            finally:
                line.close()
            self.seconds.append(time.perf_counter() - started)
            if status != "200":
                self.refused.append(status)

    def stop(self) -> None:
        self._stop.set()


def _hold(place: tuple[str, int], stop: threading.Event, first: bytes, drop: bytes) -> None:
    """Open a connection, send ``first``, then ``drop`` now and then; open it anew when it is closed."""
    while not stop.is_set():
        try:
            with socket.create_connection(place, SECONDS) as line:
                line.sendall(first)
                line.settimeout(0.01)
                while not stop.wait(0.5):
                    if drop:
                        line.sendall(drop)
                    try:
                        if not line.recv(4096):
                            break
                    except TimeoutError:
                        continue
        except OSError:
            stop.wait(0.5)


@contextmanager
def crowd(server: Server, behind_proxy: bool = False) -> Iterator[Bystander]:
    """Let others trickle and keep silent, and a bystander send photos, meanwhile; yields the bystander."""
    where = urlsplit(server.address)
    place = (str(where.hostname), int(where.port or 80))
    stop = threading.Event()
    proxy = b"X-Forwarded-For: 198.51.100.1\r\n" if behind_proxy else b""
    slow = (
        b"POST /api/v1/analyze HTTP/1.1\r\nHost: site.example\r\nContent-Length: 30000000\r\n"
        + proxy
        + b"Content-Type: "
        + FORM.encode()
        + b"\r\n\r\n"
        + form(file(b"x"))[:-20]
        + bytes(200_000)
    )
    bystander = Bystander(
        place, "127.0.0.1" if behind_proxy else "127.0.0.2", "203.0.113.7" if behind_proxy else ""
    )
    threads = [threading.Thread(target=_hold, args=(place, stop, slow, b"aaaa")) for _ in range(TRICKLING)]
    threads += [threading.Thread(target=_hold, args=(place, stop, b"", b"")) for _ in range(SILENT)]
    threads.append(threading.Thread(target=bystander.run))
    for thread in threads:
        thread.start()
    try:
        yield bystander
    finally:
        stop.set()
        bystander.stop()
        for thread in threads:
            thread.join()


class Watched:
    """The server's workers: peak memory since it was last asked for, and processor time (Linux only)."""

    def __init__(self, server: Server) -> None:
        self._master = server.pid

    def peak(self) -> float:
        """Return the highest resident memory of a worker since the last call, in megabytes; 0 where none is told."""
        highest = 0.0
        for worker in children(self._master):
            # A worker may have been replaced meanwhile.
            try:
                status = Path(f"/proc/{worker}/status").read_text()
                Path(f"/proc/{worker}/clear_refs").write_text("5")
            except OSError:
                continue
            found = re.search(r"VmHWM:\s+(\d+)", status)
            highest = max(highest, int(found[1]) * 1024 / 1e6 if found else 0.0)
        return highest
