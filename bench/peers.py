"""This project and alternatives on the same photos in the same run: ``make bench``.

Three contenders, each in a process of its own: (a) this project; (b) the ``mtcnn`` package with Keras' ``predict`` on
the same network, as published systems do it; (c) the ``fer`` package with its Haar cascade, from an environment of its
own. They alternate on every photo, so that other load affects all equally. The lower bound is the networks' inference
alone on the same inputs, and JPEG decoding.

Prints a table and writes it to bench/RESULTS.md.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
from PIL import Image

from bench.contender import NETWORK
from bench.detector import floor_of, medians
from bench.report import ONE, Counted, Floor, Throughput, Timed, machine, write_results
from bench.scenes import Scene, counted_photos, matched, timed_photos
from model.classifier import Classifier
from model.detection.detector import MtcnnDetector
from model.photo.load import load_photo
from model.recognizer import Recognizer
from model.store.files import SAVED

ROOT = Path(__file__).resolve().parent.parent
FER_PYTHON = ROOT / ".venv-bench" / "bin" / "python"
PHOTOS = 24  # In each stretch that a throughput is taken from.
DATA = ROOT.parent / "shared" / "data" / "fer2013.zip"


@dataclass
class Contender:
    """A running process that answers photos; ``first_ms`` is from its start to the end of its first answer."""

    name: str
    python: str
    process: subprocess.Popen[str] = field(init=False)
    start: dict[str, float] = field(init=False)
    first_ms: float = field(init=False)
    peak_mb: float = 0.0

    def begin(self, photo: Path) -> None:
        """Start the process and let it answer once."""
        began = time.perf_counter()
        self.process = subprocess.Popen(
            [self.python, str(ROOT / "bench" / "contender.py"), self.name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._stdin, self._stdout = cast(IO[str], self.process.stdin), cast(IO[str], self.process.stdout)
        self.start = self._hear()
        self.ask(photo)
        self.first_ms = 1000 * (time.perf_counter() - began)

    def ask(self, photo: Path) -> dict[str, Any]:
        """One answer: ``ms``, ``boxes`` and, where the contender knows them, ``stages``."""
        self._stdin.write(f"{photo}\n")
        self._stdin.flush()
        answer = self._hear()
        self.peak_mb = max(self.peak_mb, answer["peak_mb"])
        return answer

    def end(self) -> None:
        """Close its input and wait."""
        self._stdin.close()
        self.process.wait(timeout=30)

    def _hear(self) -> dict[str, Any]:
        line = self._stdout.readline()
        if not line:
            raise RuntimeError(f"the contender {self.name} ended before it answered")
        return dict(json.loads(line))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=15, help="measured rounds per photo (%(default)s)")
    parser.add_argument("--data", type=Path, default=DATA if DATA.exists() else None, help="FER-2013")
    arguments = parser.parse_args()
    contenders = [Contender("ours", sys.executable), Contender("classic", sys.executable)]
    if FER_PYTHON.exists():
        contenders.append(Contender("fer", str(FER_PYTHON)))
    else:
        print("The fer package is left out: `make bench` sets up its environment.", file=sys.stderr)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        photos = timed_photos(folder)
        first = next(iter(photos.values())).path
        for contender in contenders:
            contender.begin(first)
        timed = {name: time_photo(contenders, scene, arguments.rounds) for name, scene in photos.items()}
        floors = {name: floor(scene, arguments.rounds) for name, scene in photos.items()}
        rates = throughput(photos[ONE], arguments.rounds)
        # The peaks are those of the timed photos: counting takes no part in them.
        peaks = {contender.name: contender.peak_mb for contender in contenders}
        counted = count(contenders, counted_photos(folder, arguments.data))
        for contender in contenders:
            contender.end()
    starts = {c.name: (c.start["import_ms"], c.start["load_ms"], c.first_ms) for c in contenders}
    versions = f"{machine('onnxruntime', 'keras', 'mtcnn')}, fer 25.10.3."
    text = write_results(versions, NETWORK, arguments.rounds, timed, floors, rates, starts, peaks, counted)
    print(text)


def time_photo(contenders: list[Contender], scene: Scene, rounds: int) -> dict[str, Timed]:
    """Each contender's median time and faces on one photo, alternating."""
    answers: dict[str, list[dict[str, Any]]] = {contender.name: [] for contender in contenders}
    for turn in range(rounds + 1):
        for contender in contenders:
            answer = contender.ask(scene.path)
            if turn:
                answers[contender.name].append(answer)
    return {name: _timed(given, scene) for name, given in answers.items()}


def _timed(answers: list[dict[str, Any]], scene: Scene) -> Timed:
    stages = [answer["stages"] for answer in answers if answer["stages"]]
    return Timed(
        ms=statistics.median(answer["ms"] for answer in answers),
        found=matched(answers[0]["boxes"], scene.faces),
        faces=len(scene.faces),
        stages=tuple(statistics.median(column) for column in zip(*stages, strict=True)) if stages else (),
    )


def floor(scene: Scene, rounds: int) -> Floor:
    """What the networks alone and decoding alone take."""
    content = scene.path.read_bytes()
    detector, classifier = MtcnnDetector.load(), Classifier.load(SAVED / NETWORK)
    photo = load_photo(content)
    readings = Recognizer(detector, classifier).analyze(content).faces
    inputs = np.stack([reading.network_input for reading in readings]) if readings else None
    networks, reading, whole, reduced = medians(
        [
            floor_of(detector, photo.pixels),
            lambda: classifier.classify(inputs) if inputs is not None else None,
            lambda: Image.open(BytesIO(content)).load(),
            lambda: load_photo(content),
        ],
        rounds,
    )
    return Floor(networks, reading, whole, reduced)


def throughput(scene: Scene, rounds: int) -> Throughput:
    """Photos a second when every core has one of its own, and what the networks alone would allow; alternating."""
    content, cores = scene.path.read_bytes(), os.cpu_count() or 1
    detector = MtcnnDetector.load(threads=1)
    classifier = Classifier.load(SAVED / NETWORK, threads=1)
    recognizer = Recognizer(detector, classifier)
    inputs = np.stack([reading.network_input for reading in recognizer.analyze(content).faces])
    search = floor_of(detector, load_photo(content).pixels)

    def networks() -> None:
        search()
        classifier.classify(inputs)

    with ThreadPoolExecutor(cores) as pool:

        def stretch(work: Callable[[], object]) -> Callable[[], list[object]]:
            return lambda: list(pool.map(lambda _: work(), range(PHOTOS)))

        whole, bare = medians([stretch(lambda: recognizer.analyze(content)), stretch(networks)], rounds)
    return Throughput(1000 * PHOTOS / whole, 1000 * PHOTOS / bare)


def count(contenders: list[Contender], scenes: list[Scene]) -> dict[str, Counted]:
    """How many faces each contender finds on the counted photos, and how many of its boxes are none."""
    totals = {contender.name: [0, 0, 0.0] for contender in contenders}
    for scene in scenes:
        for contender in contenders:
            answer = contender.ask(scene.path)
            hits = matched(answer["boxes"], scene.faces)
            totals[contender.name][0] += hits
            totals[contender.name][1] += len(answer["boxes"]) - hits
            totals[contender.name][2] += answer["ms"]
    faces = sum(len(scene.faces) for scene in scenes)
    return {
        name: Counted(int(found), int(false), faces, len(scenes), total / len(scenes))
        for name, (found, false, total) in totals.items()
    }


if __name__ == "__main__":
    main()
