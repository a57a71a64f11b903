"""What can be asked for on the command line, and its help."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..detection.search import DEFAULT_DETECTOR, DETECTORS
from ..recognizer import DEFAULT_MODEL

STDIN = "-"
ALL = "all"
ANSWER = "answer"
OK, PHOTO_REFUSED, USAGE = 0, 1, 2
# The exit codes that a shell reports for a program ended by SIGINT and by SIGPIPE.
INTERRUPTED, PIPE_CLOSED = 130, 141
# The command of an installed package, and of a clone, where the package is called "model".
PROG = "python -m model" if __package__.partition(".")[0] == "model" else "facevalue"

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


def make_parser() -> argparse.ArgumentParser:
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
