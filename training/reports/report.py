"""Everything that was measured of a saved model, as ``report.json`` beside it: what its page and its plots show.

The file has the model's name, version and sha256, so that it cannot be taken for another model's, and under
``truths`` the metrics of every reported split against each ground truth that was at hand:

- ``fer2013``: the data set's label, or ``own``: the folder of one's own pictures;
- ``ferplus``: the label that most of ten people chose, of the images that they could read;
- ``ferplus_clear``: the same, of the images where more than five of the ten agreed.

Under ``five_labels`` are PrivateTest's images of the five labels that every system knows, bare and (where masks were
drawn) masked, and how often each model, choosing among these five alone, says FER-2013's label: the same images for
every model.

A split of ``truths`` has the metrics of ``training.reports.metrics.split_metrics``, and 95 % intervals, the reliability
diagram's bins, the risk–coverage curve at every 5 %, and the pairs of labels that are most often confused.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.store.metadata import Metadata
from training.configs.systems import FIVE
from training.data.fer2013 import Fer2013, Split
from training.data.ferplus import as_clearly_voted, as_voted
from training.reports.intervals import bootstrap_macro_f1, wilson_interval
from training.reports.metrics import reliability, risk_coverage, split_metrics
from training.reports.plots import report_figures, save
from training.reports.predict import CachedPredictor, reported_splits
from training.reports.sections import kept_sections, write_json

SCHEMA_VERSION = 1
FILE_NAME = "report.json"
CONFUSED_PAIRS = 6
COVERAGES = tuple(round(0.05 * step, 2) for step in range(1, 21))

Floats = NDArray[np.float32]
VOTED: dict[str, Callable[[Split], Split]] = {"ferplus": as_voted, "ferplus_clear": as_clearly_voted}


def build_report(predictor: CachedPredictor, data: Fer2013) -> dict[str, Any]:
    """Measure the model on every reported split, against the label and, where the data has votes, against them."""
    metadata = predictor.metadata
    label = "own" if data.own else "fer2013"
    truths: dict[str, dict[str, Any]] = {label: {}}
    for name, split in reported_splits(data, metadata.labels).items():
        probabilities = predictor.predict(split)
        truths[label][name] = measure(probabilities, split.labels, metadata)
        if split.votes is None:
            continue
        numbered = _numbered(split)
        for truth, relabelled in VOTED.items():
            voted = relabelled(numbered).of_classes(metadata.labels)
            chosen = probabilities[[int(number) for number in voted.names]]
            truths.setdefault(truth, {})[name] = measure(chosen, voted.labels, metadata)
    return {
        "schema_version": SCHEMA_VERSION,
        "model": {
            "name": metadata.name,
            "version": metadata.version,
            "sha256": metadata.sha256["model.onnx"],
            "target": metadata.label_source,
        },
        "data": {"fingerprint": data.fingerprint},
        "intervals": "95 %: Wilson for shares, bootstrap of 1,000 samples for macro-F1",
        "truths": truths,
        "five_labels": {} if data.own else five_labels(predictor, data),
    }


def five_labels(predictor: CachedPredictor, data: Fer2013) -> dict[str, dict[str, Any]]:
    """Accuracy and macro-F1 on the images of the labels ``FIVE``, the model choosing among these alone."""
    splits = reported_splits(data, FIVE)
    found = {}
    for name in sorted(splits.keys() & {"PrivateTest", "PrivateTest_masked"}):
        labels, chances = splits[name].labels, predictor.predict_among(splits[name])
        metrics = split_metrics(chances, labels, FIVE, predictor.metadata.confidence_threshold)
        right = int((chances.argmax(axis=1) == labels).sum())
        found[name] = {
            "images": metrics["images"],
            "accuracy": metrics["accuracy"],
            "accuracy_interval": _pair(wilson_interval(right, len(labels))),
            "macro_f1": metrics["macro_f1"],
        }
    return found


def measure(probabilities: Floats, labels: NDArray[np.int64], metadata: Metadata) -> dict[str, Any]:
    """The metrics of one split, as plain data; see the module's docstring."""
    names, threshold = metadata.labels, metadata.confidence_threshold
    predicted = probabilities.argmax(axis=1)
    metrics = split_metrics(probabilities, labels, names, threshold)
    metrics["accuracy_interval"] = _pair(wilson_interval(int((predicted == labels).sum()), len(labels)))
    metrics["macro_f1_interval"] = _pair(bootstrap_macro_f1(predicted, labels, len(names)))
    for index, name in enumerate(names):
        mine = labels == index
        hits = int((predicted[mine] == index).sum())
        metrics["per_class"][name]["recall_interval"] = _pair(wilson_interval(hits, int(mine.sum())))
    for entry, b in zip(metrics["reliability"], reliability(probabilities, labels), strict=True):
        entry["interval"] = _pair(wilson_interval(b.right, b.images))
    _, risk = risk_coverage(probabilities, labels)
    places = [min(len(risk) - 1, max(0, round(c * len(risk)) - 1)) for c in COVERAGES]
    metrics["risk_coverage"] = {
        "coverage": list(COVERAGES),
        "accuracy": [round(1 - float(risk[place]), 4) for place in places],
        "aurc": round(float(risk.mean()), 5),
    }
    metrics["confused"] = confused_pairs(np.array(metrics["confusion_matrix"]), names)
    return metrics


def confused_pairs(matrix: NDArray[np.int64], names: tuple[str, ...]) -> list[dict[str, Any]]:
    """The pairs with the largest share of one label read as the other, both ways apart; largest first."""
    share = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    np.fill_diagonal(share, 0)
    order = np.argsort(-share, axis=None, kind="stable")[:CONFUSED_PAIRS]
    pairs = [divmod(int(place), len(names)) for place in order]
    return [
        {
            "label": names[row],
            "read_as": names[column],
            "images": int(matrix[row, column]),
            "share": round(float(share[row, column]), 4),
        }
        for row, column in pairs
        if share[row, column] > 0
    ]


def write_report(report: dict[str, Any], directory: Path) -> Path:
    """Write report.json into the model's folder; what other commands added to that of the same network stays."""
    path = directory / FILE_NAME
    return write_json(report | kept_sections(path, report["model"].get("sha256")), path)


def _numbered(split: Split) -> Split:
    """The same split with the place of each image for its name, so that a part of it can be found again."""
    return dataclasses.replace(split, names=tuple(str(i) for i in range(len(split))))


def _pair(interval: tuple[float, float]) -> list[float]:
    return [round(value, 4) for value in interval]


def evaluate(predictor: CachedPredictor, data: Fer2013) -> dict[str, dict[str, Any]]:
    """The metrics of every reported split; see ``training.reports.metrics.split_metrics``.

    The ground truth is the labels of ``data``: for a model of votes, pass ``training.data.ferplus.voted(data)``.
    """
    names, threshold = predictor.metadata.labels, predictor.metadata.confidence_threshold
    return {
        name: split_metrics(predictor.predict(split), split.labels, names, threshold)
        for name, split in reported_splits(data, names).items()
    }


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


def write(report: dict[str, Any], directory: Path, plots: Path) -> Path:
    """Write report.json into ``directory`` and the plots made of it into ``plots``; return the report's path."""
    save(report_figures(report), plots)
    return write_report(report, directory)
