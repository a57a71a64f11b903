"""A Dask scheduler and workers on 127.0.0.1, each a process that can be killed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 600  # Seconds for what takes ten: the machine may be busy.
Process = subprocess.Popen[bytes]


def until(true: Callable[[], bool], process: Process | None = None, patience: float = PATIENCE) -> None:
    """Wait until something is true; fail if that takes too long, or if the process ends before."""
    end = time.monotonic() + patience
    while not true():
        assert time.monotonic() < end, "this takes too long"
        assert process is None or process.poll() is None or true(), "the process has ended"
        time.sleep(0.05)


class Dask:
    """Processes of a cluster; all that were started end with it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started: list[Process] = []

    def scheduler(self) -> tuple[Process, str]:
        """Start a scheduler on a free port, and return it with its address."""
        file = self._folder / f"scheduler-{len(self._started)}.json"
        host = ("--host", "127.0.0.1", "--port", "0", "--dashboard-address", "127.0.0.1:0")
        process = self._start("dask_scheduler", *host, "--scheduler-file", str(file))
        until(lambda: file.exists() and '"address"' in file.read_text("utf-8"), process)
        address = file.read_text("utf-8").partition('"address": "')[2].partition('"')[0]
        return process, address

    def worker(self, address: str, *more: str) -> Process:
        """Start a worker of one thread. Without ``--no-nanny`` another process looks after it."""
        here = ("--host", "127.0.0.1", "--nthreads", "1", "--dashboard-address", "127.0.0.1:0")
        return self._start("dask_worker", address, *here, "--local-directory", str(self._folder), *more)

    def _start(self, program: str, *arguments: str) -> Process:
        command = [sys.executable, "-m", f"distributed.cli.{program}", *arguments]
        with (self._folder / f"{program}-{len(self._started)}.log").open("wb") as log:
            process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, env=environment())
        self._started.append(process)
        return process

    def end(self) -> None:
        """End every process that is left, workers first."""
        for process in reversed(self._started):
            process.terminate()
        for process in self._started:
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def environment() -> dict[str, str]:
    """Return the environment of processes that import this clone."""
    return {**os.environ, "PYTHONPATH": str(ROOT)}


@contextmanager
def dask(folder: Path) -> Iterator[Dask]:
    """Give a cluster whose processes end with the context."""
    folder.mkdir(exist_ok=True)
    cluster = Dask(folder)
    try:
        yield cluster
    finally:
        cluster.end()


def bulk(arguments: Sequence[object]) -> Process:
    """Start ``python -m model bulk``."""
    command = [sys.executable, "-m", "model", "bulk", *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, env=environment())


def ended(process: Process) -> tuple[int, str]:
    """Wait for the end of ``bulk``, and return its exit code and what it said."""
    try:
        _, said = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
    return process.returncode, said.decode()
