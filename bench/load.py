"""The site under load, as the Procfile starts it: ``python -m bench.load``. Linux only.

Locust's visitors (bench/visitors.py) send photos of mixed size through the form, groups, large and hostile ones among
them, and some to /compare; 1, 8 and 32 visitors at a time, once with one worker process and once with two. Prints a
table and writes it to bench/LOAD.md: uploads a second, response times of ordinary photos, answers "busy", errors, and
the memory of all processes.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from bench.report import fill, machine, markdown_table
from bench.traffic import GROUPS, HOSTILE, LARGE, SIDES, ordinary
from tests.helpers.memory import children, together
from tests.helpers.server import Server, serve

ROOT = Path(__file__).resolve().parent.parent
LOCUST = ROOT / ".venv-bench" / "bin" / "locust"
LIBRARIES = ("onnxruntime", "flask", "gunicorn")
RESULTS = ROOT / "bench" / "LOAD.md"
OTHERS = ("group", "large", "hostile", "compare")
USERS, WORKERS = (1, 8, 32), (1, 2)


@dataclass(frozen=True, slots=True)
class Run:
    """One stretch of load."""

    workers: int  # Processes that answer.
    users: int  # Visitors at a time.
    seconds: float  # How long it took.
    uploads: int  # Photos of all kinds that were answered.
    busy: int  # Answers 503 with Retry-After.
    errors: int  # Anything else that is no answer.
    percentiles: tuple[float, float, float]  # Of ordinary photos: milliseconds, 50th, 95th and 99th.
    slowest: dict[str, float]  # 99th percentile of each other kind, in milliseconds.
    processor: float  # Seconds of all processes of the server.
    memory: tuple[float, ...]  # MB of all processes, shared memory counted once: each minute's highest.


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=5.0, help="of each run (%(default)s)")
    parser.add_argument("--users", type=int, nargs="+", default=USERS)
    parser.add_argument("--workers", type=int, nargs="+", default=WORKERS)
    parser.add_argument("--keep", action="store_true", help="only print; leave bench/LOAD.md as it is")
    options = parser.parse_args()
    if not LOCUST.exists():
        parser.error("Locust is missing: `make bench-load` sets up its environment.")
    runs = []
    with tempfile.TemporaryDirectory() as name:
        photos = Path(name) / "photos"
        photos.mkdir()
        write_photos(photos)
        for workers in options.workers:
            folder = Path(name) / f"{workers}"
            folder.mkdir()
            # One server for all its runs: memory that does not come back would show in the later ones.
            # Each visitor has an address of its own, which a proxy would tell.
            served = serve(
                folder, LOG_LEVEL="warning", BEHIND_PROXY="1", HTTPS_ONLY="0", WEB_CONCURRENCY=str(workers)
            )
            with served as server:
                # One visitor waits for one answer at a time: a second worker would have nothing to do.
                for users in [number for number in options.users if number >= workers]:
                    runs.append(load(server, photos, workers, users, 60 * options.minutes))
                    print(as_table(runs[-1:]), flush=True)
    text = describe(runs)
    print(text)
    if not options.keep:
        RESULTS.write_text(text, encoding="utf-8")
        fill("load", "bench.load", documented(runs))


def write_photos(folder: Path) -> None:
    """Write what the visitors send: a folder for each kind."""
    ordinary_photos: dict[str, Callable[[], bytes]] = {str(side): partial(ordinary, side) for side in SIDES}
    kinds = {"ordinary": ordinary_photos, "group": GROUPS, "large": LARGE, "hostile": HOSTILE}
    for kind, made in kinds.items():
        (folder / kind).mkdir()
        for number, make in enumerate(made.values()):
            (folder / kind / str(number)).write_bytes(make())


def load(server: Server, photos: Path, workers: int, users: int, seconds: float) -> Run:
    """Let ``users`` visitors in for so long; returns what Locust counted and the memory beside it."""
    memory: list[tuple[float, float]] = []
    done = threading.Event()
    watcher = threading.Thread(target=watch, args=(server.pid, memory, done))
    watcher.start()
    command = [str(LOCUST), "--locustfile", str(ROOT / "bench" / "visitors.py"), "--headless", "--json"]
    command += ["--host", server.address, "--users", str(users), "--spawn-rate", str(users)]
    command += ["--run-time", f"{seconds:.0f}s", "--stop-timeout", "20", "--loglevel", "ERROR"]
    began, used = time.monotonic(), processor(server.pid)
    try:
        told = subprocess.run(
            command,
            env={**os.environ, "BENCH_PHOTOS": str(photos)},
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
    finally:
        done.set()
        watcher.join()
    taken = time.monotonic() - began
    return _run(json.loads(told.stdout), workers, users, taken, processor(server.pid) - used, memory)


def processor(master: int) -> float:
    """Return the processor seconds of the server's processes so far, those that have ended included."""
    ticks = 0
    for pid in (master, *children(master)):
        # After the name in brackets: user and system time at 11 and 12, of the children that ended at 13 and 14.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += sum(map(int, fields[11 : 15 if pid == master else 13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def watch(master: int, memory: list[tuple[float, float]], done: threading.Event) -> None:
    """Note the seconds since the start and the memory of all processes, four times a second."""
    began = time.monotonic()
    while not done.wait(0.25):
        try:
            memory.append((time.monotonic() - began, together(master)))
        except OSError:
            # A worker ended between being listed and being looked at.
            continue


