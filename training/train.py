"""Train one of the systems on FER-2013 and write the saved model that the site loads.

    python -m training.train --data fer2013.zip --votes ferplus_votes.csv             # the committed models' recipe
    python -m training.train --data fer2013.zip --votes ferplus_votes.csv --resume    # go on after a stop
    python -m training.train --data fer2013.zip --labels fer2013                      # without people's votes
    python -m training.train --data kaggle --configuration published                  # the published seed's training
    python -m training.train --data fer2013.zip --votes ferplus_votes.csv --configuration upper_face   # another system

The saved model has the configuration's name (the default's is ``attention_cnn``). With two heads (``--labels both``)
the default writes two saved models: ``NAME`` answers with FER-2013's labels and ``NAME_votes`` as people would vote;
of the other systems, whose published figures are on the labels, the second is written with ``--votes-model``.

Some systems need what is found in the images beforehand: ``python -m training.data.landmarks`` (all that read the
band of the eyes or masked faces), ``python -m training.data.meshes`` (face points). Masks are drawn here, once.

Reads top to bottom: data → network → fit → export (with evaluation) → plots.
"""

from __future__ import annotations

import argparse
import dataclasses
import shlex
import sys
from pathlib import Path
from typing import Literal

from model.store.files import SAVED
from training.configs.schema import TrainConfig
from training.configs.systems import CONFIGURATIONS, DEFAULT
from training.data.annotations import with_landmarks, with_meshes
from training.data.fer2013 import Fer2013, load_fer2013
from training.data.ferplus import usable, votes_of, with_votes
from training.data.formats import DatasetError
from training.data.landmarks import LANDMARKS_FILE
from training.data.meshes import MESHES_FILE
from training.masks.copies import MASKS_FOLDER, with_masks
from training.network.run_dir import RunError, open_run

SITE_MODEL = "attention_cnn"
ROOT = Path(__file__).resolve().parent.parent


def main(argv: list[str] | None = None) -> int:
    """Exit codes: 0 done, 2 the data, an argument or the stopped run cannot be used."""
    options = parse(argv)
    config = configure(options)
    run = options.runs / options.name
    # A run that was stopped and resumed is the run that one uninterrupted command gives.
    given = [argument for argument in (sys.argv[1:] if argv is None else argv) if argument != "--resume"]
    command = "python -m training.train " + shlex.join(given)

    # Data first: a missing class or a corrupt file shows before Keras takes its seconds to load.
    try:
        data = read_data(options, config)
        if len(data.training) < config.batch_size:
            raise DatasetError(
                f"{len(data.training):,} training images are fewer than one batch of {config.batch_size}. "
                "Is this a part of FER-2013 only?"
            )
    except DatasetError as error:
        print(f"The data cannot be used: {error}", file=sys.stderr)
        return 2
    try:
        open_run(run, config, resume=options.resume)
    except RunError as error:
        print(f"The run cannot go on: {error}", file=sys.stderr)
        return 2
    print(
        f"{len(data.training):,} images to train on, {len(data.public_test):,} to select on, "
        f"{len(data.private_test):,} only to report on."
    )

    import keras

    from model.classifier import Classifier
    from training.export.export import copy_history, export
    from training.export.metadata import Provenance
    from training.network.build import build_network
    from training.network.fit import fit
    from training.reports.plots import write_plots
    from training.reports.predict import Reader
    from training.reports.report import as_text, write

    keras.utils.set_random_seed(config.seed)
    keras.mixed_precision.set_dtype_policy("mixed_bfloat16" if config.mixed_precision else "float32")
    model = build_network(config.network, config.input, len(config.classes), votes=config.labels == "both")
    print(
        f"Configuration {config.name}: {model.count_params():,} parameters, at most {config.epochs} epochs."
    )

    fitted = fit(model, data, config, run)

    provenance = Provenance(config, fitted.history, options.model_version, command, fitted.soup)
    for name, target in saved_models(options, config).items():
        directory = options.out / name
        metadata = export(model, data, provenance, directory, target)
        copy_history(run, directory)
        plots = options.plots / name
        write_plots(metadata, fitted.history, plots)
        write(Reader(Classifier.load(directory)), data, directory, plots)
        print(as_text(metadata["metrics"]))
        print(f"Saved to {directory}; plots in {plots}.")
    return 0


