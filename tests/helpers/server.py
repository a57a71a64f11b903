"""The site under gunicorn, with a temporary folder and a log of its own."""

from __future__ import annotations

import os
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
START_SECONDS = 60


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
        process.wait(timeout=30)


def limited(descriptors: int | None) -> list[str]:
    """Return the beginning of a command that runs the rest of it with so many descriptors at most."""
    return [] if descriptors is None else ["sh", "-c", f'ulimit -n {descriptors}; exec "$@"', "sh"]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


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
