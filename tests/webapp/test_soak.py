"""A short load test: many users at once, and the worker neither fails nor grows."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.helpers.memory import children, encoded, resident
from tests.helpers.multipart import ANALYZE, FORM, file, form
from tests.helpers.server import Server, serve

UPLOADS, VISITORS = 120, 12
SIDES = (240, 512, 900, 1600)
GROWTH_MB = 25.0
MOST_MB = 320.0


def post(server: Server, photo: bytes) -> int:
    """Post a photo to the API and return the status; 0 for a 503 that does not say when to come back."""
    request = urllib.request.Request(  # noqa: S310  # own address
        server.address + ANALYZE, form(file(photo)), {"Content-Type": FORM}
    )
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310
            answer.read()
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code if error.code != 503 or error.headers["Retry-After"] else 0


def worker_memory(server: Server) -> float:
    return sum(resident(pid) for pid in children(server.pid))


@pytest.mark.slow
@pytest.mark.live
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
def test_many_uploads_at_once_are_all_answered_and_leave_no_memory_behind(tmp_path: Path) -> None:
    photos = [encoded(side) for side in SIDES]
    with serve(tmp_path, LOG_LEVEL="warning") as server, ThreadPoolExecutor(VISITORS) as visitors:
        after: list[float] = []
        most = 0.0
        statuses: Counter[int] = Counter()
        batch = [photos[number % len(photos)] for number in range(UPLOADS // 3)]
        # In the first batch, the networks of small calls take the memory that they keep.
        for _ in range(4):
            memory: list[float] = []

            def visit(photo: bytes, memory: list[float] = memory) -> int:
                status = post(server, photo)
                memory.append(worker_memory(server))
                return status

            statuses += Counter(visitors.map(visit, batch))
            # It goes up and down, since it is given back in pieces: what stays is what it comes down to.
            after.append(min(memory[len(memory) // 4 :]))
            most = max(most, *memory)
    assert set(statuses) <= {200, 503}
    assert statuses[200] >= UPLOADS // 2
    assert after[-1] - after[1] < GROWTH_MB, after
    assert most < MOST_MB, most
