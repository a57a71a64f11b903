"""Write a trained network as a saved model: Keras file, ONNX file, and the metadata that makes it usable."""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import platform
import shutil
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import keras
import numpy as np
import onnxruntime

from model.classifier import Classifier
from model.metadata import SCHEMA_VERSION
from training.config import TrainConfig
from training.datasets import SPLITS, Fer2013
from training.evaluate import evaluate, predict
from training.inputs import as_pixels
from training.metrics import choose_threshold, fit_temperature
from training.network import serving_model, single_head
from training.votes import voted

Target = Literal["fer2013", "ferplus"]

PARITY_TOLERANCE = 1e-4
# What "sure" promises. People's first answer is far easier to give than FER-2013's label, so more is asked there.
CONFIDENT_ACCURACY: dict[Target, float] = {"fer2013": 0.8, "ferplus": 0.9}
CROP_SCALE = 0.95  # see model.crop
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
    "fer2013": "It learned the data set's labels.",
    "ferplus": "It learned the votes of ten people on each image (FER+, Barsoum et al. 2016).",
    "both": "It learned the data set's labels and the votes of ten people on each image (FER+, Barsoum et al. 2016).",
}
ANSWERS_WITH = {
    "fer2013": "It answers with the label that FER-2013 would give.",
    "ferplus": "It answers as most people would.",
}
VOTED_PROTOCOL = (
    ' The truth is the label that most of the ten people chose; images that they called "unknown" or "not a face" '
    "are left out."
)


