"""Many photos and a long film by the command line: ``python -m bench.many`` (MANY.md). Linux only.

    python -m bench.many --photos 1000                     # the share of the networks, and memory
    python -m bench.many --photos 10000 --film 600         # what the targets are about: an hour on two cores

Photos are the samples with one face at 350 pixels, each a little different. What the bare networks take is measured in
this process, on the same photos: the CPU time of every call of ONNX Runtime that reading them makes.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageEnhance

from bench.report import machine, markdown_table
from model import Recognizer
from model.store.session import Session
from tests.helpers.memory import children, resident

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "static" / "samples"
RESULTS = Path(__file__).resolve().parent / "MANY.md"
SIDE = 350
DIFFERENT = 60  # Photos; a longer list repeats them.
WIDTH, HEIGHT, RATE = 1280, 720, 25


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the command line."""

    seconds: float  # By the clock.
    cpu: float  # Seconds of all its processes, in user mode and in the system.
    memory: list[
        tuple[float, float]
    ]  # How much of the output was there (0…1), and MB of the largest process.


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--photos", type=int, default=1000, help="how many (%(default)s)")
    parser.add_argument("--jobs", type=int, default=2, help="processes (%(default)s)")
    parser.add_argument("--film", type=int, default=60, help="seconds of the film; 0: none (%(default)s)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        photos = make_photos(Path(folder), arguments.photos)
        names = Path(folder) / "names.txt"
        names.write_text("\n".join(map(str, photos)), encoding="utf-8")
        given = ["--files-from", str(names), "--jobs", str(arguments.jobs)]
        many = run(given, Path(folder) / "many.jsonl", arguments.photos)
        alone = networks_alone(photos[:DIFFERENT]) / min(DIFFERENT, len(photos)) * len(photos)
        film = None
        if arguments.film:
            path = make_film(Path(folder) / "film.mp4", arguments.film)
            film = run([str(path), "--every", "0.2s"], Path(folder) / "film.jsonl", 5 * arguments.film)
    text = as_text(arguments, many, alone, film)
    RESULTS.write_text(text, encoding="utf-8")
    print(text)


def make_photos(folder: Path, count: int) -> list[Path]:
    """Write the photos and return as many paths."""
    sources = []
    for name in ("astronaut", "dim", "masked", "small"):
        with Image.open(SAMPLES / f"{name}.jpg") as image:
            scale = SIDE / max(image.size)
            sources.append(image.convert("RGB").resize([round(side * scale) for side in image.size]))
    written = []
    for number in range(min(count, DIFFERENT)):
        changed = ImageEnhance.Brightness(sources[number % len(sources)]).enhance(0.85 + 0.005 * number)
        path = folder / f"{number:03}.jpg"
        changed.rotate(number % 7 - 3, resample=Image.Resampling.BICUBIC).save(path, quality=90)
        written.append(path)
    return [written[number % len(written)] for number in range(count)]


def make_film(path: Path, seconds: int) -> Path:
    """Write a film of the sample portrait, which sways."""
    with Image.open(SAMPLES / "astronaut.jpg") as image:
        portrait = np.asarray(image.convert("RGB").resize((600, 600)))[..., ::-1]
    writer = cv2.VideoWriter(
        str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"mp4v"), RATE, (WIDTH, HEIGHT)
    )
    for number in range(seconds * RATE):
        frame = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
        left = 300 + round(100 * np.sin(number / RATE))
        frame[60:660, left : left + 600] = portrait
        writer.write(frame)
    writer.release()
    return path


def run(arguments: list[str], out: Path, lines: int) -> Run:
    """Run the command line and look at its memory now and then."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    command = [sys.executable, "-m", "model", *arguments, "--out", str(out), "--quiet"]
    memory = []
    with subprocess.Popen(command, cwd=ROOT) as program:
        while program.poll() is None:
            time.sleep(0.5)
            try:
                largest = max(resident(pid) for pid in (program.pid, *children(program.pid)))
            except (OSError, ValueError):
                continue
            done = out.read_bytes().count(b"\n") / lines if out.exists() else 0.0
            memory.append((done, largest))
    seconds = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if program.returncode:
        raise SystemExit(f"the command line ended with {program.returncode}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(seconds, cpu, memory)


def networks_alone(photos: list[Path]) -> float:
    """Return the CPU seconds of the networks' calls while the photos are read."""
    spent = 0.0
    bare = Session.run

    def timed(self: Session, *given: object) -> list[object]:
        nonlocal spent
        started = time.thread_time()
        outputs: list[object] = bare(self, *given)  # type: ignore[arg-type]  # as it is called
        spent += time.thread_time() - started
        return outputs

    recognizer = Recognizer.load(threads=1)
    contents = [path.read_bytes() for path in photos]
    recognizer.analyze(BytesIO(contents[0]))
    Session.run = timed  # type: ignore[method-assign,assignment]  # for as long as it is measured
    try:
        for content in contents:
            recognizer.analyze(content)
    finally:
        Session.run = bare  # type: ignore[method-assign]
    return spent


def memory_at(measured: list[tuple[float, float]], share: float) -> float:
    """Return MB when so much of the output was there."""
    return next((memory for done, memory in measured if done >= share), measured[-1][1])


def as_text(arguments: argparse.Namespace, many: Run, alone: float, film: Run | None) -> str:
    photos, jobs = arguments.photos, arguments.jobs
    fifth = memory_at(many.memory, 0.2)
    last = max(memory for done, memory in many.memory if done >= 0.9)
    rows = [
        (f"{photos:,} photos, {jobs} processes: seconds, CPU seconds", f"{many.seconds:.1f}, {many.cpu:.1f}"),
        ("the networks alone: CPU seconds", f"{alone:.1f}"),
        ("networks ÷ all CPU time, start-up included", f"{alone / many.cpu:.0%}"),
        (f"networks ÷ {jobs} × time by the clock", f"{alone / (jobs * many.seconds):.0%}"),
        (f"largest process after {photos // 5:,} and {photos:,} photos: MB", f"{fifth:.0f}, {last:.0f}"),
    ]
    if film is not None:
        what = f"film of {arguments.film} s, 720p, 5 looks a second: seconds, CPU seconds"
        rows.append((what, f"{film.seconds:.1f}, {film.cpu:.1f}"))
        early = memory_at(film.memory, 0.2)
        late = max(memory for done, memory in film.memory if done >= 0.8)
        rows.append(("its process after a fifth and at the end: MB", f"{early:.0f}, {late:.0f}"))
    head = (
        "# Many photos, and a film\n\nWritten by `python -m bench.many`. "
        "Times by the clock mean something on a quiet machine alone.\n"
    )
    on = machine("onnxruntime", "opencv-python-headless") + "\n"
    return "\n".join([head, on, markdown_table(("what", "measured"), rows)])


if __name__ == "__main__":
    main()
