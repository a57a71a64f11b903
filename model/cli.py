"""The command line: classify the faces of photos and print them as a table, JSON or CSV."""

from __future__ import annotations

import argparse
import errno
import glob
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NoReturn, Protocol

from .detection.search import DEFAULT_DETECTOR, DETECTORS, DetectorName
from .explain import occlusion_map
from .geometry import Floats
from .output.explanations import ExplanationWriter
from .output.serialize import Result, analysis_to_dict, error_to_dict
from .output.stage_images import StageImageWriter
from .output.tables import csv_header, csv_rows, csv_text, table_text
from .photo.load import PhotoError
from .recognizer import DEFAULT_MODEL, FORMER_NAMES, renamed
from .registry import ModelRegistry, load_all_metadata
from .store.files import SAVED, SavedModelError, saved_models
from .store.metadata import Metadata
from .types import Analysis, FaceResult

STDIN = "-"
ALL = "all"
ANSWER = "answer"
OK, PHOTO_REFUSED, USAGE = 0, 1, 2
# The exit codes that a shell reports for a program ended by SIGINT and by SIGPIPE.
INTERRUPTED, PIPE_CLOSED = 130, 141
# The command of an installed package, and of a clone, where the package is called "model".
PROG = "python -m model" if __package__ == "model" else "facevalue"

DESCRIPTION = """\
Face Value: find the faces in photos and read the expression of each.

A photo is a JPEG, PNG or WebP file, or - for one photo from standard input."""
EPILOG = """\
examples:
  {prog} family.jpg
  {prog} --format json *.jpg > faces.json
  {prog} --stages looked-at family.jpg
  {prog} family.jpg --explain
  curl -s https://example.org/face.jpg | {prog} -

exit code: 0 if every photo could be read (also when no face was found), 1 if one could not,
2 for a mistake in the command or a saved model that cannot be used.

An expression is what a face shows, not what a person feels."""


class Reader(Protocol):
    """What the command line needs of the models."""

    @property
    def labels(self) -> Sequence[str]: ...

    def analyze(self, photo: bytes | str) -> Sequence[Analysis]: ...

    def explain(self, model: str, reading: FaceResult, expression: str | None) -> Floats: ...


class Models:
    """One model, or every usable one if the name is ``ALL``, on the same faces of a photo.

    All are loaded at once, so that a damaged one is reported before anything is printed: raises SavedModelError.
    """

    def __init__(self, name: str, detector: DetectorName, root: Path = SAVED) -> None:
        self._models = ModelRegistry.load(
            DEFAULT_MODEL if name == ALL else _current(name, root),
            root=root,
            detector=detector,
            cache_size=None,
        )
        self._names = self._models.names if name == ALL else self._models.names[:1]
        for each in self._names:
            self._models.get(each)

    @property
    def labels(self) -> Sequence[str]:
        """The labels of all models, each in the order of the first that has it."""
        known = (label for name in self._names for label in self._models.metadata(name).labels)
        return tuple(dict.fromkeys(known))

    def analyze(self, photo: bytes | str) -> Sequence[Analysis]:
        """Return the photo's analysis by each model."""
        return self._models.compare(photo, self._names)

    def explain(self, model: str, reading: FaceResult, expression: str | None) -> Floats:
        """Return what spoke for the expression (None: the answer), see ``model.explain.occlusion_map``."""
        return occlusion_map(self._models.get(model).classifier, reading.network_input, expression)


def main(argv: Sequence[str] | None = None, loader: Callable[[str, DetectorName], Reader] = Models) -> int:
    """Run the command line and return its exit code; mistakes in the command raise SystemExit(2)."""
    parser = _parser()
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
    results = _results(reader, photos, stages, pictures, refused)
    try:
        for piece in _formatted(options.format, results, reader.labels):
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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROG,
        description=DESCRIPTION,
        epilog=EPILOG.format(prog=PROG),
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
        default=DEFAULT_DETECTOR,
        help=f"who finds the faces (default: {DEFAULT_DETECTOR}); "
        "haar is an older one: the largest face, or the whole photo",
    )
    parser.add_argument(
        "--explain",
        nargs="?",
        const=ANSWER,
        metavar="EXPRESSION",
        help="also write a picture of what spoke for the answer, or for EXPRESSION, of each face: to the folder of "
        "--stages, or to this one. Put it after the photos",
    )
    parser.add_argument("--version", action="store_true", help="print the saved model's version and end")
    return parser


def available_models(root: Path = SAVED) -> list[str]:
    """Return the names of the usable saved models."""
    return [metadata.name for metadata in load_all_metadata(root)]


def _current(name: str, root: Path = SAVED) -> str:
    """Return what a model is called now; a former name is noted on standard error."""
    if name not in FORMER_NAMES or name in saved_models(root):
        return name
    print(f"{PROG}: note: {renamed(name)}", file=sys.stderr)
    return FORMER_NAMES[name]


def _print_version(name: str) -> int:
    metadata = Metadata.load(SAVED / _current(name))
    print(f"{metadata.name} {metadata.version}")
    return OK


def _refuse_model(parser: argparse.ArgumentParser, name: str, error: SavedModelError) -> NoReturn:
    available = available_models()
    if name == ALL:
        parser.exit(USAGE, f"{parser.prog}: error: a saved model cannot be used: {error}\n")
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
    directory = options.stages or Path()
    return ExplanationWriter(reader.explain, None if chosen == ANSWER else chosen, directory)


def _results(
    reader: Reader,
    photos: Sequence[str],
    stages: StageImageWriter | None,
    pictures: ExplanationWriter | None,
    refused: list[str],
) -> Iterator[Result]:
    """Yield each photo's results, one for each model, in the given order; unreadable photos go to ``refused``."""
    for name in photos:
        try:
            analyses = reader.analyze(sys.stdin.buffer.read() if name == STDIN else name)
        except PhotoError as error:
            refused.append(name)
            yield error_to_dict(name, error)
            continue
        for analysis in analyses:
            model = analysis.model.name if len(analyses) > 1 else ""
            for writer in (stages, pictures):
                if writer:
                    writer.write("stdin" if name == STDIN else name, analysis, model)
            yield analysis_to_dict(name, analysis)


def _formatted(kind: str, results: Iterable[Result], labels: Sequence[str]) -> Iterator[str]:
    """Yield the output in pieces, so that a photo's results are printed before the next photo is analyzed."""
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
