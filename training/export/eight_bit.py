"""Write a saved network a second time, in 8 bits, for live pictures in the browser, and measure what that changes.

    python -m training.export.eight_bit --data ../shared/data/fer2013.zip --votes ../shared/data/ferplus_votes.csv

``model.int8.onnx`` computes the convolutions of all blocks but the first in whole numbers (ONNX's QuantizeLinear and
DequantizeLinear around them): in WebAssembly it takes half of the time. Their ranges are those on 200 training images.
With --write, its accuracy, and how often and how far it answers otherwise than the network itself, go into the
model's report; photos are read by the network itself in any case.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnxruntime import quantization

from model.classifier import Classifier
from model.recognizer import DEFAULT_MODEL
from model.store.files import EIGHT_BIT_FILE, METADATA_FILE, MODEL_FILE, SAVED, SavedModelError
from model.store.metadata import Metadata
from model.store.session import open_session
from training.data.fer2013 import Fer2013, Split, load_fer2013
from training.data.ferplus import as_voted, with_votes
from training.data.formats import DatasetError
from training.export.metadata_file import file_records, write_metadata
from training.export.parity import ExportError
from training.reports.predict import CachedPredictor
from training.reports.sections import NoReportError, add_section

CALIBRATION_IMAGES = 200
SEED = 20
# By the names that Keras gives: the first block is small and sees the picture itself, which rounding harms most.
WEIGHTS = re.compile(r"(?:^|/)block[2-9]_\w*conv\w*_\d+/|(?:^|/)block[2-9]_skip_\d+/")
BETWEEN = re.compile(r"(?:^|/)block[2-9]_(?:add|relu\d*|max)(?:_\d+)?/")


def write_eight_bit(directory: Path, images: NDArray[np.uint8]) -> Path:
    """Write model.int8.onnx beside ``directory``'s model.onnx, calibrated on gray images (n, height, width).

    Raises ExportError where the network has no such blocks.
    """
    whole = with_float_weights(onnx.load(str(directory / MODEL_FILE)))
    nodes = blocks_of(whole)
    if not nodes:
        raise ExportError("The network has no blocks that are called block2, block3, …")
    path = directory / EIGHT_BIT_FILE
    with tempfile.TemporaryDirectory() as folder:
        given = Path(folder) / MODEL_FILE
        onnx.save(whole, str(given))
        quantization.quantize_static(
            given,
            path,
            _Images(whole.graph.input[0].name, images),
            quant_format=quantization.QuantFormat.QDQ,
            per_channel=True,
            activation_type=quantization.QuantType.QUInt8,
            weight_type=quantization.QuantType.QInt8,
            nodes_to_quantize=nodes,
        )
    return path


def with_float_weights(model: onnx.ModelProto) -> onnx.ModelProto:
    """The network with its 16-bit weights as floats, without the casts at load, and every node with a name."""
    stored = {each.name: each for each in model.graph.initializer}
    kept = []
    for node in model.graph.node:
        half = stored.get(node.input[0]) if node.op_type == "Cast" else None
        if half is None or half.data_type != onnx.TensorProto.FLOAT16:
            kept.append(node)
            continue
        values = onnx.numpy_helper.to_array(half).astype(np.float32)
        model.graph.initializer.remove(half)
        model.graph.initializer.append(onnx.numpy_helper.from_array(values, node.output[0]))
    del model.graph.node[:]
    model.graph.node.extend(kept)
    for number, node in enumerate(model.graph.node):
        node.name = node.name or f"node_{number}"
    return model


def blocks_of(model: onnx.ModelProto) -> list[str]:
    """The names of the nodes that are computed in 8 bits."""
    return [
        node.name
        for node in model.graph.node
        if (node.op_type == "Conv" and WEIGHTS.search(node.input[1]))
        or (node.op_type in ("Add", "Relu", "MaxPool") and BETWEEN.search(node.name))
    ]


class _Images(quantization.CalibrationDataReader):
    """The calibration images one by one, as the quantizer asks for them."""

    def __init__(self, name: str, images: NDArray[np.uint8]) -> None:
        self._left: Iterator[dict[str, Any]] = (
            {name: image[np.newaxis, ..., np.newaxis].astype(np.float32)} for image in images
        )

    def get_next(self) -> dict[str, Any] | None:
        return next(self._left, None)


def figures(directory: Path, data: Fer2013) -> dict[str, Any]:
    """How the network in 8 bits answers PrivateTest beside the network itself."""
    metadata = Metadata.load(directory)
    exact, rounded = (
        CachedPredictor(Classifier(metadata, open_session((directory / name).read_bytes())))
        for name in (MODEL_FILE, EIGHT_BIT_FILE)
    )
    split = data.private_test.of_classes(metadata.labels)
    one, other = exact.predict(split), rounded.predict(split)
    gaps = np.abs(one - other)
    return {
        "bytes": (directory / EIGHT_BIT_FILE).stat().st_size,
        "calibration_images": CALIBRATION_IMAGES,
        "split": "PrivateTest",
        "images": len(split),
        "same_answer": round(float((one.argmax(axis=1) == other.argmax(axis=1)).mean()), 4),
        "largest_difference": round(float(gaps.max()), 4),
        "mean_difference": round(float(gaps.mean()), 5),
        "accuracy": {
            truth: {"whole": _accuracy(exact, part), "eight_bit": _accuracy(rounded, part)}
            for truth, part in {"fer2013": split, "ferplus": as_voted(split)}.items()
        },
    }


def _accuracy(predictor: CachedPredictor, split: Split) -> float:
    part = split.of_classes(predictor.metadata.labels)
    return round(float((predictor.predict(part).argmax(axis=1) == part.labels).mean()), 4)


def main(argv: list[str] | None = None) -> int:
    """Exit codes: 0 done, 2 there is no such model, data or report."""
    parser = argparse.ArgumentParser(
        prog="python -m training.export.eight_bit",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--data", required=True, help="FER-2013: Kaggle's zip, its folder, fer2013.csv, or 'kaggle'"
    )
    parser.add_argument("--votes", required=True, type=Path, help="FER+ votes")
    parser.add_argument("--model", default=DEFAULT_MODEL, help="folder name under model/saved (%(default)s)")
    parser.add_argument("--write", action="store_true", help="write the figures into the model's report.json")
    options = parser.parse_args(argv)
    directory = SAVED / options.model
    try:
        Metadata.load(directory)
        data = with_votes(load_fer2013(options.data), options.votes)
        images = data.training.images
        chosen = np.random.default_rng(SEED).choice(len(images), CALIBRATION_IMAGES, replace=False)
        path = write_eight_bit(directory, images[chosen])
        found = figures(directory, data)
        if options.write:
            add_section(directory, "eight_bit", found)
    except (SavedModelError, ExportError, DatasetError, NoReportError) as error:
        print(error, file=sys.stderr)
        return 2
    document = json.loads((directory / METADATA_FILE).read_text(encoding="utf-8"))
    document["files"] |= file_records(directory, [EIGHT_BIT_FILE])
    write_metadata(document, directory)
    print(json.dumps(found, indent=2))
    print(f"Wrote {path}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
