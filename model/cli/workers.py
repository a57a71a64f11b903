"""Photos in several processes, their results in order. A process that dies costs the photo that killed it alone."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import resource_tracker
from pathlib import Path

from ..output.explanations import ExplanationWriter
from ..output.serialize import Result
from .models import Models, Reader
from .tasks import Task, perform

AHEAD = 4  # Photos that wait for each process, so that none is ever idle.
PHOTOS_A_PROCESS = 16  # Fewer are not worth starting one for: it takes as long as they do.
MOST = 8  # Processes that nobody has asked for: each takes some 150 MB.

Start = Callable[[], ProcessPoolExecutor]
Results = Generator[list[Result], None, None]  # Of one photo after the other, one for each model.


@dataclass(frozen=True, slots=True)
class Setup:
    """What a process loads."""

    model: str
    detector: str
    expression: str | None = None  # To be explained; None: the answer.
    directory: Path | None = None  # For the explanations; None: there are none.


def processes_for(jobs: int | None, photos: int) -> int:
    """Return how many processes read so many photos: ``jobs``, or as many as there are cores and work for."""
    if jobs is not None:
        return min(jobs, photos)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, MOST, photos // PHOTOS_A_PROCESS))


def in_processes(setup: Setup, tasks: Iterable[Task], count: int) -> Results:
    """Yield the results of each task, in order.

    If a process dies, for want of memory perhaps, those photos that were under way are read again one by one; a photo
    that ends a process then is a result with an error. Raises OSError if a picture cannot be written.
    """

    def start() -> ProcessPoolExecutor:
        # Spawned and not forked: threads and networks of this process do not come along.
        return ProcessPoolExecutor(
            count, multiprocessing.get_context("spawn"), initializer=_load, initargs=(setup,)
        )

    pool = start()
    waiting: deque[tuple[Task, Future[list[Result]]]] = deque()
    left = iter(tasks)
    try:
        while True:
            while len(waiting) < AHEAD * count and (task := next(left, None)):
                waiting.append((task, _submit(pool, task)))
            if not waiting:
                return
            try:
                results = waiting[0][1].result()
            except BrokenProcessPool:
                pool.shutdown()
                suspects = [task for task, _ in waiting]
                waiting.clear()
                yield from _one_by_one(start, suspects)
                pool = start()
            else:
                waiting.popleft()
                yield results
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _one_by_one(start: Start, tasks: Iterable[Task]) -> Results:
    """Yield the results of tasks of which one ended a process."""
    pool = start()
    try:
        for task in tasks:
            try:
                yield _submit(pool, task).result()
            except BrokenProcessPool:
                pool.shutdown()
                pool = start()
                yield [
                    {
                        "photo": task.name,
                        "error": "Reading this photo ended the process that read it, twice; perhaps there was too "
                        "little memory. Make the photo smaller, or choose fewer --jobs.",
                    }
                ]
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _submit(pool: ProcessPoolExecutor, task: Task) -> Future[list[Result]]:
    """Hand a task to the pool, which may start a process for it.

    Ctrl-C goes to all processes of a terminal, and the first one decides what it means: the others inherit that it is
    held back, so that they never see it, not even while they start.
    """
    if not hasattr(signal, "pthread_sigmask"):
        return pool.submit(_perform, task)
    # Started here, for it would let the signal through again.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return pool.submit(_perform, task)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_reader: Reader | None = None
_pictures: ExplanationWriter | None = None


def _load(setup: Setup) -> None:
    """Load the models in a new process."""
    global _reader, _pictures
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _reader = Models(setup.model, setup.detector, threads=1)
    if setup.directory is not None:
        _pictures = ExplanationWriter(_reader.explain, setup.expression, setup.directory)


def _end_with_parent() -> None:
    """End this process when the one that started it is gone, killed perhaps: nobody would ask for anything again."""
    if parent := multiprocessing.parent_process():
        parent.join()
        os._exit(1)


def _perform(task: Task) -> list[Result]:
    assert _reader is not None  # noqa: S101  # the initializer has run
    return perform(task, _reader, _pictures)
