"""MTCNN, the Haar cascade and every other detector that has a name, on the same photos: ``python -m bench.detectors``.

Faces of FER-2013's PrivateTest, and the sample portrait, are pasted into photographs without a face, at several sizes
and rolls, so that their positions are known; the same photographs alone give the false detections. A face counts as
found if a box's center is in the middle half of it and the box is half to twice as wide. They take turns on every
photo, so that other load affects all equally. MTCNN and Haar run one pass and keep all its faces; others detect as the
site lets them.
Prints a table and writes it to bench/DETECTORS.md.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import skimage.data

from bench.report import machine, markdown_table
from model.detection.detector import MtcnnDetector
from model.detection.haar import HaarDetector
from model.detection.search import DETECTORS, Detector, load_detector
from model.geometry import Pixels
from model.types import Face, Photo
from tests.helpers import photos as faces_photos

Detect = Callable[[Pixels], tuple[Face, ...]]

LIBRARIES = ("onnxruntime", "opencv-python-headless")
RESULTS = Path(__file__).resolve().parent / "DETECTORS.md"
SIZE = (640, 480)
# Without people; ``camera`` and ``astronaut`` have one, the others of skimage's pictures need a download.
BACKGROUNDS = (
    "brick",
    "chelsea",
    "coffee",
    "coins",
    "gravel",
    "grass",
    "page",
    "rocket",
    "text",
    "moon",
    "clock",
)
SIDES = (50, 80, 120, 180)
LEANS = (0, 15, 30, 45)
# What FER-2013's frame would be around the portrait's face: x, y, side.
PORTRAIT_FRAME = (172, 66, 102)


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A photo and the squares (x, y, side) in which faces are known to lie; ``kind`` is the table's row."""

    kind: str
    photo: Pixels
    faces: tuple[tuple[float, float, float], ...]


@dataclass(slots=True)
class Tally:
    """What one detector did on one kind of scene."""

    known: int = 0
    found: int = 0
    false: int = 0
    milliseconds: list[float] = field(default_factory=list)

    def add(self, scene: Scene, faces: tuple[Face, ...], took: float) -> None:
        left = list(faces)
        for square in scene.faces:
            hit = next((face for face in left if matches(face, square)), None)
            if hit is not None:
                left.remove(hit)
                self.found += 1
        self.known += len(scene.faces)
        self.false += len(left)
        self.milliseconds.append(took)


def matches(face: Face, square: tuple[float, float, float]) -> bool:
    x, y, width, height = face.box
    left, top, side = square
    off = max(abs(x + width / 2 - left - side / 2), abs(y + height / 2 - top - side / 2))
    return off <= side / 4 and side / 2 <= width <= 2 * side


def backgrounds() -> list[Pixels]:
    """Photographs without a face, 640×480, RGB."""
    pictures = []
    for name in BACKGROUNDS:
        picture = np.asarray(getattr(skimage.data, name)(), np.uint8)
        rgb = picture[..., :3] if picture.ndim == 3 else np.repeat(picture[..., None], 3, axis=2)
        pictures.append(np.asarray(cv2.resize(rgb, SIZE, interpolation=cv2.INTER_AREA), np.uint8))
    return pictures