def read_data(options: argparse.Namespace, config: TrainConfig) -> Fer2013:
    """FER-2013 as the configuration needs it; raises DatasetError.

    With votes, the training images that people could not read ("unknown" or "not a face") are left out.
    """
    votes: Path | None = options.votes
    data = with_face_parts(load_fer2013(options.data), options, config)
    if votes is None:
        if config.labels != "fer2013":
            raise DatasetError(
                f"the configuration {config.name} learns from people's votes: pass --votes ferplus_votes.csv, "
                "or --labels fer2013 to do without."
            )
        return data.of_classes(config.classes)
    data = with_votes(data, votes).of_classes(config.classes)
    if config.labels == "fer2013":
        return data
    readable = usable(votes_of(data.training))
    print(
        f"{int((~readable).sum()):,} training images left out: people saw no face or no expression in them."
    )
    return dataclasses.replace(data, training=data.training.where(readable))


def with_face_parts(data: Fer2013, options: argparse.Namespace, config: TrainConfig) -> Fer2013:
    """The data with the landmarks, masked copies and meshes that the configuration reads; raises DatasetError."""
    try:
        if config.input.region == "upper_face" or config.masked:
            data = with_landmarks(data, options.landmarks)
        if config.masked:
            data = with_masks(data, options.masks)
        if config.input.points:
            data = with_meshes(data, options.meshes)
    except DatasetError as error:
        raise DatasetError(f"the configuration {config.name} needs more than the images. {error}") from error
    return data


def saved_models(
    options: argparse.Namespace, config: TrainConfig
) -> dict[str, Literal["fer2013", "ferplus"]]:
    """The saved models that a run writes, and what each answers with."""
    name: str = options.name
    if config.labels != "both":
        return {name: config.labels}
    votes_too = options.votes_model or config.name == DEFAULT.name
    return {name: "fer2013", f"{name}_votes": "ferplus"} if votes_too else {name: "fer2013"}


def parse(argv: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m training.train",
        description="Train one of the systems on FER-2013 and write the saved model that the site loads.",
        allow_abbrev=False,  # --model, as elsewhere, would be taken for --model-version.
    )
    parser.add_argument(
        "--data",
        required=True,
        help="Kaggle's zip, its unpacked folder, fer2013.csv, or 'kaggle' to download it",
    )
    parser.add_argument(
        "--votes", type=Path, help="FER+ votes: ferplus_votes.csv, or fer2013new.csv with fer2013.csv"
    )
    parser.add_argument(
        "--labels", choices=("fer2013", "ferplus", "both"), help="what to learn (configuration's)"
    )
    parser.add_argument("--configuration", choices=sorted(CONFIGURATIONS), default=DEFAULT.name)
    parser.add_argument(
        "--name", help="name of the saved model (the configuration's; the default's: attention_cnn)"
    )
    parser.add_argument("--landmarks", type=Path, default=LANDMARKS_FILE, help="for a band (%(default)s)")
    parser.add_argument("--meshes", type=Path, default=MESHES_FILE, help="for face points (%(default)s)")
    parser.add_argument(
        "--masks", type=Path, default=MASKS_FOLDER, help="masked copies, drawn if missing (%(default)s)"
    )
    parser.add_argument(
        "--votes-model", action="store_true", help="of any system with two heads, save the second too"
    )
    parser.add_argument(
        "--epochs", type=_positive, help="train at most so many epochs instead of the configuration's"
    )
    parser.add_argument("--seed", type=int, help="another seed for weights, order and augmentation")
    parser.add_argument(
        "--precision",
        choices=("float32", "mixed"),
        help="compute in float32 or mixed bfloat16 (configuration's)",
    )
    parser.add_argument("--resume", action="store_true", help="go on from the run's last whole epoch")
    parser.add_argument("--runs", type=Path, default=ROOT / "runs", help="folder for checkpoints (runs/)")
    parser.add_argument("--out", type=Path, default=SAVED, help="folder for the saved model (model/saved/)")
    parser.add_argument(
        "--plots", type=Path, default=ROOT / "plots", help="folder for the plots, one a model (plots/)"
    )
    parser.add_argument("--model-version", default="1.0.0", help="version in the metadata (%(default)s)")
    options = parser.parse_args(argv)
    if options.name is None:
        options.name = SITE_MODEL if options.configuration == DEFAULT.name else options.configuration
    return options


def configure(options: argparse.Namespace) -> TrainConfig:
    """The chosen configuration with the command line's changes."""
    config = CONFIGURATIONS[options.configuration]
    changes: dict[str, object] = {}
    if options.labels is not None:
        changes["labels"] = options.labels
    if options.epochs is not None:
        changes["epochs"] = options.epochs
    if options.seed is not None:
        changes["seed"] = options.seed
    if options.precision is not None:
        changes["mixed_precision"] = options.precision == "mixed"
    return dataclasses.replace(config, **changes)  # type: ignore[arg-type]  # checked by argparse


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return value


if __name__ == "__main__":
    sys.exit(main())
