"""Ten thousand photos in bulk, with a worker killed in the middle."""

from __future__ import annotations

import os
import signal
import time

import pytest

from bench.made_photos import make_photos
from tests.helpers.dask_cluster import bulk, dask, until

PHOTOS = int(os.environ.get("BULK_PHOTOS", "10000"))  # Fewer, to try the test itself.
WORKER_MB = 400


def resident_mb(pid):
    """Return a process's memory in MB."""
    with open(f"/proc/{pid}/statm") as file:  # noqa: PTH123  # /proc
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


@pytest.mark.long
@pytest.mark.skipif(not hasattr(signal, "SIGKILL") or not os.path.exists("/proc"), reason="Linux")  # noqa: PTH110
def test_ten_thousand_photos_are_all_there_once(tmp_path, record_property):
    import pandas

    (tmp_path / "in").mkdir()
    names = make_photos(tmp_path / "in", PHOTOS)
    shard = max(1, PHOTOS // 40)
    memory = []
    with dask(tmp_path / "dask") as cluster:
        _, address = cluster.scheduler()
        one, two = (cluster.worker(address, "--no-nanny") for _ in range(2))
        began = time.monotonic()
        running = bulk(
            [tmp_path / "in", tmp_path / "out", "--shard", shard, "--scheduler", address, "--quiet"]
        )
        for part in (4, 39):
            last = tmp_path / "out" / f"part-{part:05}.parquet"
            until(last.exists, running, patience=6 * 3600)
            memory.append((resident_mb(two.pid), resident_mb(running.pid)))
            if part == 4:
                one.kill()
        running.communicate(timeout=600)
        took = time.monotonic() - began
    table = pandas.read_parquet(tmp_path / "out")
    assert list(dict.fromkeys(table.photo)) == names, "nothing is lost, and the order kept"
    assert not table.duplicated(["photo", "face"]).any(), "nothing is there twice"
    record_property("photos", PHOTOS)
    record_property("photos a second", f"{PHOTOS / took:.1f}")
    record_property("worker's MB after an eighth and at the end", [round(worker) for worker, _ in memory])
    record_property("the command's MB", [round(command) for _, command in memory])
    record_property("rows", len(table))
    assert max(worker for worker, _ in memory) < WORKER_MB
