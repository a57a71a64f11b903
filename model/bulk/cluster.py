"""Dask: a cluster of this machine's own, or a scheduler that somebody runs, and tasks that outlive their workers.

A worker that dies costs nothing: its tasks are done again. Dask blames every task that waited for the worker, so a task
that saw ``DEATHS`` of them is only suspected: its photos are read again one by one, when nothing else is under way. A
photo that ends its workers then too is given up.
"""

from __future__ import annotations

import logging
import os
import queue
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing import resource_tracker
from typing import TYPE_CHECKING, Any

from ..output.tables import Row
from .errors import BulkError, ClusterGone, MissingPackage
from .reading import Setup, load, read_photos

if TYPE_CHECKING:
    from distributed import Client, Future, WorkerPlugin

PHOTOS_A_TASK = 8
AHEAD = 3  # Tasks that wait for each thread of a worker.
DEATHS = 2  # Of workers, after which the own cluster suspects a task. Another scheduler has its own figure.
PATIENCE = 120  # Seconds until the first worker is there.
TICK = 0.5  # Seconds between two looks at whether somebody wants to stop.
MEMORY = (
    2 * 1024**3
)  # Bytes of a worker, above which it is ended and begun anew; less where the machine has less.


@dataclass(frozen=True, slots=True)
class Chunk:
    """The photos of one task, all of one shard."""

    shard: int  # Its number.
    start: int  # The first photo's place in it.
    names: tuple[str, ...]  # Paths or addresses.


# The rows of each photo of a chunk; None for a photo that ended its workers.
Answer = tuple[Chunk, list[list[Row] | None]]


@contextmanager
def connected(scheduler: str | None, setup: Setup, workers: int, memory: int = MEMORY) -> Iterator[Cluster]:
    """Connect to a scheduler, or start a cluster of so many ``workers``; each has loaded the model when this begins.

    Raises BulkError.
    """
    try:
        import distributed
    except ImportError as error:
        raise MissingPackage(
            "bulk needs Dask, fsspec and pyarrow: pip install 'facevalue[bulk]', or in a clone pip install dask "
            "distributed fsspec pyarrow"
        ) from error
    # What it would log is said by the exceptions here.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    with _own(workers, memory) if scheduler is None else _others(scheduler) as client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except (TimeoutError, distributed.TimeoutError) as error:
            raise BulkError(
                f"No worker came within {PATIENCE} s. Start one: dask worker {scheduler or ''}"
            ) from error
        try:
            client.register_plugin(_plugin(setup))
        except Exception as error:  # Whatever it raises there: a package is missing, a file is damaged.
            raise BulkError(
                f"A worker cannot load the model {setup.model} ({error}). Install the same facevalue on all machines."
            ) from error
        yield Cluster(client, setup)


@contextmanager
def _own(workers: int, memory: int) -> Iterator[Client]:
    """Start scheduler and workers on this machine, for this run alone."""
    import dask
    from distributed import Client, LocalCluster
    from distributed.system import MEMORY_LIMIT

    # Dask sets it to 64 kB for its workers, which makes glibc give memory back and fetch it again with every photo.
    os.environ.pop("MALLOC_TRIM_THRESHOLD_", None)
    settings = {
        "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": None,
        "distributed.scheduler.allowed-failures": DEATHS - 1,
        # A worker that died is begun anew, however long that takes a busy machine; after 15 s Dask would give it up.
        "distributed.deploy.lost-worker-timeout": "1 day",
    }
    with dask.config.set(settings):
        with _no_interrupts():
            cluster = LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                memory_limit=min(memory, MEMORY_LIMIT // workers),
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",
                silence_logs=logging.CRITICAL,
            )
        with cluster, Client(cluster) as client:
            yield client


@contextmanager
def _others(scheduler: str) -> Iterator[Client]:
    from distributed import Client

    try:
        client = Client(scheduler, timeout=15, set_as_default=False)
    except (OSError, ValueError) as error:
        raise BulkError(
            f"There is no Dask scheduler at {scheduler} ({error}). Start one with: dask scheduler"
        ) from error
    with client:
        yield client


