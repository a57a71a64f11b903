"""Throughput and latency of thread settings: ``python -m bench.threads``.

``parallel`` photos at a time (MAX_CONCURRENT), each inference on ``threads`` threads (THREADS), in one
process; the settings alternate, so that other load affects all equally.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from concurrent.futures import ThreadPoolExecutor

from bench.report import markdown_table
from model import Recognizer
from tests.helpers.memory import encoded

SETTINGS = ((1, 1), (1, 2), (2, 1), (2, 2), (3, 1), (4, 1))
PHOTOS = 24


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=7, help="turns of each setting (%(default)s)")
    parser.add_argument("--side", type=int, default=512, help="the photo's side in pixels (%(default)s)")
    options = parser.parse_args()
    photo = encoded(options.side)
    recognizers = {threads: Recognizer.load(threads=threads) for _, threads in SETTINGS}
    times: dict[tuple[int, int], list[float]] = {setting: [] for setting in SETTINGS}
    for turn in range(options.rounds + 1):
        for parallel, threads in SETTINGS:
            taken = stretch(recognizers[threads], photo, parallel)
            if turn:
                times[parallel, threads].append(taken)
    base = statistics.median(times[1, 1])
    rows = [
        (
            str(parallel),
            str(threads),
            f"{PHOTOS / statistics.median(taken):.1f}",
            f"{base / statistics.median(taken):.2f}",
            f"{1000 * parallel * statistics.median(taken) / PHOTOS:.0f}",
        )
        for (parallel, threads), taken in times.items()
    ]
    head = ("MAX_CONCURRENT", "THREADS", "photos/s", "÷ 1 and 1", "ms a photo")
    print(f"{os.cpu_count()} cores, {options.side}² photo with one face, medians of {options.rounds}\n")
    print(markdown_table(head, rows))


def stretch(recognizer: Recognizer, photo: bytes, parallel: int) -> float:
    """Seconds to read ``PHOTOS`` photos, so many at a time."""
    with ThreadPoolExecutor(parallel) as pool:
        began = time.perf_counter()
        list(pool.map(recognizer.analyze, [photo] * PHOTOS))
        return time.perf_counter() - began


if __name__ == "__main__":
    main()
