"""The figures of a classifier on one split, and the two numbers that are fitted to its logits."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from model.classifier import softmax

Floats = NDArray[np.float32]
Labels = NDArray[np.int64]


def split_metrics(
    probabilities: Floats, labels: Labels, names: tuple[str, ...], threshold: float
) -> dict[str, Any]:
    """Every figure of one split, as plain data for metadata.json.

    ``probabilities`` (n, classes) and true ``labels`` (n,). The confusion matrix has a row for each true class.
    ``confident`` tells how often the highest probability reaches ``threshold`` and how often it is then right.
    """
    predicted = probabilities.argmax(axis=1)
    right = predicted == labels
    indices = np.arange(len(names))
    precision, recall, f1, support = precision_recall_fscore_support(
        labels, predicted, labels=indices, zero_division=0
    )
    sure = probabilities.max(axis=1) >= threshold
    return {
        "images": len(labels),
        "accuracy": _rounded(right.mean()),
        "macro_f1": _rounded(f1.mean()),
        "nll": _rounded(negative_log_likelihood(probabilities, labels)),
        "ece": _rounded(expected_calibration_error(probabilities, labels)),
        "confident": {
            "threshold": threshold,
            "coverage": _rounded(sure.mean()),
            "accuracy": _rounded(right[sure].mean()) if sure.any() else None,
        },
        "per_class": {
            name: {
                "precision": _rounded(precision[i]),
                "recall": _rounded(recall[i]),
                "f1": _rounded(f1[i]),
                "support": int(support[i]),
            }
            for i, name in enumerate(names)
        },
        "confusion_matrix": confusion_matrix(labels, predicted, labels=indices).tolist(),
    }


def negative_log_likelihood(probabilities: Floats, labels: Labels) -> float:
    """Mean of −ln p(true class), nats."""
    chosen = probabilities[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(chosen, 1e-12)).mean())


def expected_calibration_error(probabilities: Floats, labels: Labels, bins: int = 15) -> float:
    """Mean gap between confidence and accuracy over equal-width confidence bins, weighted by their images.

    Guo et al. 2017, "On Calibration of Modern Neural Networks".
    """
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    bin_of = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [
        abs(float(right[bin_of == b].mean()) - float(confidence[bin_of == b].mean()))
        * float((bin_of == b).mean())
        for b in range(bins)
        if (bin_of == b).any()
    ]
    return float(sum(gaps))


def fit_temperature(logits: Floats, labels: Labels) -> float:
    """The temperature in 0.25…4 that minimises the negative log likelihood of logits / temperature (Guo et al.)."""
    result = minimize_scalar(
        lambda log_t: negative_log_likelihood(softmax(logits / np.exp(log_t)), labels),
        bounds=(np.log(0.25), np.log(4.0)),
        method="bounded",
    )
    return float(np.exp(result.x))


def choose_threshold(probabilities: Floats, labels: Labels, target: float) -> float:
    """The lowest confidence from which on the accuracy is at least ``target`` (highest confidence if none is)."""
    confidence = probabilities.max(axis=1)
    order = np.argsort(-confidence)
    right = (probabilities.argmax(axis=1) == labels)[order]
    accuracy = np.cumsum(right) / np.arange(1, len(right) + 1)
    enough = np.flatnonzero(accuracy >= target)
    return float(confidence[order][enough[-1] if len(enough) else 0])


def _rounded(value: float) -> float:
    return round(float(value), 5)