@contextmanager
def _no_interrupts() -> Iterator[None]:
    """Let processes start that never see Ctrl-C: it goes to all of a terminal, and this one decides what it means."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    # Started here, for it would let the signal through again.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _plugin(loaded: Setup) -> WorkerPlugin:
    """Return what makes every worker, now and later, load the model before its first task."""
    from distributed import WorkerPlugin

    class LoadModel(WorkerPlugin):
        name = f"facevalue-{loaded.model}-{loaded.detector}"

        def setup(self, worker: object) -> None:
            load(loaded)

    return LoadModel()


class Cluster:
    """Workers that read chunks of photos."""

    def __init__(self, client: Client, setup: Setup) -> None:
        self._client, self._setup = client, setup
        self._under_way: dict[object, tuple[Chunk, Future[Any]]] = {}
        self._ended: queue.SimpleQueue[Future[Any]] = queue.SimpleQueue()

    @property
    def dashboard(self) -> str:
        """The address of Dask's dashboard."""
        return str(self._client.dashboard_link)

    def threads(self) -> int:
        """Return how many photos are read at the same time. Raises ClusterGone."""
        try:
            return sum(self._client.nthreads().values())
        except OSError as error:
            raise self._gone() from error

    def trims_memory(self) -> bool:
        """Whether some worker runs with Dask's MALLOC_TRIM_THRESHOLD_, which makes it slow."""
        return any(self._client.run(os.environ.get, "MALLOC_TRIM_THRESHOLD_").values())

    def read(self, chunks: Iterator[Chunk]) -> Iterator[Answer | None]:
        """Yield the rows of the chunks as they come; None now and then, where nothing has come. Raises ClusterGone."""
        suspects: list[Chunk] = []
        ahead, since = AHEAD * max(1, self.threads()), 0
        while True:
            while not suspects and len(self._under_way) < ahead and (chunk := next(chunks, None)):
                self._submit(chunk)
            if not self._under_way:
                if not suspects:
                    return
                yield from self._one_by_one(suspects.pop())
                continue
            ended = self._next()
            if ended is None:
                yield None
                continue
            chunk, rows = ended
            if rows is None:
                suspects.append(chunk)
            else:
                yield chunk, [*rows]
            # Workers may come and go.
            if (since := since + 1) >= 4 * ahead:
                ahead, since = AHEAD * max(1, self.threads()), 0

    def _one_by_one(self, chunk: Chunk) -> Iterator[Answer | None]:
        answers: list[list[Row] | None] = []
        for name in chunk.names:
            self._submit(replace(chunk, names=(name,)))
            while (ended := self._next()) is None:
                yield None
            answers.append(None if ended[1] is None else ended[1][0])
        yield chunk, answers

    def _submit(self, chunk: Chunk) -> None:
        future = self._client.submit(read_photos, self._setup, chunk.names, pure=False)
        self._under_way[future.key] = chunk, future
        future.add_done_callback(self._ended.put)

    def _next(self) -> tuple[Chunk, list[list[Row]] | None] | None:
        """Return what has ended, None for the rows if its workers died; or None if nothing has for a while."""
        from distributed import KilledWorker
        from distributed.comm.core import CommClosedError

        try:
            future = self._ended.get(timeout=TICK)
        except queue.Empty:
            if self._client.status not in ("running", "connecting"):
                raise self._gone() from None
            return None
        chunk, _ = self._under_way.pop(future.key)
        try:
            # If the worker that has them dies now, they are made again, and this waits.
            rows: Any = future.result()
        except KilledWorker:
            return chunk, None
        except (CancelledError, OSError, TimeoutError, RuntimeError) as error:
            # The client may hear only later that its scheduler is gone.
            closed = isinstance(error, CommClosedError)
            if closed or future.cancelled() or self._client.status != "running":
                raise self._gone() from error
            raise
        return chunk, rows

    def _gone(self) -> ClusterGone:
        return ClusterGone(
            "Dask's scheduler is gone; what is written is kept, and the same command goes on from there"
        )


def chunks_of(shards: Iterator[tuple[int, Sequence[str]]]) -> Iterator[Chunk]:
    """Yield the tasks of shards."""
    for number, names in shards:
        for start in range(0, len(names), PHOTOS_A_TASK):
            yield Chunk(number, start, tuple(names[start : start + PHOTOS_A_TASK]))
