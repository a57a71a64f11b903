"""Measure a saved model on FER-2013 from its ONNX file, through the same steps that serve a photo.

    python -m training.evaluate --data fer2013.zip            # prints, and compares with the metadata
    python -m training.evaluate --data fer2013.zip --json     # the figures as JSON

Reported: PublicTest (the split that training selects on), PrivateTest, PrivateTest without the images of which
Training holds an exact copy, and ``test``, the 7,178 images of both test splits.
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.classifier import Classifier
from model.metadata import MetadataError
from model.paths import SAVED
from model.preprocess import preprocess
from model.stages import Prediction
from training.datasets import Fer2013, Split, load_fer2013
from training.metrics import split_metrics
from training.sources import DatasetError

TOLERANCE = 5e-4  # one image in 2,000: another processor may round a borderline face to the other side


def reported_splits(data: Fer2013) -> dict[str, Split]:
    """The splits that every report names, in this order."""
    return {
        "PublicTest": data.public_test,
        "PrivateTest": data.private_test,
        "PrivateTest_without_twins": data.private_test_without_twins(),
        "test": data.test(),
    }


def predict(classifier: Classifier, split: Split, batch: int = 256) -> tuple[NDArray[np.float32], ...]:
    """Logits and probabilities, each float32 (n, classes), as the site would compute them."""
    size = classifier.metadata.size
    predictions: list[Prediction] = []
    for start in range(0, len(split), batch):
        images = split.images[start : start + batch]
        predictions += classifier.classify(np.stack([preprocess(image, size) for image in images]))
    return np.stack([p.logits for p in predictions]), np.stack([p.probabilities for p in predictions])


def evaluate(classifier: Classifier, data: Fer2013) -> dict[str, dict[str, Any]]:
    """The metrics of every reported split; see ``training.metrics.split_metrics``."""
    metadata = classifier.metadata
    return {
        name: split_metrics(
            predict(classifier, split)[1], split.labels, metadata.labels, metadata.confidence_threshold
        )
        for name, split in reported_splits(data).items()
    }


def differences(measured: dict[str, Any], published: dict[str, Any]) -> list[str]:
    """Where the measured accuracy or macro-F1 differs from the metadata's by more than the tolerance."""
    found = []
    for split, figures in measured.items():
        for figure in ("accuracy", "macro_f1"):
            claimed = published.get(split, {}).get(figure)
            if claimed is None or abs(claimed - figures[figure]) > TOLERANCE:
                found.append(f"{split} {figure}: measured {figures[figure]}, metadata.json says {claimed}")
    return found


def as_text(metrics: dict[str, dict[str, Any]]) -> str:
    """A table over the splits, then per-class figures and the confusion matrix of PrivateTest."""
    lines = [
        f"{'split':28}{'images':>7}{'accuracy':>10}{'macro-F1':>10}{'NLL':>8}{'ECE':>8}{'sure':>8}{'right':>8}"
    ]
    for name, m in metrics.items():
        sure = m["confident"]
        lines.append(
            f"{name:28}{m['images']:7}{m['accuracy']:10.2%}{m['macro_f1']:10.3f}{m['nll']:8.3f}{m['ece']:8.3f}"
            f"{sure['coverage']:8.1%}{sure['accuracy'] or 0:8.1%}"
        )
    report = metrics["PrivateTest"]
    lines += [
        "",
        f"{'PrivateTest':12}{'precision':>10}{'recall':>8}{'F1':>7}{'n':>6}   confusion (row: true class)",
    ]
    for (name, c), row in zip(report["per_class"].items(), report["confusion_matrix"], strict=True):
        counts = "".join(f"{count:5}" for count in row)
        lines.append(
            f"{name:12}{c['precision']:10.3f}{c['recall']:8.3f}{c['f1']:7.3f}{c['support']:6}   {counts}"
        )
    return "\n".join(lines)


def main(argv: list[str] | None = None) -> int:
    """Exit codes: 0 the metadata's figures are reproduced, 1 they are not, 2 no data or no model."""
    parser = argparse.ArgumentParser(prog="python -m training.evaluate", description=__doc__.split("\n")[0])
    parser.add_argument(
        "--data", required=True, help="Kaggle's zip, its unpacked folder, fer2013.csv, or 'kaggle'"
    )
    parser.add_argument(
        "--model", default="attention_cnn", help="a folder name under model/saved (%(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args(argv)
    try:
        classifier = Classifier.load(SAVED / options.model)
        data = load_fer2013(options.data)
    except (MetadataError, DatasetError) as error:
        print(error, file=sys.stderr)
        return 2
    measured = evaluate(classifier, data)
    print(json.dumps(measured, indent=2) if options.json else as_text(measured))
    if data.fingerprint != classifier.metadata.raw["data"]["fingerprint"]:
        print("Note: these are not the exact images that the model was measured on.", file=sys.stderr)
    wrong = differences(measured, classifier.metadata.raw["metrics"])
    for line in wrong or ["Every accuracy and macro-F1 in metadata.json is reproduced."]:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
