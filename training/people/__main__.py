"""The command line of the default model's training; see ``training.people``."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

from model.classifier import Classifier
from model.store.files import SAVED, SavedModelError
from training.configs.schema import LABELS
from training.data.fer2013 import Fer2013, load_fer2013
from training.data.ferplus import with_votes
from training.data.formats import DatasetError
from training.data.real_photos import read_real_photos

ROOT = Path(__file__).resolve().parent.parent.parent
SAVED_NAMES = {"main": "attention_cnn_people", "small": "attention_cnn_people_small"}


def main(argv: list[str] | None = None) -> int:
    """Exit codes: 0 done, 2 the data cannot be used or a step before this one is missing."""
    options = parse(argv)
    try:
        data = with_votes(load_fer2013(options.data), options.votes)
        options.runs.mkdir(parents=True, exist_ok=True)
        run(options, data, sys.argv[1:] if argv is None else argv)
    except DatasetError as error:
        print(f"The data cannot be used: {error}", file=sys.stderr)
        return 2
    return 0


def run(options: argparse.Namespace, data: Fer2013, arguments: list[str]) -> None:
    """Run one step; raises DatasetError."""
    import keras

    from training.people import fit

    before = keras.mixed_precision.dtype_policy()
    precision = "float32" if options.precision == "float32" else "mixed_bfloat16"
    keras.mixed_precision.set_dtype_policy(precision)
    try:
        if options.step == "teachers":
            fit.train_teachers(data, options.runs)
        elif options.step == "student":
            fit.train_students(data, options.runs)
        elif options.step == "attend":
            from training.people.attention import attend

            keras.mixed_precision.set_dtype_policy("float32")
            attend(data, options.runs, options.network)
        elif options.step == "refine":
            from training.people.refine import refine

            refine(data, options.runs, options.network, saved_models(options.teachers))
        else:
            save(options, data, arguments)
    except fit.MissingStep as error:
        raise DatasetError(str(error)) from error
    finally:
        keras.mixed_precision.set_dtype_policy(before)


def saved_models(directories: list[Path]) -> list[Classifier]:
    """Load the saved models to learn from; raises DatasetError where one can't be used."""
    from training.people.network import SIDE

    try:
        models = [Classifier.load(directory) for directory in directories]
    except SavedModelError as error:
        raise DatasetError(str(error)) from error
    for metadata in (model.metadata for model in models):
        given = metadata.input
        size = (given.width, given.height, given.channels, given.points)
        if metadata.labels != LABELS or metadata.region != "face" or size != (SIDE, SIDE, 1, 0):
            raise DatasetError(
                f"{metadata.name} does not read seven expressions from {SIDE}×{SIDE} gray pixels of the whole face."
            )
    return models


def save(options: argparse.Namespace, data: Fer2013, arguments: list[str]) -> None:
    """Calibrate and write the saved model; raises DatasetError where there are no photos to calibrate on."""
    from training.people.export import export, read_photos

    photos = read_photos(read_real_photos(options.photos, "select"))
    command = "python -m training.people " + shlex.join(arguments)
    directory = options.out / SAVED_NAMES[options.network]
    export(data, photos, options.runs, options.network, directory, options.model_version, command)
    print(f"Saved to {directory}.")


def parse(argv: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m training.people",
        description="Train the default model, step by step: how would ten people read this face?",
    )
    parser.add_argument("step", choices=("teachers", "student", "attend", "refine", "export"))
    parser.add_argument(
        "--data", required=True, help="FER-2013 as for training.train, or training.data.pack's file"
    )
    parser.add_argument("--votes", type=Path, required=True, help="FER+ votes: ferplus_votes.csv")
    parser.add_argument(
        "--photos", type=Path, help="export: folder or zip of real photos with a split 'select'"
    )
    parser.add_argument(
        "--network", choices=sorted(SAVED_NAMES), default="main", help="attend, refine, export (%(default)s)"
    )
    parser.add_argument(
        "--teachers",
        type=Path,
        nargs="+",
        default=[SAVED / "attention_cnn", SAVED / "attention_cnn_votes"],
        metavar="FOLDER",
        help="refine: saved models to learn from (the two heads of training.train's attention_cnn)",
    )
    parser.add_argument("--precision", choices=("mixed", "float32"), default="mixed", help="(%(default)s)")
    parser.add_argument("--runs", type=Path, default=ROOT / "runs" / "people", help="weights (runs/people)")
    parser.add_argument("--out", type=Path, default=SAVED, help="folder of saved models (model/saved)")
    parser.add_argument("--model-version", default="1.0.0", help="version in the metadata (%(default)s)")
    options = parser.parse_args(argv)
    if options.step == "export" and options.photos is None:
        parser.error("export calibrates on real photos: pass --photos FOLDER")
    return options


if __name__ == "__main__":
    sys.exit(main())
