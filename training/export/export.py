"""Write a trained network as a saved model: Keras file, ONNX file, its metadata and its report."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import keras
import numpy as np

from model.classifier import Classifier
from model.store.files import METADATA_FILE, MODEL_FILE
from model.store.metadata import Metadata
from model.store.session import open_session
from training.configs.schema import InputConfig, TrainConfig
from training.data.fer2013 import Fer2013, Split
from training.data.ferplus import voted
from training.data.inputs import Inputs, NetworkInput
from training.data.mesh_points import scale_of
from training.export.metadata import (
    CONFIDENT_ACCURACY,
    LabelSource,
    Provenance,
    metadata_document,
)
from training.export.metadata_file import write_metadata
from training.export.onnx_means import split_means
from training.export.parity import PARITY_TOLERANCE, ExportError, check_parity, round_weights
from training.network.build import PIXELS, POINTS, serving_model, single_head
from training.reports.metrics import choose_threshold, fit_temperature
from training.reports.predict import CachedPredictor, with_temperature
from training.reports.report import build_report, write_report

KERAS_FILE = "model.keras"


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written beside the network, as plain data."""

    metadata: dict[str, Any]  # metadata.json
    report: dict[str, Any]  # report.json


def export(
    model: keras.Model,
    data: Fer2013,
    provenance: Provenance,
    directory: Path,
    label_source: LabelSource = "fer2013",
) -> Exported:
    """Write model.keras, model.onnx, metadata.json and report.json into ``directory``, each once.

    ``label_source`` is what the saved model answers with: FER-2013's label, or ("ferplus") what most people voted; of a
    network with two heads the one that learned it is taken. Temperature and threshold are fitted on PublicTest against
    that label. Raises ExportError unless ONNX Runtime gives Keras' probabilities on real images, to 1e-4.
    """
    directory.mkdir(parents=True, exist_ok=True)
    config = provenance.config
    network = in_float32(model, config, label_source)
    split = data.public_test
    some = Inputs(split, config, scale_of(data, config)).batch(np.arange(min(256, len(split))))
    weights = write_files(network, config.input, directory, some)

    document = metadata_document(network.count_params(), data, provenance, directory, label_source)
    document["weights"] = weights
    path = directory / METADATA_FILE
    session = open_session((directory / MODEL_FILE).read_bytes())
    predictor = CachedPredictor(Classifier(Metadata.from_dict(document, path), session))
    judged = voted(data).of_classes(config.classes) if label_source == "ferplus" else data
    document |= calibrate(predictor, judged.public_test, CONFIDENT_ACCURACY[label_source])
    predictor.metadata = Metadata.from_dict(document, path)
    report = build_report(predictor, data)
    write_metadata(document, directory)
    write_report(report, directory)
    return Exported(document, report)


def in_float32(model: keras.Model, config: TrainConfig, label_source: LabelSource) -> keras.Model:
    """The weights of one head in a network that computes in float32 and carries no optimizer state."""
    policy = keras.mixed_precision.dtype_policy()
    keras.mixed_precision.set_dtype_policy("float32")
    try:
        return single_head(
            model,
            config.network,
            config.input,
            votes=label_source == "ferplus" and config.labels == "both",
        )
    finally:
        keras.mixed_precision.set_dtype_policy(policy)


def write_files(
    network: keras.Model, described: InputConfig, directory: Path, some: NetworkInput
) -> Literal["float16", "float32"]:
    """Write model.keras and model.onnx; returns how the weights are stored.

    Where rounding them to 16 bits moves a probability of ``some`` by more than the tolerance, as in a network that is
    hardly trained, they keep 32. Raises ExportError where Keras and ONNX differ before that.
    """
    network.save(directory / KERAS_FILE)
    write_onnx(network, described, directory / MODEL_FILE)
    expected = keras.ops.convert_to_numpy(network(some))
    path = directory / MODEL_FILE
    check_parity(path, some, expected, PARITY_TOLERANCE)
    try:
        round_weights(path, some, expected)
    except ExportError:
        return "float32"
    return "float16"


def write_onnx(network: keras.Model, described: InputConfig, path: Path) -> None:
    """Write the serving network (logits, perhaps the attention map) as ONNX; any batch size."""
    serving = serving_model(network)
    nothing: Any = np.zeros((1, described.height, described.width, described.channels), np.float32)
    if described.points:
        nothing = {PIXELS: nothing, POINTS: np.zeros((1, 3 * described.points), np.float32)}
    serving(nothing)  # the export needs a network that was called once
    serving.export(str(path), format="onnx", verbose=False)
    split_means(path)


def calibrate(predictor: CachedPredictor, split: Split, accuracy: float) -> dict[str, float]:
    """The temperature that fits the split's labels, and the confidence from which on answers are right so often.

    The network reads each image once: both are arithmetic on the logits.
    """
    logits = predictor.logits(split)
    temperature = round(fit_temperature(logits, split.labels), 4)
    threshold = choose_threshold(with_temperature(logits, temperature), split.labels, accuracy)
    return {"temperature": temperature, "confidence_threshold": round(threshold, 3)}
