"""The command line options that say where the data lies, and reading what they name."""

from __future__ import annotations

import argparse
from pathlib import Path

from model.store.metadata import Metadata
from training.data.annotations import with_landmarks, with_meshes
from training.data.fer2013 import Fer2013, load_fer2013
from training.data.ferplus import with_votes
from training.data.formats import DatasetError
from training.data.landmarks import LANDMARKS_FILE
from training.data.meshes import MESHES_FILE
from training.masks.copies import MASKS_FOLDER, TESTS, with_masked_meshes, with_masks


def add_data_options(parser: argparse.ArgumentParser) -> None:
    """The options that ``with_inputs`` takes: the data set, and what some models need beside it."""
    parser.add_argument(
        "--data", required=True, help="Kaggle's zip, its unpacked folder, fer2013.csv, or 'kaggle'"
    )
    parser.add_argument("--landmarks", type=Path, default=LANDMARKS_FILE, help="for a band (%(default)s)")
    parser.add_argument("--meshes", type=Path, default=MESHES_FILE, help="for face points (%(default)s)")
    parser.add_argument(
        "--masks", type=Path, default=MASKS_FOLDER, help="masked copies, drawn if missing (%(default)s)"
    )
    parser.add_argument("--masked", action="store_true", help="measure any model on masked faces too")


def read_data(options: argparse.Namespace, metadata: Metadata) -> Fer2013:
    """FER-2013 with what this model's input and truth need; raises DatasetError."""
    data = load_fer2013(options.data)
    if options.votes:
        data = with_votes(data, options.votes)
    elif metadata.label_source == "ferplus":
        raise DatasetError(f"{metadata.name} answers as people vote: pass --votes ferplus_votes.csv.")
    return with_inputs(data, options, metadata)


def with_inputs(data: Fer2013, options: argparse.Namespace, metadata: Metadata) -> Fer2013:
    """The images of this model's labels with what it reads beside them, masked if asked for; raises DatasetError."""
    masked = options.masked or bool(metadata.raw["training"]["settings"].get("masked"))
    if metadata.band is not None or masked:
        data = with_landmarks(data, options.landmarks)
    if masked:
        data = with_masks(data, options.masks, TESTS)
    if metadata.input.points:
        data = with_meshes(data, options.meshes)
        data = with_masked_meshes(data) if masked else data
    return data.of_classes(metadata.labels)
