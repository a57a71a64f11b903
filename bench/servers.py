"""The ways to serve the site that ``bench.connections`` compares.

``gthread`` is gunicorn's own threaded worker, ``gevent`` its gevent worker with the site in native threads, ``site``
the project's worker (gunicorn_worker.py), ``waitress`` the WSGI server of that name, as a yardstick.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.helpers.memory import together
from tests.helpers.server import free_port, limited

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ROOT / ".bench-servers"
THREADS, CONNECTIONS, DESCRIPTORS = 24, 800, 1024
GUNICORN = ["-m", "gunicorn", "wsgi:app", "--access-logfile", "/dev/null"]
COMMANDS = {
    "gthread": [*GUNICORN, "--worker-class", "gthread"],
    "gevent": [*GUNICORN, "--worker-class", "bench.gevent_worker.PooledGeventWorker"],
    "site": GUNICORN,
    "waitress": ["-m", "bench.waitress_server"],
}
START_SECONDS = 90


@dataclass(frozen=True)
class Served:
    """A running server."""

    name: str
    port: int
    pid: int

    def memory(self) -> float:
        """Megabytes of all processes; what they share counts once."""
        return together(self.pid)


@contextmanager
def serving(name: str, folder: Path) -> Iterator[Served]:
    """Start a server with 1,024 descriptors and no rate limit; stop it afterwards."""
    port = free_port()
    settings = {
        **os.environ,
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "SECRET_KEY": "only-for-the-benchmark",
        "RATE_LIMIT": "off",
        "LOG_LEVEL": "error",
        "GUNICORN_THREADS": str(THREADS),
        # Behind the project's own packages.
        "PYTHONPATH": f"{ROOT}{os.pathsep}{PACKAGES}",
    }
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            [*limited(DESCRIPTORS), sys.executable, *COMMANDS[name]],
            cwd=ROOT,
            env=settings,
            stdout=log,
            stderr=log,
        )
        try:
            _wait(f"http://127.0.0.1:{port}/readyz", process)
            yield Served(name, port, process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout=40)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310  # own address
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.3)
    raise SystemExit(f"{address} is not answered; the server's log says why")
