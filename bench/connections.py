"""Servers for the site under silent and slow connections, and under load: ``python -m bench.connections``. Linux only.

Each server of ``bench.servers`` stands the same attacks from one address, while a bystander asks for /healthz and
uploads a photo again and again; then it is put under load. Writes bench/CONNECTIONS.md. `make bench-connections`
installs the other servers.
"""

from __future__ import annotations

import argparse
import http.client
import random
import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.report import machine, markdown_table
from bench.servers import COMMANDS, DESCRIPTORS, PACKAGES, THREADS, Served, serving
from tests.helpers.memory import encoded
from tests.helpers.multipart import ANALYZE, FORM, file, form

RESULTS = Path(__file__).resolve().parent / "CONNECTIONS.md"
# Another than the bystander's: the site counts by address.
ATTACKER = "127.0.0.3"
PATIENCE = 30.0
GET = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST " + ANALYZE.encode() + b" HTTP/1.1\r\nHost: x\r\nContent-Type: " + FORM.encode() + b"\r\n"


@dataclass(slots=True)
class Seen:
    """What the bystander saw: seconds of each answer, and what was no answer."""

    checks: list[float] = field(default_factory=list)
    uploads: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    memory: float = 0.0  # The most of all processes, in MB.


def dial(server: Served, sent: bytes = b"", *, window: int | None = None) -> socket.socket | None:
    """Open a connection from the attacker's address and send something; None if it is not taken."""
    line = socket.socket()
    if window:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
    try:
        line.bind((ATTACKER, 0))
        line.settimeout(0.5)
        line.connect(("127.0.0.1", server.port))
        line.sendall(sent)
    except OSError:
        line.close()
        return None
    return line


def silent(server: Served, seconds: float) -> list[socket.socket]:
    """Ten connections a second that say nothing."""
    held, until = [], time.monotonic() + seconds
    while time.monotonic() < until:
        held.append(dial(server))
        time.sleep(0.1)
    return [line for line in held if line]


def many(server: Served, seconds: float) -> list[socket.socket]:
    """More silent connections at once than the server has descriptors."""
    held = [dial(server) for _ in range(DESCRIPTORS + 76)]
    time.sleep(seconds)
    return [line for line in held if line]


def trickling(head: bytes, rest: bytes) -> Callable[[Served, float], list[socket.socket]]:
    """Sixty requests whose ``rest`` comes a byte a second."""

    def attack(server: Served, seconds: float) -> list[socket.socket]:
        held: list[socket.socket | None] = [dial(server, head) for _ in range(60)]
        for place in range(int(seconds)):
            for number, line in enumerate(held):
                if line is None:
                    continue
                try:
                    line.sendall(rest[place : place + 1])
                except OSError:
                    # It was given up: the attacker comes again.
                    line.close()
                    held[number] = dial(server, head)
            time.sleep(1)
        return [line for line in held if line]

    return attack


def unread(server: Served, seconds: float) -> list[socket.socket]:
    """Sixty connections that ask for pages and read none."""
    asked = b"GET /pipeline HTTP/1.1\r\nHost: x\r\n\r\n" * 100
    held = [dial(server, asked, window=4096) for _ in range(60)]
    time.sleep(seconds)
    return [line for line in held if line]


ATTACKS: dict[str, Callable[[Served, float], list[socket.socket]]] = {
    "10 silent connections a second": silent,
    "1,100 silent connections": many,
    "60 heads, a byte a second": trickling(GET[:20], b"x" * 600),
    "60 small bodies, a byte a second": trickling(POST + b"Content-Length: 900\r\n\r\n", b"x" * 600),
    "60 large bodies, a byte a second": trickling(POST + b"Content-Length: 8000000\r\n\r\n", b"x" * 600),
    "60 large bodies, a byte a second after 64 kB": trickling(
        POST + b"Content-Length: 8000000\r\n\r\n" + bytes(65536), b"x" * 600
    ),
    "60 that read no answer": unread,
}


def request(server: Served, method: str, address: str, body: bytes | None = None) -> tuple[float, str]:
    """Return the seconds until the whole answer, and what was wrong with it."""
    began = time.monotonic()
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    try:
        line.request(method, address, body, {"Content-Type": FORM} if body else {})
        answer = line.getresponse()
        answer.read()
        fault = "" if answer.status == 200 else str(answer.status)
    except (OSError, http.client.HTTPException) as error:
        fault = type(error).__name__
    finally:
        line.close()
    return time.monotonic() - began, fault


