"""Write a trained network as a saved model: Keras file, ONNX file, and the metadata that makes it usable."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
import onnxruntime

from model.classifier import Classifier
from model.store.metadata import SCHEMA_VERSION
from training.configs.schema import InputConfig, TrainConfig
from training.data.fer2013 import Fer2013
from training.data.ferplus import voted
from training.data.inputs import Inputs, NetworkInput
from training.data.mesh_points import scale_of
from training.export import half
from training.export.metadata import (
    CONFIDENT_ACCURACY,
    Provenance,
    Target,
    data_fields,
    description,
    input_fields,
    library_versions,
    protocol,
    today,
    training_fields,
)
from training.export.onnx_means import split_means
from training.network.build import PIXELS, POINTS, serving_model, single_head
from training.network.fit import read_history
from training.reports.metrics import choose_threshold, fit_temperature
from training.reports.predict import Reader, predict
from training.reports.report import evaluate
from training.reports.sections import on_one_line

__all__ = ["ExportError", "Provenance", "copy_history", "export"]

PARITY_TOLERANCE = 1e-4


class ExportError(Exception):
    """The exported file does not compute what the trained network computes."""


def export(
    model: keras.Model, data: Fer2013, provenance: Provenance, directory: Path, target: Target = "fer2013"
) -> dict[str, Any]:
    """Write model.keras, model.onnx and metadata.json into ``directory``; return the metadata.

    ``target`` is what the saved model answers with: FER-2013's label, or ("ferplus") what most people voted; of a
    network with two heads the one that learned it is taken. Temperature and threshold are fitted on PublicTest,
    with that target for the truth. Weights are kept in 16 bits where 32 would pass 25 MB. Raises ExportError unless
    Keras and ONNX Runtime give the same probabilities, to 1e-4, on real images.
    """
    directory.mkdir(parents=True, exist_ok=True)
    config = provenance.config
    full = in_float32(model, config, target)
    write_files(full, config.input, directory)
    metadata = _describe(full, data, provenance, directory, target)
    _write(metadata, directory)
    check_parity(full, directory, data, config)
    if target == "ferplus":
        data = voted(data).of_classes(config.classes)
    logits, _ = predict(Classifier.load(directory), data.public_test)
    metadata["temperature"] = round(fit_temperature(logits, data.public_test.labels), 4)
    _write(metadata, directory)
    _, probabilities = predict(Classifier.load(directory), data.public_test)
    metadata["confidence_threshold"] = round(
        choose_threshold(probabilities, data.public_test.labels, CONFIDENT_ACCURACY[target]), 3
    )
    _write(metadata, directory)
    metadata["metrics"] = evaluate(Reader(Classifier.load(directory)), data)
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


def write_files(full: keras.Model, described: InputConfig, directory: Path) -> None:
    """Write model.keras and model.onnx; both with weights in 16 bits where 32 would be too large."""
    shrink = half.too_large(full)
    if shrink:
        half.round_weights(full)
    full.save(directory / "model.keras")
    write_onnx(full, described, directory / "model.onnx")
    if shrink:
        half.shrink_keras(directory / "model.keras")
        half.shrink_onnx(directory / "model.onnx")


def write_onnx(full: keras.Model, described: InputConfig, path: Path) -> None:
    """Write the serving network (logits, perhaps the attention map) as ONNX; any batch size."""
    serving = serving_model(full)
    nothing: Any = np.zeros((1, described.height, described.width, described.channels), np.float32)
    if described.points:
        nothing = {PIXELS: nothing, POINTS: np.zeros((1, 3 * described.points), np.float32)}
    serving(nothing)  # the export needs a network that was called once
    serving.export(str(path), format="onnx", verbose=False)
    split_means(path)


def check_parity(
    full: keras.Model, directory: Path, data: Fer2013, config: TrainConfig, images: int = 256
) -> float:
    """The largest |Δp| between Keras and the saved ONNX file on PublicTest images; raises ExportError over 1e-4."""
    split = data.public_test
    inputs = Inputs(split, config, scale_of(data, config))
    some = inputs.batch(np.arange(min(images, len(split))))
    expected = keras.ops.convert_to_numpy(full(some))
    gap = float(np.abs(onnx_probabilities(directory / "model.onnx", some) - expected).max())
    if gap > PARITY_TOLERANCE:
        raise ExportError(
            f"ONNX and Keras differ by {gap:.2g} in probability (allowed: {PARITY_TOLERANCE:.0e})."
        )
    return gap


def onnx_probabilities(path: Path, given: NetworkInput) -> Any:
    """What the ONNX file itself gives for network inputs: probabilities (n, classes), of no mirror image."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    feed = given if isinstance(given, dict) else {session.get_inputs()[0].name: given}
    return keras.ops.convert_to_numpy(keras.ops.softmax(session.run(None, feed)[0]))


def _describe(
    full: keras.Model, data: Fer2013, provenance: Provenance, directory: Path, target: Target
) -> dict[str, Any]:
    """The metadata before anything is fitted or measured."""
    config = provenance.config
    return {
        "schema_version": SCHEMA_VERSION,
        "name": directory.name,
        "version": provenance.model_version,
        "description": description(config, target),
        "target": target,
        "created": today(),
        "labels": list(config.classes),
        **input_fields(config, data),
        "zooms": list(config.zooms),
        "flip_average": config.flip_average,
        "temperature": 1.0,
        "confidence_threshold": 0.0,
        "parameters": full.count_params(),
        "weights": "float16" if half.too_large(full) else "float32",
        "files": {name: _file(directory / name) for name in ("model.onnx", "model.keras")},
        "metrics": {},
        "protocol": protocol(config, target),
        "data": data_fields(config, data),
        "training": training_fields(provenance),
        "libraries": library_versions(),
    }


def copy_history(run: Path, directory: Path) -> None:
    """Put the run's history beside the saved model, as CSV and as JSON: a list of numbers for every figure."""
    text = (run / "history.csv").read_bytes()
    (directory / "history.csv").write_bytes(text)
    rows = read_history(run / "history.csv")
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    (directory / "history.json").write_text(
        on_one_line(json.dumps(columns, indent=1)) + "\n", encoding="utf-8"
    )


def _file(path: Path) -> dict[str, Any]:
    content = path.read_bytes()
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def _write(metadata: dict[str, Any], directory: Path) -> None:
    text = on_one_line(json.dumps(metadata, indent=2, ensure_ascii=False))
    (directory / "metadata.json").write_text(text + "\n", encoding="utf-8")
