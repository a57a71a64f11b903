"""Bulk runs beside a plain process pool on the same photos: ``python -m bench.bulk [--photos N] [--workers N]``.

Writes bench/BULK.md. The photos are made of the samples and, where it is there, of FER-2013: faces on canvases of 350 ×
350 pixels. Both read them with ``model.bulk.reading``, in as many processes of one thread, and hand their rows back.
Timed is from the first photo to the last row; the start, until every worker has loaded the model, is stated apart. Each
is run in turn, ``--rounds`` times, because a busy machine is never twice the same; the ratio is of the medians.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.made_photos import FER, make_photos
from model.bulk.cluster import PHOTOS_A_TASK, Cluster, chunks_of, connected
from model.bulk.reading import Setup, load, read_photos
from model.output.tables import Row
from model.recognizer import DEFAULT_MODEL
from model.store.files import SAVED
from model.store.metadata import Metadata

RESULTS = Path(__file__).resolve().parent / "BULK.md"
TARGET = 0.75


@dataclass(frozen=True, slots=True)
class Timed:
    """One run."""

    start: float  # Seconds until every worker has loaded the model.
    read: float  # Seconds from the first photo to the last row.
    rows: list[list[Row]]  # Of each photo.


def main(argv: Sequence[str] | None = None) -> int:
    """Measure both and write the table. Exit code 1 if they give different rows."""
    parser = argparse.ArgumentParser(prog="python -m bench.bulk", description=__doc__)
    parser.add_argument("--photos", type=int, default=5000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--data", type=Path, default=FER, help=f"FER-2013 (default: {FER})")
    options = parser.parse_args(argv)
    setup = Setup(DEFAULT_MODEL, Metadata.load(SAVED / DEFAULT_MODEL).version, "mtcnn")
    with tempfile.TemporaryDirectory() as folder:
        names = make_photos(Path(folder), options.photos, options.data)
        pool, dask = [], []
        for number in range(options.rounds):
            pool.append(by_pool(setup, names, options.workers))
            dask.append(by_dask(setup, names, options.workers))
            print(
                f"round {number + 1}: pool {pool[-1].read:.1f} s (start {pool[-1].start:.1f}), "
                f"bulk {dask[-1].read:.1f} s (start {dask[-1].start:.1f})"
            )
    same = all(run.rows == pool[0].rows for run in (*pool, *dask))
    text = report(pool, dask, options.workers, same)
    RESULTS.write_text(text, encoding="utf-8")
    print(text)
    return 0 if same else 1


def by_pool(setup: Setup, names: Sequence[str], workers: int) -> Timed:
    """Read with a plain process pool."""
    began = time.perf_counter()
    chunks = [names[at : at + PHOTOS_A_TASK] for at in range(0, len(names), PHOTOS_A_TASK)]
    with ProcessPoolExecutor(
        workers, multiprocessing.get_context("spawn"), initializer=load, initargs=(setup,)
    ) as pool:
        # Tasks that one process cannot do alone in the time make all of them start.
        list(pool.map(time.sleep, [1.0] * workers))
        started = time.perf_counter()
        rows = [row for chunk in pool.map(read_photos, [setup] * len(chunks), chunks) for row in chunk]
        return Timed(started - began, time.perf_counter() - started, rows)


def by_dask(setup: Setup, names: Sequence[str], workers: int) -> Timed:
    """Read as ``facevalue bulk`` does, but for writing."""
    began = time.perf_counter()
    with quietly(), connected(None, setup, workers) as cluster:
        return by_cluster(cluster, names, workers, began)


def by_cluster(cluster: Cluster, names: Sequence[str], workers: int, began: float) -> Timed:
    """Read on a cluster that was asked for at ``began``, once all its workers are there."""
    while cluster.threads() < workers:
        time.sleep(0.1)
    started = time.perf_counter()
    answers = [each for each in cluster.read(chunks_of(iter([(0, names)]))) if each]
    took = time.perf_counter() - started
    answers.sort(key=lambda answer: answer[0].start)
    return Timed(started - began, took, [rows or [] for _, chunk in answers for rows in chunk])


@contextmanager
def quietly() -> Iterator[None]:
    """Keep Dask's farewells off the terminal."""
    kept = os.dup(2)
    try:
        with open(os.devnull, "w") as nothing:  # noqa: PTH123  # a descriptor is wanted
            os.dup2(nothing.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def report(pool: Sequence[Timed], dask: Sequence[Timed], workers: int, same: bool) -> str:
    """Return the file's text."""
    photos = len(pool[0].rows)
    reads = {
        name: statistics.median(run.read for run in runs) for name, runs in (("pool", pool), ("bulk", dask))
    }
    starts = {
        name: statistics.median(run.start for run in runs) for name, runs in (("pool", pool), ("bulk", dask))
    }
    ratio = reads["pool"] / reads["bulk"]
    return f"""# Bulk runs beside a plain process pool

`python -m bench.bulk`: {photos:,} photos of 350 × 350 pixels, {workers} processes of one thread, Python
{sys.version.split()[0]}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.0f}; medians of {len(pool)}.

| | start, s | reading, s | photos a second |
|---|---|---|---|
| `ProcessPoolExecutor` | {starts["pool"]:.1f} | {reads["pool"]:.1f} | {photos / reads["pool"]:.1f} |
| `facevalue bulk` (Dask) | {starts["bulk"]:.1f} | {reads["bulk"]:.1f} | {photos / reads["bulk"]:.1f} |

Bulk reaches {ratio:.2f} of the pool's speed (target: {TARGET}), the start excluded. The rows are
{"the same" if same else "NOT the same"}.
"""


if __name__ == "__main__":
    raise SystemExit(main())
