"""The command line: read the faces of photos and print them as a table, JSON or CSV."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NoReturn, Protocol

from .detection.search import DETECTORS, DetectorName
from .output.serialize import Result, analysis_to_dict, error_to_dict
from .output.stage_images import StageImageWriter
from .output.tables import csv_header, csv_rows, csv_text, table_text
from .photo.load import PhotoError
from .registry import ModelRegistry, load_all_metadata
from .store.files import SAVED, DetectorError
from .store.metadata import Metadata, MetadataError
from .types import Analysis

DEFAULT_MODEL = "attention_cnn"
STDIN = "-"
ALL = "all"
OK, PHOTO_REFUSED, USAGE = 0, 1, 2
# What a shell reports for a program ended by SIGINT or SIGPIPE.
INTERRUPTED, PIPE_CLOSED = 130, 141

DESCRIPTION = """\
Find the faces in photos and read the expression of each.

A photo is a JPEG, PNG or WebP file, or - for one photo from standard input."""
EPILOG = """\
examples:
  python -m model family.jpg
  python -m model --format json *.jpg > faces.json
  python -m model --stages looked-at family.jpg
  curl -s https://example.org/face.jpg | python -m model -

exit code: 0 if every photo could be read (also when no face was found), 1 if one could not,
2 for a mistake in the command or a saved model that cannot be used.

An expression is what a face shows, not what a person feels."""


class Reader(Protocol):
    """What the command line needs of a Recognizer."""

    @property
    def labels(self) -> Sequence[str]: ...

    def analyze(self, photo: bytes | str) -> Sequence[Analysis]: ...


class Models:
    """One model, or with ``ALL`` every usable one, on the same faces of a photo."""

    def __init__(self, name: str, detector: DetectorName) -> None:
        self._models = ModelRegistry.load(
            DEFAULT_MODEL if name == ALL else name, detector=detector, cache_size=None
        )
        self._names = self._models.names if name == ALL else (name,)

    @property
    def labels(self) -> Sequence[str]:
        """Every expression that one of the models knows, in the order of the first that does."""
        known = (label for name in self._names for label in self._models.metadata(name).labels)
        return tuple(dict.fromkeys(known))

    def analyze(self, photo: bytes | str) -> Sequence[Analysis]:
        """What each model makes of the photo."""
        return self._models.compare(photo, self._names)


def main(argv: Sequence[str] | None = None, loader: Callable[[str, DetectorName], Reader] = Models) -> int:
    """Run the command line and return its exit code; usage mistakes leave by SystemExit(2)."""
    parser = _parser()
    options = parser.parse_args(argv)
    if options.version:
        return _print_version(parser, options.model)
    if not options.photos:
        parser.error("name at least one photo, or - for standard input")
    if options.photos.count(STDIN) > 1:
        parser.error("standard input (-) holds one photo, so - can be given only once")
    stages = _stage_files(parser, options.stages)
    try:
        reader = loader(options.model, options.detector)
    except (MetadataError, DetectorError) as error:
        _refuse_model(parser, options.model, error)
    refused: list[str] = []
    results = _results(reader, options.photos, stages, refused)
    try:
        for piece in _formatted(options.format, results, reader.labels):
            print(piece, end="", flush=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        # Photos that cannot be read are results, so what is left is a file that cannot be written.
        print(f"{parser.prog}: error: cannot write: {error}", file=sys.stderr)
        return USAGE
    return PHOTO_REFUSED if refused else OK


def run() -> NoReturn:
    """Run ``main`` as a program: UTF-8 out, and quiet when the reader of a pipe or the user has enough."""
    for stream in (sys.stdout, sys.stderr):
        # File names may hold bytes that are no text; as \\udcff they are valid JSON and harmless elsewhere.
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    try:
        code = main()
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes standard output once more as it ends, and would complain then.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = PIPE_CLOSED
    except KeyboardInterrupt:
        code = INTERRUPTED
    sys.exit(code)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m model",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("photos", nargs="*", metavar="PHOTO", help="a photo's path, or - for standard input")
    parser.add_argument(
        "--format", choices=("table", "json", "csv"), default="table", help="what to print (default: table)"
    )
    parser.add_argument(
        "--stages", type=Path, metavar="DIR", help="also write every stage of each photo there, as PNG files"
    )
    parser.add_argument(
        "--model",
        default=DEFAULT_MODEL,
        metavar="NAME",
        help=f"the saved model (default: {DEFAULT_MODEL}), or {ALL} for every one on the same faces",
    )
    parser.add_argument(
        "--detector",
        choices=DETECTORS,
        default=DETECTORS[0],
        help=f"who finds the faces (default: {DETECTORS[0]}); "
        "haar is an older one: the largest face, or the whole photo",
    )
    parser.add_argument("--version", action="store_true", help="print the saved model's version and end")
    return parser


def available_models(root: Path = SAVED) -> list[str]:
    """Return the names of the saved models that classify faces."""
    return [metadata.name for metadata in load_all_metadata(root)]


def _print_version(parser: argparse.ArgumentParser, name: str) -> int:
    try:
        metadata = Metadata.load(SAVED / name)
    except MetadataError as error:
        _refuse_model(parser, name, error)
    print(f"{metadata.name} {metadata.version}")
    return OK


def _refuse_model(parser: argparse.ArgumentParser, name: str, error: Exception) -> NoReturn:
    available = available_models()
    if name in available:
        parser.exit(USAGE, f"{parser.prog}: error: the model {name} cannot be used: {error}\n")
    listed = ", ".join(available) or "none"
    parser.error(f"there is no usable model called {name!r} (available: {listed}): {error}")


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


def _results(
    reader: Reader, photos: Sequence[str], stages: StageImageWriter | None, refused: list[str]
) -> Iterator[Result]:
    """Yield each photo's results, one by each model, in the order given; ``refused`` gets those that can't be read."""
    for name in photos:
        try:
            analyses = reader.analyze(sys.stdin.buffer.read() if name == STDIN else name)
        except PhotoError as error:
            refused.append(name)
            yield error_to_dict(name, error)
            continue
        for analysis in analyses:
            if stages:
                model = analysis.model.name if len(analyses) > 1 else ""
                stages.write("stdin" if name == STDIN else name, analysis, model)
            yield analysis_to_dict(name, analysis)


def _formatted(kind: str, results: Iterable[Result], labels: Sequence[str]) -> Iterator[str]:
    """Yield the output piece by piece, so that the first photo's shows while the next one is read."""
    if kind == "json":
        start = "[\n"
        for result in results:
            yield start + json.dumps(result, ensure_ascii=False, allow_nan=False)
            start = ",\n"
        yield "\n]\n"
    elif kind == "csv":
        yield csv_text([csv_header(labels)])
        for result in results:
            yield csv_text(csv_rows(result, labels))
    else:
        for result in results:
            yield table_text(result)
