"""The contents of metadata.json: what follows from the configuration, the data and the files."""

from __future__ import annotations

import dataclasses
import datetime
import os
import platform
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from model.store.metadata import SCHEMA_VERSION
from training.configs.schema import LABELS, NetworkConfig, TrainConfig
from training.data.annotations import not_found_under_masks
from training.data.fer2013 import SOURCE, SPLITS, Fer2013, Split
from training.data.inputs import band_of
from training.data.mesh_points import scale_of, without_points
from training.export.metadata_file import file_records

LabelSource = Literal["fer2013", "ferplus", "own"]

CROP_SCALE = 0.95  # see model.faces.crop
# What "sure" promises. People's first answer is far easier to give than FER-2013's label, so more is asked there.
CONFIDENT_ACCURACY: dict[LabelSource, float] = {"fer2013": 0.8, "ferplus": 0.9, "own": 0.8}
LIBRARIES = (
    "keras",
    "tensorflow-cpu",
    "tensorflow",
    "numpy",
    "onnx",
    "tf2onnx",
    "onnxruntime",
    "opencv-python-headless",
)
LEARNED = {
    "own": "It learned the folder that each picture lay in.",
    "fer2013": "It learned the data set's labels.",
    "ferplus": "It learned the votes of ten people on each image (FER+, Barsoum et al. 2016).",
    "both": "It learned the data set's labels and the votes of ten people on each image (FER+, Barsoum et al. 2016).",
}
ANSWERS_WITH = {
    "own": "It answers with the folder that a picture would lie in.",
    "fer2013": "It answers with the label that FER-2013 would give.",
    "ferplus": "It answers as most people would.",
}
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven")
BACKBONES = {"mobilenet_v2": "MobileNetV2", "efficientnet_b0": "EfficientNetB0"}


@dataclass(frozen=True, slots=True)
class Provenance:
    """How a network came about."""

    config: TrainConfig
    history: list[dict[str, float]]  # a row an epoch
    model_version: str  # that the saved model gets
    command: str  # that made it
    averaging: dict[str, float | str] | None = None  # what ``network.weight_averaging`` compared, if on


def metadata_document(
    parameters: int, data: Fer2013, provenance: Provenance, directory: Path, label_source: LabelSource
) -> dict[str, Any]:
    """The metadata of the files in ``directory``, before temperature (1) and threshold (0) are fitted."""
    config = provenance.config
    return {
        "schema_version": SCHEMA_VERSION,
        "name": directory.name,
        "version": provenance.model_version,
        "description": description(config, label_source, data.source),
        "target": label_source,
        "created": today(),
        "labels": list(config.classes),
        **input_fields(config, data),
        "zooms": list(config.zooms),
        "flip_average": config.flip_average,
        "temperature": 1.0,
        "confidence_threshold": 0.0,
        "parameters": parameters,
        "weights": "float16",
        "files": file_records(directory, ("model.onnx", "model.keras")),
        "protocol": protocol(config, label_source),
        "data": data_fields(config, data),
        "training": training_fields(provenance),
        "libraries": library_versions(),
    }


def description(config: TrainConfig, label_source: LabelSource, source: str = SOURCE) -> str:
    """What kind of network it is, what it reads, what it learned from and what it answers with, for people."""
    return " ".join(
        (
            f"{_network(config.network, 'FER-2013' if source == SOURCE else source)} {_reading(config)}",
            LEARNED["own" if label_source == "own" else config.labels],
            ANSWERS_WITH[label_source],
        )
    )


def _network(network: NetworkConfig, source: str) -> str:
    if network.backbone != "convolutions":
        return f"{BACKBONES[network.backbone]} for facial expression, trained from scratch on {source}."
    blocks = f"{NUMBERS[len(network.widths)]} convolution blocks"
    attention = ", attention over space after the second" if network.attention else ""
    kind = "Attention CNN" if network.attention else "CNN"
    return f"{kind} for facial expression: {blocks}{attention}, trained from scratch on {source}."


def _reading(config: TrainConfig) -> str:
    described = config.input
    region = "the whole face" if described.region == "face" else "the band of eyes and eyebrows alone"
    size = f"{described.width}×{described.height} gray pixels"
    if described.channels > 1:
        size += " in three equal channels"
    points = f" and {described.points} face points" if described.points else ""
    if set(config.classes) <= set(LABELS):
        labels = "all seven" if config.classes == LABELS else f"{NUMBERS[len(config.classes)]} of the seven"
        told = f"{labels} expressions"
    else:
        told = ", ".join(config.classes)
    masked = (
        f", {config.masked_fraction:.0%} of the images under a drawn mask" if config.masked_fraction else ""
    )
    return f"It reads {region}, {size}{points}, and tells {told} apart{masked}."