def _run(
    told: list[dict[str, Any]],
    workers: int,
    users: int,
    seconds: float,
    used: float,
    memory: list[tuple[float, float]],
) -> Run:
    nothing: dict[str, Any] = {"num_requests": 0, "num_failures": 0, "response_times": {}}
    by_name = dict.fromkeys(("upload", "busy", *OTHERS), nothing) | {entry["name"]: entry for entry in told}
    sent = [by_name[name] for name in ("upload", *OTHERS)]
    minutes = range(int(memory[-1][0] // 60) + 1)
    return Run(
        workers=workers,
        users=users,
        seconds=seconds,
        uploads=sum(each["num_requests"] - each["num_failures"] for each in sent),
        busy=by_name["busy"]["num_requests"],
        errors=sum(entry["num_failures"] for entry in told),
        percentiles=_percentiles(by_name["upload"]["response_times"]),
        slowest={name: _percentiles(by_name[name]["response_times"])[2] for name in OTHERS},
        processor=used,
        memory=tuple(max(size for at, size in memory if at // 60 == minute) for minute in minutes),
    )


def _percentiles(times: dict[str, int]) -> tuple[float, float, float]:
    """The 50th, 95th and 99th percentile of Locust's counts by milliseconds."""
    spread = sorted((float(ms), number) for ms, number in times.items())
    total, found = sum(number for _, number in spread), []
    for share in (0.5, 0.95, 0.99):
        seen = 0
        for ms, number in spread:
            seen += number
            if seen >= share * total:
                found.append(ms)
                break
    return (found[0], found[1], found[2]) if len(found) == 3 else (0.0, 0.0, 0.0)


def as_table(runs: list[Run]) -> str:
    """The runs, one a row."""
    head = (
        "workers",
        "users",
        "uploads answered",
        "a second",
        "processor, s a photo",
        "p50, ms",
        "p95",
        "p99",
        *(f"{name}: p99" for name in OTHERS),
        "busy",
        "errors",
        "memory of all processes, MB: highest in each minute",
    )
    rows = [
        (
            str(run.workers),
            str(run.users),
            f"{run.uploads:,}",
            f"{run.uploads / run.seconds:.1f}",
            f"{run.processor / max(run.uploads, 1):.2f}",
            *(f"{value:.0f}" for value in (*run.percentiles, *run.slowest.values())),
            str(run.busy),
            str(run.errors),
            ", ".join(f"{value:.0f}" for value in run.memory),
        )
        for run in runs
    ]
    return markdown_table(head, rows)


def documented(runs: list[Run]) -> str:
    """The table of docs/operations.md."""
    head = (
        "workers",
        "visitors at once",
        "photos a second",
        "half wait less than",
        "99 in 100 less than",
        "memory, all processes",
        "errors",
        "told to come back (503)",
    )
    rows = []
    for run in runs:
        half, _, most = (f"{value / 1000:.1f} s" for value in run.percentiles)
        figures = (str(run.workers), str(run.users), f"{run.uploads / run.seconds:.1f}", half, most)
        rows.append((*figures, f"{max(run.memory):.0f} MB", str(run.errors), str(run.busy)))
    minutes = f"{runs[0].seconds / 60:.0f} minute" + ("s" if runs[0].seconds >= 90 else "")
    return f"Each line {minutes}, {machine(*LIBRARIES)}:\n\n" + markdown_table(head, rows)


def describe(runs: list[Run]) -> str:
    """bench/LOAD.md."""
    return (
        "# Under load\n\nWritten by `make bench-load`: gunicorn as the Procfile starts it, Locust’s visitors on the "
        f"same machine ({machine(*LIBRARIES)}). Of a hundred uploads 75 are photos of {SIDES[0]} to {SIDES[-1]} pixels "
        "a side with one face, small ones more often, whose times p50 to p99 are; 10 are groups of up to 16 faces, 5 "
        "large photos, 5 hostile pictures, and 5 go to `/compare`. “Busy” is 503 with Retry-After; errors are "
        "everything else that is not the page of results, of hostile pictures only a fault of the server. What the "
        "processes share counts once in their memory.\n\n" + as_table(runs)
    )


if __name__ == "__main__":
    main()
