"""What the commands that measure saved models share: their options, their errors, and where the figures go."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from model.recognizer import DEFAULT_MODEL
from model.store.files import SavedModelError
from training.data.formats import DatasetError
from training.reports.sections import NoReportError, add_section


def measuring_parser(name: str, description: str | None) -> argparse.ArgumentParser:
    """The parser of ``python -m training.NAME``, with --model and --write."""
    parser = argparse.ArgumentParser(
        prog=f"python -m training.{name}",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--model", nargs="+", default=[DEFAULT_MODEL], help="folder names under model/saved")
    parser.add_argument(
        "--write", action="store_true", help="write the figures into each model's report.json"
    )
    return parser


def add_fer2013_option(parser: argparse.ArgumentParser) -> None:
    """--data."""
    parser.add_argument(
        "--data", required=True, help="FER-2013: Kaggle's zip, its folder, fer2013.csv, or 'kaggle'"
    )


def add_voted_options(parser: argparse.ArgumentParser) -> None:
    """--data, --votes and --images, of what is measured on FER-2013 against the votes."""
    add_fer2013_option(parser)
    parser.add_argument("--votes", required=True, type=Path, help="FER+ votes")
    parser.add_argument("--images", type=int, help="only so many images (all)")


def keep(options: argparse.Namespace, directory: Path, section: str, figures: dict[str, Any]) -> None:
    """Write the figures into the model's report where --write asks for it; raises NoReportError."""
    if options.write:
        print(f"Wrote {add_section(directory, section, figures)}", file=sys.stderr)


def exit_code(measure: Callable[[argparse.Namespace], None], options: argparse.Namespace) -> int:
    """Measure; 0, or 2 after one sentence where the data, a model or a report cannot be used."""
    try:
        measure(options)
    except (SavedModelError, DatasetError, NoReportError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0
