"""Two machines beside one, on one machine: ``python -m bench.nodes [--photos N] [--rounds N]`` (Linux, root).

Writes bench/NODES.md. A node is a network namespace of its own with half of the cores: what runs in it reaches the
others by its network card alone, as a machine in a rack does (ip-netns(8), veth(4)). A Dask scheduler is outside; each
node runs ``dask worker``, one process of one thread for each of its cores. The same photos are read by one node and by
both, in turn, ``--rounds`` times, from the first photo to the last row; the ratio is of the medians. What it does not
cover: a network that is slow, and stores that are far away. Exit code 0 with a sentence where none are allowed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.bulk import Timed, by_cluster, quietly
from bench.made_photos import FER, ROOT, make_photos
from model.bulk.cluster import connected
from model.bulk.reading import Setup
from model.recognizer import DEFAULT_MODEL
from model.store.files import SAVED
from model.store.metadata import Metadata

RESULTS = Path(__file__).resolve().parent / "NODES.md"
TARGET = 1.6
NETWORK = "10.231.77"  # The first three numbers of the addresses; .1 is the scheduler's.
BRIDGE = "fv-bridge"
PORT = 8786
DASK = [sys.executable, "-m", "dask"]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure one node and two, and write the table. Exit code 1 if they give different rows."""
    parser = argparse.ArgumentParser(prog="python -m bench.nodes", description=__doc__)
    parser.add_argument("--photos", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--data", type=Path, default=FER, help=f"FER-2013 (default: {FER})")
    options = parser.parse_args(argv)
    if reason := unable():
        print(f"Not measured: {reason}.")
        return 0
    setup = Setup(DEFAULT_MODEL, Metadata.load(SAVED / DEFAULT_MODEL).version, "mtcnn")
    halves = halves_of(sorted(os.sched_getaffinity(0)))
    runs: dict[int, list[Timed]] = {1: [], 2: []}
    with tempfile.TemporaryDirectory() as folder:
        names = make_photos(Path(folder), options.photos, options.data)
        for number in range(options.rounds):
            for nodes, timed in runs.items():
                timed.append(read(setup, names, halves[:nodes]))
                print(f"round {number + 1}, nodes: {nodes}, {timed[-1].read:.1f} s")
    same = all(run.rows == runs[1][0].rows for timed in runs.values() for run in timed)
    text = report(runs, [len(half) for half in halves], same)
    RESULTS.write_text(text, encoding="utf-8")
    print(text)
    return 0 if same else 1


def unable() -> str | None:
    """Return why namespaces can't be made here, or None."""
    if not hasattr(os, "sched_getaffinity") or not shutil.which("ip"):
        return "it needs Linux and the command ip (package iproute2)"
    if os.geteuid() != 0:
        return "network namespaces need root"
    if len(os.sched_getaffinity(0)) < 2:
        return "two nodes need two cores"
    if subprocess.run(["ip", "netns", "add", "fv-try"], capture_output=True, check=False).returncode:
        return "this machine allows no network namespaces"
    ip("netns", "delete", "fv-try")
    return None


def halves_of(cores: Sequence[int]) -> tuple[Sequence[int], Sequence[int]]:
    """Return two equal shares of the cores; an odd one is left out."""
    half = len(cores) // 2
    return cores[:half], cores[half : 2 * half]


def read(setup: Setup, names: Sequence[str], nodes: Sequence[Sequence[int]]) -> Timed:
    """Read the photos on nodes with these cores, as ``facevalue bulk --scheduler`` does, but for writing."""
    began = time.perf_counter()
    with ExitStack() as stack:
        scheduler = stack.enter_context(network(nodes))
        stack.enter_context(quietly())
        cluster = stack.enter_context(connected(scheduler, setup, 0))
        return by_cluster(cluster, names, sum(len(cores) for cores in nodes), began)


@contextmanager
def network(nodes: Sequence[Sequence[int]]) -> Iterator[str]:
    """Start a scheduler and the nodes on a bridge; yields the scheduler's address, takes all down after."""
    with ExitStack() as stack:
        ip("link", "add", BRIDGE, "type", "bridge")
        stack.callback(ip, "link", "delete", BRIDGE)
        ip("address", "add", f"{NETWORK}.1/24", "dev", BRIDGE)
        ip("link", "set", BRIDGE, "up")
        address = f"tcp://{NETWORK}.1:{PORT}"
        command = [*DASK, "scheduler", "--host", address, "--no-dashboard", "--no-show"]
        stack.enter_context(running(command))
        for number, cores in enumerate(nodes, start=2):
            node = f"fv-node-{number}"
            ip("netns", "add", node)
            stack.callback(ip, "netns", "delete", node)
            ip("link", "add", f"fv-{number}", "type", "veth", "peer", "name", "card", "netns", node)
            stack.callback(ip, "link", "delete", f"fv-{number}")
            ip("link", "set", f"fv-{number}", "master", BRIDGE, "up")
            ip("-n", node, "address", "add", f"{NETWORK}.{number}/24", "dev", "card")
            ip("-n", node, "link", "set", "card", "up")
            ip("-n", node, "link", "set", "lo", "up")
            pinned = ["ip", "netns", "exec", node, "taskset", "--cpu-list", ",".join(map(str, cores))]
            worker = [*DASK, "worker", address, "--nworkers", str(len(cores)), "--nthreads", "1"]
            stack.enter_context(running([*pinned, *worker, "--no-dashboard"]))
        yield address


@contextmanager
def running(command: Sequence[str]) -> Iterator[None]:
    """Run a program of the cluster until this ends."""
    # As docs/scale.md has it: Dask's value makes glibc give memory back and fetch it again with every photo.
    environment = {
        **os.environ,
        "DASK_DISTRIBUTED__NANNY__PRE_SPAWN_ENVIRON__MALLOC_TRIM_THRESHOLD_": "None",
        "PYTHONPATH": str(ROOT),
    }
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT
    )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def ip(*arguments: str) -> None:
    """Run the command of iproute2. Raises CalledProcessError."""
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


def report(runs: dict[int, list[Timed]], cores: Sequence[int], same: bool) -> str:
    """Return the file's text."""
    photos = len(runs[1][0].rows)
    seconds = {nodes: statistics.median(run.read for run in timed) for nodes, timed in runs.items()}
    return f"""# One node and two

`python -m bench.nodes`: {photos:,} photos of 350 × 350 pixels; a node is a network namespace with {cores[0]} of this
machine's {os.cpu_count()} cores, and the scheduler is outside, on whichever core is free. Python
{sys.version.split()[0]}, load {os.getloadavg()[0]:.0f}; medians of {len(runs[1])}.

| | reading, s | photos a second |
|---|---|---|
| one node | {seconds[1]:.1f} | {photos / seconds[1]:.1f} |
| two nodes | {seconds[2]:.1f} | {photos / seconds[2]:.1f} |

Two nodes read {seconds[1] / seconds[2]:.2f} times as fast as one (target: {TARGET}), the start excluded. The rows are
{"the same" if same else "NOT the same"}.
"""


if __name__ == "__main__":
    raise SystemExit(main())