@contextmanager
def bystander(server: Served, photo: bytes) -> Iterator[Seen]:
    """Let a visitor come by, again and again, until the block ends."""
    seen, ended = Seen(), threading.Event()

    def visit(method: str, address: str, body: bytes | None, times: list[float]) -> None:
        while not ended.wait(0.5):
            seconds, fault = request(server, method, address, body)
            times.append(seconds)
            if fault:
                seen.faults.append(fault)
            seen.memory = max(seen.memory, server.memory())

    visits = [
        threading.Thread(target=visit, args=("GET", "/healthz", None, seen.checks)),
        threading.Thread(target=visit, args=("POST", ANALYZE, photo, seen.uploads)),
    ]
    for each in visits:
        each.start()
    try:
        yield seen
    finally:
        ended.set()
        for each in visits:
            each.join()


def under_attack(server: Served, photo: bytes, seconds: float) -> list[tuple[str, ...]]:
    """Return a row for each attack."""
    rows: list[tuple[str, ...]] = []
    for name, attack in ATTACKS.items():
        with bystander(server, photo) as seen:
            held = attack(server, seconds)
        for line in held:
            line.close()
        time.sleep(1)
        faults = (
            ", ".join(f"{seen.faults.count(each)} × {each}" for each in sorted(set(seen.faults))) or "none"
        )
        slowest = f"{max(seen.checks):.2f}", f"{max(seen.uploads):.2f}"
        rows.append((name, server.name, *slowest, faults, f"{seen.memory:.0f}"))
        print(*rows[-1], sep=" | ", flush=True)
    return rows


def under_load(server: Served, photos: list[bytes], seconds: float) -> tuple[str, ...]:
    """Eight visitors, each with one photo after the other; returns the row."""
    seen, until = Seen(), time.monotonic() + seconds

    def visit(number: int) -> None:
        chance = random.Random(number)  # noqa: S311  # not a secret
        while time.monotonic() < until:
            took, fault = request(server, "POST", ANALYZE, chance.choice(photos))
            (seen.faults if fault else seen.checks).append(fault or took)  # type: ignore[arg-type]  # each its own
            seen.memory = max(seen.memory, server.memory())

    visitors = [threading.Thread(target=visit, args=(number,)) for number in range(8)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    times = sorted(seen.checks) or [0.0]
    rate = f"{len(seen.checks) / seconds:.1f}"
    p99 = times[min(len(times) - 1, int(0.99 * len(times)))]
    row = (server.name, rate, f"{statistics.median(times):.2f}", f"{p99:.2f}", str(len(seen.faults)))
    print(*row, f"{seen.memory:.0f}", sep=" | ", flush=True)
    return (*row, f"{seen.memory:.0f}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--seconds", type=float, default=15.0, help="of each attack, and of the load (%(default)s)"
    )
    parser.add_argument("--servers", nargs="+", choices=COMMANDS, default=list(COMMANDS))
    parser.add_argument("--keep", action="store_true", help="only print; leave bench/CONNECTIONS.md as it is")
    options = parser.parse_args()
    if {"gevent", "waitress"} & {*options.servers} and not PACKAGES.exists():
        parser.error("gevent and waitress are missing: `make bench-connections` installs them.")
    photos = [form(file(encoded(side))) for side in (320, 512, 800, 1200)]
    attacks: list[tuple[str, ...]] = []
    loads: list[tuple[str, ...]] = []
    with tempfile.TemporaryDirectory() as folder:
        for name in options.servers:
            with serving(name, Path(folder)) as server:
                attacks += under_attack(server, photos[1], options.seconds)
            # Anew, so that no attack is left over.
            with serving(name, Path(folder)) as server:
                loads.append(under_load(server, photos, options.seconds))
    text = describe(attacks, loads, options.seconds)
    print(text)
    if not options.keep:
        RESULTS.write_text(text, encoding="utf-8")


def describe(attacks: list[tuple[str, ...]], loads: list[tuple[str, ...]], seconds: float) -> str:
    """bench/CONNECTIONS.md."""
    order = list(ATTACKS)
    head = (
        "attack",
        "server",
        "slowest check, s",
        "slowest upload, s",
        "not answered with 200",
        "memory, MB",
    )
    load = (
        "server",
        "photos a second",
        "half wait less than, s",
        "99 in 100",
        "not answered with 200",
        "memory, MB",
    )
    return (
        "# Connections\n\nWritten by `make bench-connections`: the site with one worker under four servers "
        f"({machine('gunicorn')}), each with {THREADS} threads and {DESCRIPTORS:,} descriptors. During each attack of "
        f"{seconds:.0f} s a bystander asks for /healthz and uploads a photo, twice a second and with a patience of "
        f"{PATIENCE:.0f} s. Memory is the most of all processes, what they share counted once.\n\n"
        + markdown_table(head, sorted(attacks, key=lambda row: order.index(row[0])))
        + f"\nEight visitors for {seconds:.0f} s, photos of 320 to 1,200 pixels a side:\n\n"
        + markdown_table(load, loads)
    )


if __name__ == "__main__":
    main()
