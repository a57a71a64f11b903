"""What can be asked for on the command line, and its help."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from ..detection.search import DEFAULT_DETECTOR, DETECTORS
from ..photo.formats import format_names
from ..recognizer import DEFAULT_MODEL

STDIN = "-"
ALL = "all"
ANSWER = "answer"
OK, PHOTO_REFUSED, USAGE = 0, 1, 2
# The exit codes that a shell reports for a program ended by SIGINT, SIGPIPE and SIGTERM.
INTERRUPTED, PIPE_CLOSED, TERMINATED = 130, 141, 143
UNITS = {"": 1.0, "s": 1.0, "ms": 0.001, "m": 60.0, "min": 60.0}
FORMATS = ("table", "jsonl", "json", "csv", "parquet")
# The command of an installed package, and of a clone, where the package is called "model".
PROG = "python -m model" if __package__.partition(".")[0] == "model" else "facevalue"

DESCRIPTION = """\
Face Value: find the faces in photos and films, and read the expression of each.

A photo is a {formats} file, or - for one photo from standard input;
of a folder, all pictures in it and in the folders within are read. Of a film there is a line for each face and time: a
face keeps its number as long as it is seen, and its shares are smoothed over half a second."""
EPILOG = """\
examples:
  {prog} family.jpg
  {prog} holidays/ --out faces.csv
  {prog} --format json *.jpg > faces.json
  {prog} --stages looked-at family.jpg
  {prog} family.jpg --explain
  {prog} bulk s3://bucket/photos answers     a million photos, on many machines: see {prog} bulk --help
  {prog} film.mp4 --every 0.2s --out film.csv --plot film.png --annotate seen.webm
  curl -s https://example.org/face.jpg | {prog} -
  find . -name '*.jpg' -print0 | {prog} --files-from - --format jsonl

Ctrl-C ends it after the photo at hand, and leaves whole output. The same command with --out goes on from there.

exit code: 0 if every photo could be read (also when no face was found), 1 if one could not,
2 for a mistake in the command, a saved model that cannot be used or a file that cannot be written,
130 after Ctrl-C, 143 after SIGTERM, 141 if the reader of the output has ended.

An expression is what a face shows, not what a person feels. It is for people who agree. The EU
forbids to read staff, applicants, pupils or students, but for medical or safety reasons: docs/responsible-use.md, or
/responsible-use on the site."""


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROG,
        description=DESCRIPTION.format(formats=format_names()),
        epilog=EPILOG.format(prog=PROG),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_inputs(parser)
    _add_outputs(parser)
    _add_reading(parser)
    _add_films(parser)
    return parser


def _add_inputs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "photos",
        nargs="*",
        metavar="PHOTO",
        help="a photo, a folder of photos, a film, or - for standard input",
    )
    parser.add_argument(
        "--glob",
        metavar="PATTERN",
        help="which files of folders, by name (*.img) or by path within the folder (day-1/*); else all pictures",
    )
    parser.add_argument(
        "--files-from",
        metavar="FILE",
        help="read the names of photos from a file, or from standard input (-): one a line, or separated by NUL",
    )


def _add_outputs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--format",
        choices=FORMATS,
        help="what to print or write; jsonl is one object a line (default: as --out ends, or table)",
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="write to this file as it goes; photos that are in it already are not read again",
    )
    parser.add_argument("--overwrite", action="store_true", help="begin --out anew")
    parser.add_argument(
        "--stages", type=Path, metavar="DIR", help="also write every stage of each photo there, as PNG files"
    )
    parser.add_argument(
        "--explain",
        nargs="?",
        const=ANSWER,
        metavar="EXPRESSION",
        help="also write a picture of what pointed to the answer, or to EXPRESSION, of each face: to the folder of "
        "--stages, or to this one. Put it after the photos",
    )
    parser.add_argument("--quiet", action="store_true", help="no progress bar, and no summary at the end")


def _add_reading(parser: argparse.ArgumentParser) -> None:
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
        "--turn",
        choices=("auto", "off"),
        default="auto",
        help="off: read each photo as it came, even if no face is upright in it (default: auto)",
    )
    parser.add_argument(
        "--jobs",
        type=count,
        metavar="N",
        help="how many processes read photos at the same time (default: one a core, fewer for few photos)",
    )
    parser.add_argument("--version", action="store_true", help="print the saved model's version and end")


def _add_films(parser: argparse.ArgumentParser) -> None:
    films = parser.add_argument_group("films")
    films.add_argument(
        "--every",
        type=seconds,
        metavar="TIME",
        help="look at a film's faces so often: 0.2s, 500ms, 5fps, or frame for each one (default: 0.2s)",
    )
    films.add_argument(
        "--plot", type=Path, metavar="FILE", help="also draw the timeline of each face (.png, .svg, .pdf)"
    )
    films.add_argument(
        "--annotate",
        type=Path,
        metavar="FILE",
        help="also write the film with boxes: .webm, or .mp4 where ffmpeg is on the path, which keeps the sound",
    )


def count(text: str) -> int:
    """Return the whole number that an argument says, at least 1."""
    try:
        if (number := int(text)) >= 1:
            return number
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"a whole number, at least 1, not {text!r}")


def seconds(text: str) -> float:
    """Return the seconds that an argument says: 0.2s, 200ms, 0.2, 5fps, or frame for every frame."""
    if text == "frame":
        return 0.0
    match = re.fullmatch(r"(\d+(?:\.\d*)?|\.\d+)\s*([a-z]*)", text.strip().lower())
    number = float(match[1]) if match else 0.0
    if match and number > 0 and match[2] == "fps":
        return 1 / number
    if match and number > 0 and match[2] in UNITS:
        return number * UNITS[match[2]]
    raise argparse.ArgumentTypeError(
        f"a time such as 0.2s or 200ms, a rate such as 5fps, or frame, not {text!r}"
    )
