"""The command line options that say where the data lies, and reading what they name."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path

from model.store.metadata import Metadata
from training.configs.schema import TrainConfig
from training.data.annotations import with_landmarks, with_meshes
from training.data.fer2013 import Fer2013, load_fer2013
from training.data.ferplus import require_votes, usable, with_votes
from training.data.formats import DatasetError
from training.data.landmarks import LANDMARKS_FILE
from training.data.meshes import MESHES_FILE
from training.data.own import is_own, load_own
from training.masks.copies import COPIES, MASKS_FOLDER, TESTS, with_masked_meshes, with_masks


def add_data_options(parser: argparse.ArgumentParser) -> None:
    """``--data`` and where the annotations lie: landmarks, meshes, masked copies."""
    parser.add_argument(
        "--data",
        required=True,
        help="FER-2013: Kaggle's zip, its unpacked folder, fer2013.csv, or 'kaggle' to download it; or a folder of "
        "one's own with a folder of pictures for each class",
    )
    parser.add_argument("--landmarks", type=Path, default=LANDMARKS_FILE, help="for a band (%(default)s)")
    parser.add_argument("--meshes", type=Path, default=MESHES_FILE, help="for face points (%(default)s)")
    parser.add_argument(
        "--masks", type=Path, default=MASKS_FOLDER, help="masked copies, drawn if missing (%(default)s)"
    )


def add_masked_option(parser: argparse.ArgumentParser) -> None:
    """``--masked``, of the commands that measure."""
    parser.add_argument("--masked", action="store_true", help="measure any model on masked faces too")


def read_training_data(options: argparse.Namespace, config: TrainConfig) -> Fer2013:
    """FER-2013 as the configuration needs it; raises DatasetError.

    With votes, the training images that people could not read ("unknown" or "not a face") are left out.
    """
    if is_own(Path(options.data)):
        return _own_data(options, config)
    data = load_fer2013(options.data)
    try:
        data = with_annotations(
            data,
            options,
            landmarks=config.input.region == "upper_face",
            meshes=config.input.points > 0,
            masked=tuple(COPIES) if config.masked_fraction else (),
        )
    except DatasetError as error:
        raise DatasetError(f"the configuration {config.name} needs more than the images. {error}") from error
    if options.votes is None:
        if config.labels != "fer2013":
            raise DatasetError(
                f"the configuration {config.name} learns from people's votes: pass --votes ferplus_votes.csv, "
                "or --labels fer2013 to do without."
            )
        return data.of_classes(config.classes)
    data = with_votes(data, options.votes).of_classes(config.classes)
    if config.labels == "fer2013":
        return data
    readable = usable(require_votes(data.training))
    print(
        f"{int((~readable).sum()):,} training images left out: people saw no face or no expression in them."
    )
    return dataclasses.replace(data, training=data.training.where(readable))


def _own_data(options: argparse.Namespace, config: TrainConfig) -> Fer2013:
    """One's own pictures for a configuration that reads a face's pixels; raises DatasetError."""
    if config.input.region != "face" or config.input.points or config.masked_fraction:
        raise DatasetError(
            f"the configuration {config.name} needs more than the images, which is known of FER-2013 only. One's own "
            "pictures train a configuration that reads whole faces: default, reference, deep, colour."
        )
    if options.votes is not None or options.labels not in (None, "fer2013"):
        raise DatasetError("there are no votes of one's own pictures: leave --votes and --labels out.")
    return load_own(Path(options.data), cropped=options.cropped, seed=config.seed)


def read_data(options: argparse.Namespace, metadata: Metadata) -> Fer2013:
    """FER-2013 with what this model's input and ground truth need; raises DatasetError."""
    if metadata.label_source == "own":
        raw = metadata.raw
        data = load_own(
            Path(options.data), cropped=raw["data"]["cropped"], seed=raw["training"]["settings"]["seed"]
        )
        if data.training.classes != metadata.labels:
            raise DatasetError(f"{metadata.name} was trained on {raw['data']['name']}: pass that folder.")
        return data
    data = load_fer2013(options.data)
    if options.votes:
        data = with_votes(data, options.votes)
    elif metadata.label_source == "ferplus":
        raise DatasetError(f"{metadata.name} answers as people vote: pass --votes ferplus_votes.csv.")
    return with_inputs(data, options, metadata)


def with_inputs(data: Fer2013, options: argparse.Namespace, metadata: Metadata) -> Fer2013:
    """The images of this model's labels with what it reads beside them, masked if asked for; raises DatasetError."""
    masked = options.masked or bool(metadata.raw["training"]["settings"].get("masked_fraction"))
    points = metadata.input.points > 0
    data = with_annotations(
        data, options, landmarks=metadata.band is not None, meshes=points, masked=TESTS if masked else ()
    )
    if points and masked:
        data = with_masked_meshes(data)
    return data.of_classes(metadata.labels)


def with_annotations(
    data: Fer2013, options: argparse.Namespace, *, landmarks: bool, meshes: bool, masked: tuple[str, ...]
) -> Fer2013:
    """The data with landmarks, meshes and the masked copies of the splits ``masked``; raises DatasetError.

    Masks are placed by the landmarks.
    """
    if landmarks or masked:
        data = with_landmarks(data, options.landmarks)
    if masked:
        data = with_masks(data, options.masks, masked)
    return with_meshes(data, options.meshes) if meshes else data
