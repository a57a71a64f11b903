"""The face detector and the ``mtcnn`` package on the same photos: ``python -m bench.detector``.

The two alternate on every photo, so that other load affects both equally; the table has medians and ratios. The lower
bound is the inference of the three networks alone on the same inputs; the rest is pyramid, NMS and cropping.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

from model.detection.detector import MtcnnDetector
from tests.helpers import photos as faces_photos

os.environ.setdefault(
    "TF_CPP_MIN_LOG_LEVEL", "3"
)  # TensorFlow's notes on its build are no part of the table.

PHOTOS: dict[str, Callable[[], Any]] = {
    "1 face, 512²": faces_photos.portrait,
    "1 face, 1024²": lambda: faces_photos.scaled(faces_photos.portrait(), 1024),
    "4 faces, 1024²": faces_photos.collage,
    "12 faces, 1000×820": faces_photos.crowd,
    "no face, 512²": lambda: faces_photos.scaled(faces_photos.portrait()[300:, :212], 512),
}


class _Recorder:
    """Stands in for a session: answers as it does and remembers what it was asked."""

    def __init__(self, session: Any) -> None:
        self.session = session
        self.calls: list[tuple[Any, dict[str, Any]]] = []

    def run(self, outputs: Any, inputs: dict[str, Any]) -> Any:
        self.calls.append((outputs, inputs))
        return self.session.run(outputs, inputs)

    def replay(self, executor: ThreadPoolExecutor | None) -> None:
        each = executor.map if executor else map
        for _ in each(lambda call: self.session.run(*call), self.calls):
            pass


def floor_of(detector: MtcnnDetector, photo: Any) -> Callable[[], None]:
    """Return a function that runs the networks alone, on what ``photo`` makes the cascade ask of them.

    On the detector's own threads, as it does.
    """
    mtcnn = detector.mtcnn
    networks: dict[str, Any] = {name: _Recorder(getattr(mtcnn, name)) for name in ("pnet", "rnet", "onet")}
    replace(detector, mtcnn=replace(mtcnn, **networks)).detect_faces(photo)

    def replay() -> None:
        for name, network in networks.items():
            network.replay(mtcnn.executor.get() if mtcnn.executor and name != "onet" else None)

    return replay


def medians(contenders: list[Callable[[], Any]], rounds: int) -> list[float]:
    """Return each contender's median milliseconds, alternating, after one warm-up round."""
    times: list[list[float]] = [[] for _ in contenders]
    for turn in range(rounds + 1):
        for contender, record in zip(contenders, times, strict=True):
            start = time.perf_counter()
            contender()
            if turn:
                record.append(1000 * (time.perf_counter() - start))
    return [statistics.median(record) for record in times]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=11, help="measured rounds per photo (%(default)s)")
    parser.add_argument("--threads", type=int, help="threads a network may use (all cores)")
    arguments = parser.parse_args()

    from mtcnn import MTCNN  # Takes seconds to import, which --help should not.

    package, detector = MTCNN(), MtcnnDetector.load(threads=arguments.threads)
    print(
        "| photo | faces: package, ours | package ms | ours ms | floor ms | package ÷ ours | ours ÷ floor |"
    )
    print("|---|---|---|---|---|---|---|")
    for name, make in PHOTOS.items():
        photo = make()
        found = f"{len(package.detect_faces(photo))}, {len(detector.detect_faces(photo))}"
        contenders: list[Callable[[], object]] = [
            partial(package.detect_faces, photo),
            partial(detector.detect_faces, photo),
            floor_of(detector, photo),
        ]
        theirs, ours, floor = medians(contenders, arguments.rounds)
        figures = f"{theirs:.1f} | {ours:.1f} | {floor:.1f} | {theirs / ours:.2f} | {ours / floor:.2f}"
        print(f"| {name} | {found} | {figures} |", flush=True)


if __name__ == "__main__":
    main()
