"""The site under gunicorn, with a temporary folder and a log of its own."""

from __future__ import annotations

import os
import random
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
# On a busy machine; nothing waits so long where all is well.
START_SECONDS = 120
STOP_SECONDS = 90
LOG_SECONDS = 60
# Where Linux tells the ports that it gives to outgoing connections.
OUTGOING = Path("/proc/sys/net/ipv4/ip_local_port_range")


@dataclass(frozen=True)
class Server:
    """A running gunicorn: its address, its log, the folder for its temporary files, its process."""

    address: str
    log: Path
    temporary: Path
    pid: int


@contextmanager
def serve(
    folder: Path, root: Path = ROOT, *, app: str = "wsgi:app", descriptors: int | None = None, **environ: str
) -> Iterator[Server]:
    """Start gunicorn as the Procfile does, with nothing but what is set here; stop it afterwards.

    ``descriptors`` limits how many files and connections a process may have open.
    """
    temporary = folder / "tmp"
    temporary.mkdir()
    port = free_port()
    settings = {
        **os.environ,
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "SECRET_KEY": "only-for-the-tests",
        "TMPDIR": str(temporary),
        "LOG_LEVEL": "debug",
        "RATE_LIMIT": "off",
        **environ,
    }
    # As a bare machine has it; ONNX Runtime in particular behaves otherwise where CI is set.
    for name in ("DYNO", "CI", "ORT_DISABLE_TELEMETRY"):
        settings.pop(name, None)
    log = folder / "log.txt"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*limited(descriptors), sys.executable, "-m", "gunicorn", app],
            cwd=root,
            env=settings,
            stdout=output,
            stderr=output,
        )
    server = Server(f"http://127.0.0.1:{port}", log, temporary, process.pid)
    try:
        wait_until_ready(server, process)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise


def limited(descriptors: int | None) -> list[str]:
    """Return the beginning of a command that runs the rest of it with so many descriptors at most."""
    return [] if descriptors is None else ["sh", "-c", f'ulimit -n {descriptors}; exec "$@"', "sh"]


def free_port() -> int:
    """Return a port that nobody has.

    It is none that an outgoing connection may be given until somebody listens there: a browser opens many.
    """
    lowest = int(OUTGOING.read_text().split()[0]) if OUTGOING.exists() else 32768
    places = range(max(lowest - 12_000, 11_000), lowest)
    for port in [*random.SystemRandom().sample(places, min(50, len(places))), 0]:
        with socket.socket() as listener:
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(listener.getsockname()[1])
    raise AssertionError("no port is free")


def log_with(server: Server, words: str) -> str:
    """Return the server's log as soon as these words are in it: some lines are written after the answer was."""
    deadline = time.monotonic() + LOG_SECONDS
    while words not in (log := server.log.read_text(errors="replace").rpartition("\n")[0]):
        assert time.monotonic() < deadline, f"{words!r} is not in the log:\n{log[-4000:]}"
        time.sleep(0.05)
    return log


def wait_until_ready(server: Server, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(server.address + "/readyz", timeout=10) as answer:  # noqa: S310  # own address
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    raise AssertionError("the server did not start:\n" + server.log.read_text(errors="replace"))
