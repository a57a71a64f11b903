"""``facevalue bulk SOURCE OUT``: a folder, a list or a bucket of photos to a folder of Parquet files, by Dask."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from ..bulk.cluster import DEATHS, MEMORY, connected
from ..bulk.errors import BulkError
from ..bulk.folder import SHARD, Folder, Job, reserved
from ..bulk.reading import Setup
from ..bulk.run import run
from ..bulk.sources import is_address, list_photos
from ..detection.search import DEFAULT_DETECTOR, DETECTORS
from ..output.parquet import MissingPyarrow, schema_of
from ..output.tables import csv_header
from ..recognizer import DEFAULT_MODEL
from ..store.files import SAVED, SavedModelError, UnknownModelError, saved_models
from ..store.metadata import Metadata
from .models import current
from .options import OK, PHOTO_REFUSED, PROG, USAGE, count
from .progress import Progress, Stop

COMMAND = "bulk"
LEAST = 300 * 10**6  # Bytes that a worker takes.
NOTICE = (
    "An expression is what a face shows, not what a person feels. Whoever reads people's faces tells them first, and "
    "decides nothing about anyone by it: docs/responsible-use.md."
)
DESCRIPTION = """\
Read many photos, on this machine or on many, into a folder of Parquet files: one row a face, or one for a photo without
faces or with an error."""
EPILOG = f"""\
SOURCE is a folder, a list of names (a file, one name a line), s3://, gs:// or az:// with a folder or a list, or a list
at https://. OUT is a folder of this machine; pandas.read_parquet(OUT) reads it.

Ctrl-C ends it, and so may anything else: the same command goes on with the shards that are left. A photo that ends
its worker {DEATHS} times, in company and alone, becomes a row that says so.

exit code: 0 if every photo could be read, 1 if one could not, 2 for a mistake in the command, a file that cannot be
written or a scheduler that is gone, 130 after Ctrl-C, 143 after SIGTERM."""


def main(argv: Sequence[str]) -> int:
    """Run ``bulk`` and return its exit code; mistakes in the command raise SystemExit(2)."""
    parser = _parser()
    options = parser.parse_args(argv)
    print(NOTICE, file=sys.stderr)
    try:
        return _bulk(parser, options)
    except UnknownModelError:
        parser.error(f"there is no model {options.model!r} (available: {', '.join(saved_models())})")
    except (BulkError, MissingPyarrow, SavedModelError) as error:
        print(f"{parser.prog}: error: {error}", file=sys.stderr)
    except OSError as error:
        print(f"{parser.prog}: error: cannot write: {error}", file=sys.stderr)
    return USAGE


def _bulk(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    if is_address(str(options.out)) or ":/" in str(options.out):
        parser.error(f"OUT is a folder of this machine, and {options.out} is none: copy it there afterwards")
    name = current(options.model)
    if name not in saved_models():
        raise UnknownModelError(name)
    metadata = Metadata.load(SAVED / name)
    columns, labels = tuple(csv_header(metadata.labels)), metadata.labels
    schema_of(columns)  # Before anything else: is there a pyarrow?
    source = options.source if is_address(options.source) else os.path.abspath(options.source)  # noqa: PTH100
    job = Job(source, options.glob, name, metadata.version, options.detector, columns)
    with reserved(options.out):
        folder = Folder(options.out, job, options.shard, lambda: list_photos(options.source, options.glob))
        if not folder.whole():
            stopped = _read(parser, options, folder, job, labels)
            if stopped:
                return stopped
        return _end(options, folder)


def _read(
    parser: argparse.ArgumentParser,
    options: argparse.Namespace,
    folder: Folder,
    job: Job,
    labels: Sequence[str],
) -> int | None:
    """Read what is left. Return the exit code if somebody wants to stop."""
    setup = Setup(job.model, job.version, job.detector)
    with (
        Stop() as stop,
        connected(options.scheduler, setup, options.jobs or _cores(), options.memory) as cluster,
    ):
        print(f"{parser.prog}: Dask's dashboard: {cluster.dashboard}", file=sys.stderr)
        if cluster.trims_memory():
            print(
                f"{parser.prog}: note: the workers run with MALLOC_TRIM_THRESHOLD_, which costs them twice the time; "
                "docs/scale.md says how to start them without",
                file=sys.stderr,
            )
        progress = Progress(len(folder.names), "photo", shown=not options.quiet)
        progress.skip(folder.done().photos)
        with closing(run(folder, cluster, job.columns, labels)) as steps:
            for step in steps:
                progress.add(step.photos, step.faces, step.errors)
                if stop.code:
                    break
        progress.close()
    if stop.code:
        came = f"{folder.done().photos:,} of {len(folder.names):,} photos"
        print(f"{parser.prog}: stopped after {came}; the same command goes on from there", file=sys.stderr)
    elif not options.quiet:
        print(progress.summary(), file=sys.stderr)
    return stop.code


def _end(options: argparse.Namespace, folder: Folder) -> int:
    done = folder.done()
    if not options.quiet:
        failed = f", {done.errors:,} could not be read" if done.errors else ""
        print(f"{options.out}: {done.photos:,} photos, {done.faces:,} faces{failed}", file=sys.stderr)
    return PHOTO_REFUSED if done.errors else OK


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"{PROG} {COMMAND}",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("source", metavar="SOURCE", help="where the photos are")
    parser.add_argument("out", metavar="OUT", type=Path, help="the folder for the files; it is made")
    parser.add_argument(
        "--glob", metavar="PATTERN", help="which files of a folder, as in the command without bulk"
    )
    parser.add_argument(
        "--shard", type=count, metavar="N", help=f"how many photos make a file (default: {SHARD})"
    )
    parser.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="a Dask scheduler that runs, such as tcp://10.0.0.1:8786 (default: one of its own on this machine)",
    )
    parser.add_argument(
        "--jobs", type=count, metavar="N", help="how many workers on this machine (default: one a core)"
    )
    parser.add_argument(
        "--memory",
        type=_bytes,
        default=MEMORY,
        metavar="SIZE",
        help="how much a worker on this machine may take, such as 800MB, before it is begun anew (default: 2GB)",
    )
    parser.add_argument("--model", default=DEFAULT_MODEL, metavar="NAME", help=f"default: {DEFAULT_MODEL}")
    parser.add_argument("--detector", choices=DETECTORS, default=DEFAULT_DETECTOR)
    parser.add_argument("--quiet", action="store_true", help="no progress bar, and no summary at the end")
    return parser


def _bytes(text: str) -> int:
    units = {"MB": 10**6, "GB": 10**9}
    number, unit = text[:-2].strip(), text[-2:].upper()
    if unit in units and number.replace(".", "", 1).isdecimal() and float(number) * units[unit] >= LEAST:
        return int(float(number) * units[unit])
    raise argparse.ArgumentTypeError(f"a size of at least 300MB, such as 800MB or 2GB, not {text!r}")
