"""Where the results go, as the command says."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from ..output.layouts import Shape
from ..output.parquet import MissingPyarrow, Parquet
from ..output.sinks import Aside, CannotGoOn, Printed, Sink, Written
from .options import FORMATS


@contextmanager
def open_sink(
    parser: argparse.ArgumentParser,
    options: argparse.Namespace,
    shape: Shape,
    models: Collection[str],
    aside: Aside,
    *,
    keep_last: bool = True,
) -> Iterator[Sink]:
    """Open --out, or standard output; it is closed so that what is in it is whole, whatever happens.

    ``models`` are those of this run, whose answers alone may be in the file. Raises OSError.
    """
    sink = _sink(parser, options, shape, models, aside, keep_last)
    try:
        yield sink
    except BrokenPipeError:
        # There is nobody to close it for.
        raise
    except BaseException:
        sink.close()
        raise
    sink.close()


def _sink(
    parser: argparse.ArgumentParser,
    options: argparse.Namespace,
    shape: Shape,
    models: Collection[str],
    aside: Aside,
    keep_last: bool,
) -> Sink:
    kind, path = chosen_format(options), options.out
    if path is None:
        if kind == "parquet":
            parser.error("--format parquet needs --out FILE: it is no text")
        if options.overwrite:
            parser.error("--overwrite is about --out, which is not named")
        return Printed(kind, shape, aside)
    if path.exists() and not path.is_file():
        # A pipe cannot be read back, and reading might wait for ever.
        parser.error(f"--out needs a file, and {path} is {'a folder' if path.is_dir() else 'none'}")
    if options.overwrite:
        path.unlink(missing_ok=True)
        path.with_name(path.name + ".part").unlink(missing_ok=True)
    try:
        if kind == "parquet":
            return Parquet(path, shape, models, keep_last=keep_last)
        return Written(path, kind, shape, models, keep_last=keep_last)
    except CannotGoOn as error:
        parser.error(f"--out: {path} cannot be gone on with: {error}. Name another file, or add --overwrite")
    except MissingPyarrow as error:
        parser.error(f"{error}")


def chosen_format(options: argparse.Namespace) -> str:
    """Return --format, or what the name of --out ends with, or table."""
    if options.format:
        return str(options.format)
    ending = options.out.suffix[1:].lower() if options.out else ""
    return ending if ending in FORMATS else "table"