class ExportError(Exception):
    """The exported file does not compute what the trained network computes."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """How a network came about: its configuration, its epochs, the version it gets and the command that made it."""

    config: TrainConfig
    history: list[dict[str, float]]
    model_version: str
    command: str


def export(
    model: keras.Model, data: Fer2013, provenance: Provenance, directory: Path, target: Target = "fer2013"
) -> dict[str, Any]:
    """Write model.keras, model.onnx and metadata.json into ``directory``; return the metadata.

    ``target`` is what the saved model answers with: FER-2013's label, or ("ferplus") what most people voted; of a
    network with two heads the one that learned it is taken. Temperature and threshold are fitted on PublicTest,
    with that target for the truth. Raises ExportError unless Keras and ONNX Runtime give the same probabilities, to
    1e-4, on real images.
    """
    directory.mkdir(parents=True, exist_ok=True)
    full = in_float32(model, provenance.config, target)
    full.save(directory / "model.keras")
    write_onnx(full, directory / "model.onnx")
    metadata = _describe(full, data, provenance, directory, target)
    if target == "ferplus":
        data = voted(data)
    _write(metadata, directory)
    check_parity(full, directory, data)
    logits, _ = predict(Classifier.load(directory), data.public_test)
    metadata["temperature"] = round(fit_temperature(logits, data.public_test.labels), 4)
    _write(metadata, directory)
    _, probabilities = predict(Classifier.load(directory), data.public_test)
    metadata["confidence_threshold"] = round(
        choose_threshold(probabilities, data.public_test.labels, CONFIDENT_ACCURACY[target]), 3
    )
    _write(metadata, directory)
    metadata["metrics"] = evaluate(Classifier.load(directory), data)
    _write(metadata, directory)
    return metadata


def in_float32(model: keras.Model, config: TrainConfig, target: Target) -> keras.Model:
    """The weights of one head in a network that computes in float32 and carries no optimizer state."""
    policy = keras.mixed_precision.dtype_policy()
    keras.mixed_precision.set_dtype_policy("float32")
    try:
        return single_head(
            model, config.network, config.input, votes=target == "ferplus" and config.labels == "both"
        )
    finally:
        keras.mixed_precision.set_dtype_policy(policy)


def write_onnx(full: keras.Model, path: Path) -> None:
    """Write the serving network (logits, attention map) as ONNX; any batch size."""
    serving = serving_model(full)
    serving(
        np.zeros((1, *full.input_shape[1:]), np.float32)
    )  # the export needs a network that was called once
    serving.export(str(path), format="onnx", verbose=False)


def check_parity(full: keras.Model, directory: Path, data: Fer2013, images: int = 64) -> float:
    """The largest |Δp| between Keras and the saved ONNX file on PublicTest images; raises ExportError over 1e-4."""
    some = data.public_test.images[:images]
    expected = keras.ops.convert_to_numpy(full(as_pixels(some)))
    session = onnxruntime.InferenceSession(str(directory / "model.onnx"), providers=["CPUExecutionProvider"])
    logits = session.run(None, {session.get_inputs()[0].name: as_pixels(some)})[0]
    gap = float(np.abs(keras.ops.convert_to_numpy(keras.ops.softmax(logits)) - expected).max())
    if gap > PARITY_TOLERANCE:
        raise ExportError(
            f"ONNX and Keras differ by {gap:.2g} in probability (allowed: {PARITY_TOLERANCE:.0e})."
        )
    return gap


def _describe(
    full: keras.Model, data: Fer2013, provenance: Provenance, directory: Path, target: Target
) -> dict[str, Any]:
    """The metadata before anything is fitted or measured."""
    config, history = provenance.config, provenance.history
    best = max(history, key=lambda row: row["val_accuracy"])
    return {
        "schema_version": SCHEMA_VERSION,
        "name": directory.name,
        "version": provenance.model_version,
        "description": "Attention CNN for facial expression: four convolution blocks, attention over space after "
        f"the second, trained from scratch on FER-2013. {LEARNED[config.labels]} {ANSWERS_WITH[target]}",
        "target": target,
        "created": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "labels": list(config.classes),
        "input": {"width": full.input_shape[2], "height": full.input_shape[1], "color": "gray", "points": 0},
        "region": "face",
        "crop": {"reference": "box_height", "scale": CROP_SCALE},
        "flip_average": config.flip_average,
        "temperature": 1.0,
        "confidence_threshold": 0.0,
        "parameters": full.count_params(),
        "files": {name: _file(directory / name) for name in ("model.onnx", "model.keras")},
        "metrics": {},
        "protocol": "Trained on Training; epoch, temperature and threshold selected on PublicTest; PrivateTest only "
        f"reported. The threshold is the lowest confidence from which on {CONFIDENT_ACCURACY[target]:.0%} of the "
        "answers on PublicTest are right. Twins are images of which Training holds an exact copy."
        + (VOTED_PROTOCOL if target == "ferplus" else ""),
        "data": {
            "name": "FER-2013 (Goodfellow et al. 2013)",
            "fingerprint": data.fingerprint,
            "images": {
                name: len(split)
                for name, split in zip(
                    SPLITS, (data.training, data.public_test, data.private_test), strict=True
                )
            },
            "class_counts": data.training.class_counts(config.classes),
        },
        "training": {
            "configuration": config.name,
            "settings": config.to_dict(),
            "epochs_run": len(history),
            "best_epoch": int(best["epoch"]) + 1,
            "minutes": round(sum(row["seconds"] for row in history) / 60, 1),
            "machine": f"{platform.machine()}, {os.cpu_count()} cores",
            "command": provenance.command,
        },
        "libraries": _library_versions(),
    }


def copy_history(run: Path, directory: Path) -> None:
    """Put the run's history.csv beside the saved model."""
    shutil.copyfile(run / "history.csv", directory / "history.csv")


def _file(path: Path) -> dict[str, Any]:
    content = path.read_bytes()
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def _library_versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except ImportError:  # PackageNotFoundError: tensorflow goes by one of two names
            continue
    return found


def _write(metadata: dict[str, Any], directory: Path) -> None:
    text = json.dumps(metadata, indent=2, ensure_ascii=False)
    (directory / "metadata.json").write_text(text + "\n", encoding="utf-8")
