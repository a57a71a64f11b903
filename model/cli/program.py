"""From the arguments to the exit code."""

from __future__ import annotations

import argparse
import errno
import glob
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from ..detection.search import DetectorName
from ..output.explanations import ExplanationWriter
from ..output.stage_images import StageImageWriter
from ..store.files import SAVED, SavedModelError, UnknownModelError
from ..store.metadata import Metadata
from .models import Models, Reader, available_models, current
from .options import ALL, ANSWER, INTERRUPTED, OK, PHOTO_REFUSED, PIPE_CLOSED, STDIN, USAGE, make_parser
from .photos import formatted, read_photos


def main(argv: Sequence[str] | None = None, loader: Callable[[str, DetectorName], Reader] = Models) -> int:
    """Run the command line and return its exit code; mistakes in the command raise SystemExit(2)."""
    parser = make_parser()
    options = parser.parse_args(argv)
    try:
        if options.version:
            if options.model == ALL:
                parser.error(f"--version is of one model, not of {ALL}")
            return _print_version(options.model)
        return _print_results(parser, options, loader)
    except SavedModelError as error:
        _refuse_model(parser, options.model, error)


def _print_results(
    parser: argparse.ArgumentParser,
    options: argparse.Namespace,
    loader: Callable[[str, DetectorName], Reader],
) -> int:
    photos = _expanded(options.photos)
    if not photos:
        swallowed = "; photos go before --explain" if options.explain else ""
        parser.error(f"name at least one photo, or - for standard input{swallowed}")
    if photos.count(STDIN) > 1:
        parser.error("standard input (-) holds one photo, so - can be given only once")
    stages = _stage_files(parser, options.stages)
    reader = loader(options.model, options.detector)
    pictures = _explanations(parser, options, reader)
    refused: list[str] = []
    results = read_photos(reader, photos, stages, pictures, refused)
    try:
        for piece in formatted(options.format, results, reader.labels):
            print(piece, end="", flush=True)
    except OSError as error:
        if _pipe_is_closed(error):
            raise BrokenPipeError from error
        # A photo that cannot be read is a result, so this is a file that cannot be written.
        print(f"{parser.prog}: error: cannot write: {error}", file=sys.stderr)
        return USAGE
    return PHOTO_REFUSED if refused else OK


def _expanded(photos: Sequence[str]) -> list[str]:
    """Expand wildcards on Windows, whose shells leave that to the program; other names stay as they are."""
    if sys.platform != "win32":
        return list(photos)
    names: list[str] = []
    for given in photos:
        # Path.glob takes no absolute pattern. A name may hold brackets and be no pattern at all.
        found = [] if Path(given).exists() else sorted(glob.glob(given))  # noqa: PTH207
        names += found or [given]
    return names


def _pipe_is_closed(error: OSError) -> bool:
    """Whether standard output is a pipe whose reader has ended; Windows reports that as an invalid argument."""
    return isinstance(error, BrokenPipeError) or (sys.platform == "win32" and error.errno == errno.EINVAL)


def run() -> NoReturn:
    """Run ``main`` as a program: UTF-8 output, and no traceback if a pipe is closed or the user presses Ctrl-C."""
    for stream in (sys.stdout, sys.stderr):
        # File names may hold bytes that are not text; as \\udcff they are valid JSON and harmless elsewhere. The same
        # line ends on every system.
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")  # type: ignore[union-attr]
    try:
        code = main()
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes standard output once more at exit, and would print an error then.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = PIPE_CLOSED
    except KeyboardInterrupt:
        code = INTERRUPTED
    sys.exit(code)


def _print_version(name: str) -> int:
    metadata = Metadata.load(SAVED / current(name))
    print(f"{metadata.name} {metadata.version}")
    return OK


def _refuse_model(parser: argparse.ArgumentParser, name: str, error: SavedModelError) -> NoReturn:
    available = available_models()
    if name == ALL:
        parser.exit(USAGE, f"{parser.prog}: error: a saved model cannot be used: {error}\n")
    if name in available:
        parser.exit(USAGE, f"{parser.prog}: error: the model {name} cannot be used: {error}\n")
    listed = ", ".join(available) or "none"
    why = "" if isinstance(error, UnknownModelError) else f": {error}"
    parser.error(f"there is no usable model called {name!r} (available: {listed}){why}")


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


def _explanations(
    parser: argparse.ArgumentParser, options: argparse.Namespace, reader: Reader
) -> ExplanationWriter | None:
    chosen = options.explain
    if chosen is None:
        return None
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
    directory = options.stages or Path()
    return ExplanationWriter(reader.explain, None if chosen == ANSWER else chosen, directory)
