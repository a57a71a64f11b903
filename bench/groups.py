"""Faces found in large photos of many people, and what finding and reading them costs.

    python -m bench.groups             # the scenes of tests/helpers/groups.py

Processor seconds are those of one thread, memory is the peak of a process for each scene.
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
import time
from collections.abc import Callable

from bench.scenes import matched
from model import Recognizer
from model.geometry import Box
from tests.helpers import groups

SCENES: dict[str, Callable[[], groups.Group]] = {
    "12 Mpx: one face of 400 pixels, 40 of 50": groups.one_large_and_forty_small,
    "8,000 × 1,500: 60 faces of 100": groups.sixty_in_three_rows,
    "16,000 × 1,500: one face of 63": groups.panorama,
    "800 × 800: 625 faces of 32": groups.carpet,
}


def make(name: str) -> tuple[bytes, tuple[Box, ...]]:
    """Return a scene's file, and the boxes of the faces in it."""
    group = SCENES[name]()
    return group.encoded(), group.faces


def measure(name: str, content: bytes, faces: tuple[Box, ...]) -> str:
    """Return the row of one scene."""
    recognizer = Recognizer.load(threads=1)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()
    analysis = recognizer.analyze(content, crop_side=320)
    seconds = time.process_time() - started
    scale = analysis.photo.scale
    boxes = [[scale * value for value in reading.box] for reading in analysis.faces]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = matched(boxes, faces)
    told = analysis.limits
    return (
        f"{name:42}{found:5} of {len(faces):3}{len(boxes) - found:4} others{told.left_out:5} left out"
        f"{seconds:7.2f} CPU s{peak / 1000:6.0f} MB peak ({before / 1000:.0f} MB before)"
    )


def main() -> int:
    """Print a row for each scene."""
    context = multiprocessing.get_context("spawn")
    for name in SCENES:
        with context.Pool(1) as pool:
            content, faces = pool.apply(make, (name,))
        # In a process of its own, whose peak is then its own, too.
        with context.Pool(1) as pool:
            print(pool.apply(measure, (name, content, faces)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
