"""From the arguments to the exit code."""

from __future__ import annotations

import argparse
import errno
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from ..store.files import SAVED, SavedModelError, UnknownModelError
from ..store.metadata import Metadata
from . import bulk
from .films import films_among, read_films
from .inputs import gather
from .models import Models, available_models, current
from .options import ALL, INTERRUPTED, OK, PIPE_CLOSED, PROG, USAGE, make_parser
from .photos import Loader, read_photos


def main(argv: Sequence[str] | None = None, loader: Loader = Models) -> int:
    """Run the command line and return its exit code; mistakes in the command raise SystemExit(2)."""
    arguments = sys.argv[1:] if argv is None else argv
    if arguments[:1] == [bulk.COMMAND]:
        return bulk.main(arguments[1:])
    parser = make_parser()
    options = parser.parse_args(arguments)
    try:
        if options.version:
            if options.model == ALL:
                parser.error(f"--version is of one model, not of {ALL}")
            return _print_version(options.model)
        return _read(parser, options, loader)
    except SavedModelError as error:
        _refuse_model(parser, options.model, error)


def _read(parser: argparse.ArgumentParser, options: argparse.Namespace, loader: Loader) -> int:
    options.prog = parser.prog
    inputs = gather(parser, options)
    try:
        if films := films_among(parser, options, inputs):
            return read_films(parser, options, films, loader)
        return read_photos(parser, options, inputs, loader)
    except OSError as error:
        if _pipe_is_closed(error):
            raise BrokenPipeError from error
        # A photo that cannot be read is a result, so this is a file that cannot be written.
        print(f"{parser.prog}: error: cannot write: {error}", file=sys.stderr)
        return USAGE


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
        print(f"{PROG}: interrupted", file=sys.stderr)
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
