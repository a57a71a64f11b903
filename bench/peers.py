"""This project and alternatives on the same photos in the same run: ``make bench``.

The contenders, each in a process of its own: (a) this project; (b) the ``mtcnn`` package with Keras' ``predict`` on
the same network, as published systems do it; (c) the ``fer`` package with its Haar cascade, from an environment of its
own; in Node, with TensorFlow.js on WebAssembly, (d) ``@vladmandic/face-api`` and (e) ``@vladmandic/human``. What is not
installed is left out, and said. They alternate on every photo, so that other load affects all equally. The lower bound
is the networks' inference alone on the same inputs, and JPEG decoding.

Prints a table and writes it to bench/RESULTS.md; what it has come to, and in how many seconds, it tells on the way.
``--short`` takes as many rounds of the small photos, 3 of those of 12 megapixels, the album once, and each third of the
photos on which faces are counted and expressions read.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from bench.contender import NETWORK
from bench.contenders import Contender, all_contenders, peer_versions
from bench.counting import count, read_expressions
from bench.detector import floor_of, medians
from bench.report import ONE, Floor, Results, Throughput, Timed, machine, write_results
from bench.scenes import Scene, counted_photos, matched, small_photos, timed_photos
from model.classifier import Classifier
from model.detection.detector import MtcnnDetector
from model.photo.load import load_photo
from model.recognizer import Recognizer
from model.store.files import SAVED

ROOT = Path(__file__).resolve().parent.parent
PHOTOS = 24  # In each stretch that a throughput is taken from.
DATA = ROOT.parent / "shared" / "data" / "fer2013.zip"
PHOTOS_DATA = ROOT.parent / "shared" / "data" / "real_photos.zip"
SLOW_ROUNDS = 5  # Of photos of 12 megapixels …
ALBUM_ROUNDS = 3  # … and of a hundred photos.
SHORT_SLOW_ROUNDS, SHORT_ALBUM_ROUNDS, SHORT_STEP = 3, 1, 3
BEGAN = time.monotonic()
ALBUM = "100 photos of 320², one after the other"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=15, help="measured rounds per photo (%(default)s)")
    parser.add_argument("--short", action="store_true", help="in about a third of the time, see above")
    parser.add_argument("--data", type=Path, default=DATA if DATA.exists() else None, help="FER-2013")
    parser.add_argument(
        "--photos",
        type=Path,
        default=PHOTOS_DATA if PHOTOS_DATA.exists() else None,
        help="photos with an expression each, zip or folder; its split report is read",
    )
    arguments = parser.parse_args()
    slow, album = (SHORT_SLOW_ROUNDS, SHORT_ALBUM_ROUNDS) if arguments.short else (SLOW_ROUNDS, ALBUM_ROUNDS)
    step = SHORT_STEP if arguments.short else 1
    contenders, left_out = all_contenders()
    print(*left_out, sep="\n", file=sys.stderr)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        photos = timed_photos(folder)
        first = next(iter(photos.values())).path
        tell("starting the contenders")
        for contender in contenders:
            contender.begin(first)
        turns = {name: rounds_of(name, arguments.rounds, slow) for name in photos}
        timed = {}
        for name, scene in photos.items():
            tell(name)
            timed[name] = time_photo(contenders, scene, turns[name])
            tell(", ".join(f"{who} {one.ms:.0f} ms" for who, one in timed[name].items()))
        tell(ALBUM)
        timed[ALBUM] = time_album(contenders, small_photos(folder), min(arguments.rounds, album))
        tell("the bare networks")
        floors = {name: floor(scene, turns[name]) for name, scene in photos.items()}
        rates = throughput(photos[ONE], arguments.rounds)
        # The peaks are those of the timed photos: counting takes no part in them.
        peaks = {contender.name: contender.peak_mb for contender in contenders}
        tell("counting faces")
        counted = count(contenders, counted_photos(folder, arguments.data)[::step])
        tell("reading expressions")
        read = read_expressions(contenders, folder, arguments.photos, step) if arguments.photos else {}
        tell("done")
        for contender in contenders:
            contender.end()
    starts = {c.name: (c.start["import_ms"], c.start["load_ms"], c.first_ms) for c in contenders}
    versions = f"{machine('onnxruntime', 'keras', 'mtcnn')}, {peer_versions()}."
    results = Results(NETWORK, arguments.rounds, left_out, timed, floors, rates, starts, peaks, counted, read)
    print(write_results(versions, results))


def tell(what: str) -> None:
    """Say what is begun, and how long it has taken until now."""
    print(f"{time.monotonic() - BEGAN:5.0f} s: {what}", file=sys.stderr, flush=True)


def rounds_of(photo: str, rounds: int, slow: int) -> int:
    """How often a photo is timed: what takes seconds, less often."""
    return min(rounds, slow) if "12 Mpx" in photo else rounds


def time_photo(contenders: list[Contender], scene: Scene, rounds: int) -> dict[str, Timed]:
    """Each contender's median time and faces on one photo, alternating."""
    answers: dict[str, list[dict[str, Any]]] = {contender.name: [] for contender in contenders}
    for turn in range(rounds + 1):
        for contender in contenders:
            answer = contender.ask(scene.path)
            if turn:
                answers[contender.name].append(answer)
    return {name: _timed(given, scene) for name, given in answers.items()}


def time_album(contenders: list[Contender], scenes: list[Scene], rounds: int) -> dict[str, Timed]:
    """Each contender's median time for all photos together, and the faces found in them; whole albums alternate."""
    took: dict[str, list[float]] = {contender.name: [] for contender in contenders}
    found = dict.fromkeys(took, 0)
    for turn in range(rounds):
        for contender in contenders:
            answers = [contender.ask(scene.path) for scene in scenes]
            took[contender.name].append(sum(answer["ms"] for answer in answers))
            if turn == 0:
                pairs = zip(answers, scenes, strict=True)
                found[contender.name] = sum(matched(answer["boxes"], scene.faces) for answer, scene in pairs)
    faces = sum(len(scene.faces) for scene in scenes)
    return {name: Timed(statistics.median(times), found[name], faces) for name, times in took.items()}


def _timed(answers: list[dict[str, Any]], scene: Scene) -> Timed:
    stages = [answer["stages"] for answer in answers if answer["stages"]]
    return Timed(
        ms=statistics.median(answer["ms"] for answer in answers),
        found=max(matched(answers[0]["boxes"], faces) for faces in (scene.faces, scene.lying)),
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


if __name__ == "__main__":
    main()
