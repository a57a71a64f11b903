"""Train one of the configurations on FER-2013 and write the saved model that the site loads.

    python -m training.train --data fer2013.zip --votes ferplus_votes.csv             # the committed models' recipe
    python -m training.train --data fer2013.zip --votes ferplus_votes.csv --resume    # go on after a stop
    python -m training.train --data fer2013.zip --labels fer2013                      # without people's votes
    python -m training.train --data kaggle --configuration reference                  # as its authors describe it
    python -m training.train --data fer2013.zip --votes ferplus_votes.csv --configuration upper_face   # another network
    python -m training.train --data my_faces/                                         # my_faces/<class>/*: one's own

The saved model has the configuration's name (the default's is ``attention_cnn``). With two heads (``--labels both``)
the default writes two saved models: ``NAME`` answers with FER-2013's labels and ``NAME_votes`` as people would vote;
of the other configurations, whose published figures are on the labels, the second is written with ``--votes-model``.

Some need what is found in the images beforehand: ``python -m training.data.landmarks`` (all that read the band of
the eyes or masked faces), ``python -m training.data.meshes`` (face points). Masks are drawn here, once.

Reads top to bottom: data → network → fit → export (with evaluation) → plots.
"""

from __future__ import annotations

import argparse
import dataclasses
import re
import shlex
import shutil
import sys
from pathlib import Path

from model.store.files import SAVED
from training.configs.schema import TrainConfig
from training.configs.systems import CONFIGURATIONS, DEFAULT
from training.data.fer2013 import Fer2013
from training.data.formats import DatasetError
from training.data.own import is_own
from training.data_options import add_data_options, read_training_data
from training.export.metadata import LabelSource, Provenance
from training.network.run_dir import RunError, open_run

# Saved name of the default configuration's model, which learns one label an image. The site's default model is
# model.recognizer.DEFAULT_MODEL, trained by training.people.
DEFAULT_NAME = "attention_cnn"
OWN_BATCHES = 4  # An epoch of few pictures has at least so many batches.
ROOT = Path(__file__).resolve().parent.parent


def main(argv: list[str] | None = None) -> int:
    """Exit codes: 0 done, 2 the data, an argument or the stopped run cannot be used."""
    options = parse(argv)
    config = configure(options)
    # A run that was stopped and resumed is the run that one uninterrupted command gives.
    given = [argument for argument in (sys.argv[1:] if argv is None else argv) if argument != "--resume"]
    command = "python -m training.train " + shlex.join(given)

    # Data first: a missing class or a corrupt file shows before Keras takes its seconds to load.
    try:
        data = read_training_data(options, config)
        if data.own:
            config = for_own_data(config, data)
        if len(data.training) < config.batch_size:
            raise DatasetError(
                f"{len(data.training):,} training images are fewer than one batch of {config.batch_size}. "
                "Is this a part of FER-2013 only?"
            )
    except DatasetError as error:
        print(f"The data cannot be used: {error}", file=sys.stderr)
        return 2
    run = options.runs / options.name
    try:
        open_run(run, config, resume=options.resume)
    except RunError as error:
        print(f"The run cannot go on: {error}", file=sys.stderr)
        return 2
    print(
        f"{len(data.training):,} images to train on, {len(data.public_test):,} to select on, "
        f"{len(data.private_test):,} only to report on."
    )
    train(data, config, options, command)
    return 0


def train(data: Fer2013, config: TrainConfig, options: argparse.Namespace, command: str) -> None:
    """Build, fit and export the network; ``command`` is what metadata.json says that made it."""
    import keras

    from training.export.export import export
    from training.network.build import build_network
    from training.network.fit import HISTORY, fit
    from training.reports.plots import own_metrics, write_plots
    from training.reports.report import as_text

    keras.utils.set_random_seed(config.seed)
    keras.mixed_precision.set_dtype_policy("mixed_bfloat16" if config.mixed_precision else "float32")
    model = build_network(config.network, config.input, len(config.classes), votes=config.labels == "both")
    print(
        f"Configuration {config.name}: {model.count_params():,} parameters, at most {config.epochs} epochs."
    )

    run = options.runs / options.name
    fitted = fit(model, data, config, run)

    provenance = Provenance(config, fitted.history, options.model_version, command, fitted.averaging)
    for name, label_source in saved_models(options, config, own=data.own).items():
        directory, plots = options.out / name, options.plots / name
        exported = export(model, data, provenance, directory, label_source)
        shutil.copyfile(run / HISTORY, directory / HISTORY)
        write_plots(exported.metadata, exported.report, fitted.history, plots)
        print(as_text(own_metrics(exported.report)))
        print(f"Saved to {directory}; plots in {plots}.")


def saved_models(
    options: argparse.Namespace, config: TrainConfig, *, own: bool = False
) -> dict[str, LabelSource]:
    """The saved models that a run writes, and what each answers with."""
    name: str = options.name
    if own:
        return {name: "own"}
    if config.labels != "both":
        return {name: config.labels}
    votes_too = options.votes_model or config.name == DEFAULT.name
    return {name: "fer2013", f"{name}_votes": "ferplus"} if votes_too else {name: "fer2013"}


def parse(argv: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m training.train",
        description="Train one of the configurations on FER-2013 and write the saved model that the site loads.",
        allow_abbrev=False,  # --model, as elsewhere, would be taken for --model-version.
    )
    add_data_options(parser)
    parser.add_argument(
        "--cropped", action="store_true", help="one's own pictures are faces already: take them whole"
    )
    parser.add_argument(
        "--votes", type=Path, help="FER+ votes: ferplus_votes.csv, or fer2013new.csv with fer2013.csv"
    )
    parser.add_argument(
        "--labels", choices=("fer2013", "ferplus", "both"), help="what to learn (configuration's)"
    )
    parser.add_argument("--configuration", choices=sorted(CONFIGURATIONS), default=DEFAULT.name)
    parser.add_argument(
        "--name", help=f"name of the saved model (the configuration's; the default's: {DEFAULT_NAME})"
    )
    parser.add_argument(
        "--votes-model", action="store_true", help="of any configuration with two heads, save the second too"
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
    options.name = options.name or default_name(options)
    return options


def default_name(options: argparse.Namespace) -> str:
    """The name of the run and its saved model where --name gives none: the folder's for one's own pictures."""
    if is_own(Path(options.data)):
        return re.sub(r"\W+", "_", Path(options.data).resolve().name.lower()).strip("_") or "own"
    return DEFAULT_NAME if options.configuration == DEFAULT.name else options.configuration


def for_own_data(config: TrainConfig, data: Fer2013) -> TrainConfig:
    """The configuration for one's own classes: single labels, weighted by how rare they are, small enough batches."""
    return dataclasses.replace(
        config,
        classes=data.training.classes,
        labels="fer2013",
        class_weight_power=1.0,
        batch_size=min(config.batch_size, max(2, len(data.training) // OWN_BATCHES)),
    )


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