def protocol(config: TrainConfig, label_source: LabelSource) -> str:
    """How the metrics came about."""
    said = [
        "Trained on Training; epoch, temperature and threshold selected on PublicTest; PrivateTest only reported. "
        "The threshold is the lowest confidence from which on "
        f"{CONFIDENT_ACCURACY[label_source]:.0%} of the answers on PublicTest are right. "
        "Twins are images of which Training holds an exact copy."
    ]
    if label_source == "ferplus":
        said.append(
            'The truth is the label that most of the ten people chose; images that they called "unknown" or "not a '
            'face" are left out.'
        )
    if label_source == "own":
        said.append(
            "Training, PublicTest and PrivateTest are 80, 10 and 10 % of the pictures, drawn by the seed, "
            "near-duplicates always together."
        )
    elif config.classes != LABELS:
        said.append("Images of other labels take no part.")
    if config.masked_fraction:
        said.append(
            "The masked sets are the same images, each under a drawn mask that follows from its name. Landmarks are "
            "found in the masked image; where none are, those of the uncovered image stand in."
        )
    return " ".join(said)


def input_fields(config: TrainConfig, data: Fer2013) -> dict[str, Any]:
    """What the network takes, how a face gets there, and what its points are standardised by."""
    described, band, scale = config.input, band_of(config.input), scale_of(data, config)
    fields: dict[str, Any] = {
        "input": {
            "width": described.width,
            "height": described.height,
            "color": "gray" if described.channels == 1 else "rgb",
            "points": described.points,
        },
        "region": described.region,
        "crop": {"reference": "box_height", "scale": CROP_SCALE},
    }
    if band:
        fields["band"] = dataclasses.asdict(band)
    if scale:
        fields["points"] = {
            "mean": [float(str(value)) for value in scale.mean],
            "std": [float(str(value)) for value in scale.std],
        }
    return fields


def data_fields(config: TrainConfig, data: Fer2013) -> dict[str, Any]:
    """The images by split and class, and of how many something is missing: nothing is dropped for that."""
    splits = dict(zip(SPLITS, (data.training, data.public_test, data.private_test), strict=True))
    fields: dict[str, Any] = {
        "name": data.source,
        "fingerprint": data.fingerprint,
        "images": {name: len(split) for name, split in splits.items()},
        "class_counts": data.training.class_counts(),
    }
    if data.own:
        fields["cropped"] = data.cropped
    if config.input.region == "upper_face" or config.masked_fraction:
        fields["without_landmarks"] = {name: _without_landmarks(split) for name, split in splits.items()}
    if config.input.points:
        fields["without_points"] = {
            name: without_points(split.mesh) for name, split in splits.items() if split.mesh is not None
        }
    if config.masked_fraction:
        fields["masked_copies"] = {
            name: int(split.masked.shape[1]) for name, split in splits.items() if split.masked is not None
        }
        fields["masked_without_landmarks"] = {
            name: not_found_under_masks(split) for name, split in splits.items()
        }
    return fields


def training_fields(provenance: Provenance) -> dict[str, Any]:
    """The settings, the epochs, the time and the command."""
    config, history = provenance.config, provenance.history
    best = max(history, key=lambda row: row["val_accuracy"])
    return {
        "configuration": config.name,
        "settings": config.to_dict(),
        "epochs_run": len(history),
        "best_epoch": int(best["epoch"]) + 1,
        "weight_averaging": provenance.averaging,
        "minutes": round(sum(row["seconds"] for row in history) / 60, 1),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "command": provenance.command,
    }


def today() -> str:
    """The date in UTC, as in 2024-03-01."""
    return datetime.datetime.now(datetime.UTC).date().isoformat()


def library_versions() -> dict[str, str]:
    """The versions of Python and of what the figures depend on."""
    found = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except ImportError:  # PackageNotFoundError: tensorflow goes by one of two names
            continue
    return found


def _without_landmarks(split: Split) -> int:
    return 0 if split.has_landmarks is None else int((~split.has_landmarks).sum())