def scenes(count: int, seed: int) -> Iterator[Scene]:
    """``count`` scenes of each side upright and of each lean at 120 pixels, the portrait's, and the empty ones."""
    empty = backgrounds()
    rng = np.random.default_rng(seed)
    if faces_photos.FER2013.exists():
        kinds = [(side, 0) for side in SIDES] + [(120, lean) for lean in LEANS[1:]]
        tiles = iter(faces_photos.fer_faces(4 * count * len(kinds), seed, split="privatetest"))
        for side, lean in kinds:
            for number in range(count):
                some = [next(tiles) for _ in range(4 if side <= 120 else 2)]
                kind = f"FER-2013, {side} px" + (f", leaning {lean}°" if lean else "")
                yield lay(kind, empty[number % len(empty)], some, side, lean, rng)
    x, y, side = PORTRAIT_FRAME
    head = faces_photos.portrait()[: y + 2 * side, x - side // 2 : x + side + side // 2]
    for large in SIDES:
        for number in range(max(1, count // 2)):
            yield lay_portrait(f"portrait, {large} px", empty[number % len(empty)], head, large, rng)
    for picture in empty:
        yield Scene("no face", picture, ())


def lay(
    kind: str, background: Pixels, tiles: list[Pixels], side: int, lean: int, rng: np.random.Generator
) -> Scene:
    """Lay square faces on a photograph, one in each quarter (or half), leaning to either side."""
    photo, squares = background.copy(), []
    for place, tile in enumerate(tiles):
        columns = 2
        rows = len(tiles) // columns
        cell_width, cell_height = SIZE[0] / columns, SIZE[1] / rows
        room = (cell_width - 1.45 * side, cell_height - 1.45 * side)
        x = (place % columns) * cell_width + 0.225 * side + rng.uniform(0, max(room[0], 1))
        y = (place // columns) * cell_height + 0.225 * side + rng.uniform(0, max(room[1], 1))
        turn = float(lean * rng.choice([-1, 1]))
        scale = side / tile.shape[0]
        matrix = cv2.getRotationMatrix2D(((tile.shape[1] - 1) / 2, (tile.shape[0] - 1) / 2), turn, scale)
        matrix[:, 2] += (x + (side - tile.shape[1]) / 2, y + (side - tile.shape[0]) / 2)
        cv2.warpAffine(
            tile, matrix, SIZE, dst=photo, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_TRANSPARENT
        )
        squares.append((x, y, float(side)))
    return Scene(kind, photo, tuple(squares))


def lay_portrait(kind: str, background: Pixels, head: Pixels, side: int, rng: np.random.Generator) -> Scene:
    """Lay the portrait's head on a photograph so that its face's frame is ``side`` pixels, mirrored and dimmed."""
    frame_x, frame_y, frame = PORTRAIT_FRAME[2] // 2, PORTRAIT_FRAME[1], PORTRAIT_FRAME[2]
    scale = side / frame
    small = cv2.resize(head, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    small = np.clip(small * rng.uniform(0.4, 1.1), 0, 255).astype(np.uint8)
    if mirror := bool(rng.integers(2)):
        small = small[:, ::-1]
    rows, columns = min(small.shape[0], SIZE[1]), min(small.shape[1], SIZE[0])
    x, y = int(rng.integers(0, SIZE[0] - columns + 1)), int(rng.integers(0, SIZE[1] - rows + 1))
    photo = background.copy()
    photo[y : y + rows, x : x + columns] = small[:rows, :columns]
    inside = (head.shape[1] - frame_x - frame) if mirror else frame_x
    return Scene(kind, photo, ((x + inside * scale, y + frame_y * scale, float(side)),))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=22, help="scenes of each kind (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="which faces and where (%(default)s)")
    parser.add_argument("--threads", type=int, default=1, help="threads each may use (%(default)s)")
    arguments = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", str(arguments.threads))
    cv2.setNumThreads(arguments.threads)
    detectors = all_detectors(arguments.threads)
    tallies: dict[str, dict[str, Tally]] = {}
    for scene in scenes(arguments.count, arguments.seed):
        row = tallies.setdefault(scene.kind, {name: Tally() for name in detectors})
        for name, detect in detectors.items():
            if not row[name].milliseconds:
                detect(scene.photo)  # The first call of a kind does not count.
            start = time.perf_counter()
            faces = detect(scene.photo)
            row[name].add(scene, faces, 1000 * (time.perf_counter() - start))
    table = report(tallies, tuple(detectors))
    print(table)
    RESULTS.write_text(
        "# MTCNN and the Haar cascade\n\n"
        f"Written by `python -m bench.detectors`, {arguments.threads} thread each: {machine(*LIBRARIES)}.\n\n"
        "Faces of PrivateTest and the sample portrait, laid on photographs without a face; false are boxes where no "
        "face was laid. `haar` is chosen with `DETECTOR=haar`; of its boxes the site then takes the largest.\n\n"
        f"{table}",
        encoding="utf-8",
    )


def all_detectors(threads: int) -> dict[str, Detect]:
    """By name, MTCNN first: what finds the faces of an RGB photo uint8 (height, width, 3)."""
    others = {
        name: load_detector(name, threads=threads) for name in DETECTORS if name not in ("mtcnn", "haar")
    }
    return {
        "MTCNN": MtcnnDetector.load(threads=threads).detect_faces,
        "Haar": HaarDetector.load().detect_faces,
    } | {name: as_the_site_does(detector) for name, detector in others.items()}


def as_the_site_does(detector: Detector) -> Detect:
    return lambda pixels: detector.detect(Photo(pixels)).faces


def report(tallies: dict[str, dict[str, Tally]], names: tuple[str, ...]) -> str:
    """The table: faces found, missed and falsely found, and median milliseconds, by kind of photo."""
    counted = (f"{name}: found, missed, false" for name in names)
    timed = (f"{name}, ms" for name in names)
    ratios = (f"{name} ÷ {names[0]}" for name in names[1:])
    head = ("photos of 640×480", "faces", *counted, *timed, *ratios)
    rows: list[tuple[str, ...]] = []
    for kind, row in tallies.items():
        counts = [f"{t.found}, {t.known - t.found}, {t.false}" for t in (row[name] for name in names)]
        times = [statistics.median(row[name].milliseconds) for name in names]
        known, took = str(row[names[0]].known), (f"{t:.1f}" for t in times)
        rows.append((kind, known, *counts, *took, *(f"{t / times[0]:.2f}" for t in times[1:])))
    return markdown_table(head, rows)


if __name__ == "__main__":
    main()
