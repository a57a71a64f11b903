"""Read the photos, write what comes out as it comes, and say how it went."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

from ..detection.search import DetectorName
from ..output.explanations import ExplanationWriter
from ..output.layouts import Shape, written
from ..output.stage_images import StageImageWriter
from ..output.tables import csv_header, table_rows, table_text
from .inputs import Inputs
from .models import Models, Reader
from .options import ANSWER, OK, PHOTO_REFUSED, STDIN
from .outputs import open_sink
from .progress import Progress, Stop
from .tasks import Task, make_task, perform
from .workers import Results, Setup, in_processes, processes_for

Loader = Callable[[str, DetectorName], Reader]


def read_photos(
    parser: argparse.ArgumentParser, options: argparse.Namespace, inputs: Inputs, loader: Loader
) -> int:
    """Read the photos and return the exit code. Raises SavedModelError, and OSError if something cannot be written."""
    stages = _stage_files(parser, options.stages)
    reader = loader(options.model, options.detector)
    setup = _setup(parser, options, reader)
    pictures = (
        None
        if setup.directory is None
        else ExplanationWriter(reader.explain, setup.expression, setup.directory)
    )
    models, labels = reader.names, reader.labels
    shape = Shape("photo", csv_header(labels), partial(table_rows, labels=labels), table_text)
    progress = Progress(len(inputs.names), "photo", shown=len(inputs.names) > 1 and not options.quiet)
    with open_sink(parser, options, shape, models, progress.aside) as sink:
        left = [name for name in inputs.names if written(name) not in sink.done]
        progress.skip(len(inputs.names) - len(left))
        # Before Ctrl-C means to stop after the photo at hand: this waits as long as somebody types.
        typed = sys.stdin.buffer.read() if STDIN in left else None
        made = (make_task(name, typed if name == STDIN else None, models, stages, pictures) for name in left)
        tasks = (replace(task, rotate=options.turn == "auto") for task in made)
        # Only the real models can be loaded again, by name, in another process.
        count = processes_for(options.jobs, len(left)) if loader is Models else 1
        if count > 1:
            del reader
            results = in_processes(setup, tasks, count)
        else:
            results = in_turn(tasks, reader, pictures)
        with Stop() as stop, closing(results):
            for found in results:
                sink.write(found)
                progress.step(
                    sum(len(each["faces"]) for each in found[:1] if "error" not in each), "error" in found[0]
                )
                if stop.code:
                    break
    progress.close()
    return _end(options, inputs, progress, stop.code)


def in_turn(tasks: Iterable[Task], reader: Reader, pictures: ExplanationWriter | None) -> Results:
    """Yield the results of each task, read in this process."""
    for task in tasks:
        yield perform(task, reader, pictures)


def _end(options: argparse.Namespace, inputs: Inputs, progress: Progress, stopped: int | None) -> int:
    """Say how it went, and return the exit code."""
    if stopped:
        done = progress.count + progress.already
        again = "; the same command goes on from there" if options.out else "; with --out FILE it could go on"
        line = f"stopped after {done:,} of {len(inputs.names):,} photos{again}"
        print(f"{options.prog}: {line}", file=sys.stderr)
        return stopped
    if len(inputs.names) > 1 and not options.quiet:
        print(progress.summary(), file=sys.stderr)
    return PHOTO_REFUSED if progress.refused else OK


def _stage_files(parser: argparse.ArgumentParser, directory: Path | None) -> StageImageWriter | None:
    if directory is None:
        return None
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        parser.error(f"--stages needs a folder, and {directory} is a file")
    except OSError as error:
        parser.error(f"--stages: the folder {directory} cannot be made ({error.strerror})")
    return StageImageWriter(directory)


def _setup(parser: argparse.ArgumentParser, options: argparse.Namespace, reader: Reader) -> Setup:
    """Return what is loaded, and where explanations go, if they are asked for and can be given."""
    chosen: str | None = options.explain
    if chosen is None:
        return Setup(options.model, options.detector)
    if chosen != ANSWER and chosen not in reader.labels:
        parser.error(
            f"--explain: there is no expression {chosen!r} (known: {', '.join(reader.labels)}); "
            "photos go before --explain"
        )
    if not reader.explained:
        parser.error(
            f"--explain: {options.model} reads the points of a face mesh, which covering pixels does not explain; "
            "choose another --model"
        )
    expression = None if chosen == ANSWER else chosen
    return Setup(options.model, options.detector, expression, options.stages or Path())
