"""The metrics of a classifier on one split, and the two numbers that are fitted to its logits."""

from __future__ import annotations

from dataclasses import dataclass
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
    """Every metric of one split, as plain data for report.json.

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
        "balanced_accuracy": _rounded(recall[support > 0].mean()),
        "nll": _rounded(negative_log_likelihood(probabilities, labels)),
        "brier": _rounded(brier_score(probabilities, labels)),
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
        "reliability": [
            {"images": b.images, "confidence": _rounded(b.confidence), "accuracy": _rounded(b.accuracy)}
            for b in reliability(probabilities, labels)
        ],
        "confusion_matrix": confusion_matrix(labels, predicted, labels=indices).tolist(),
    }


def negative_log_likelihood(probabilities: Floats, labels: Labels) -> float:
    """Mean of −ln p(true class), nats."""
    chosen = probabilities[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(chosen, 1e-12)).mean())


def brier_score(probabilities: Floats, labels: Labels) -> float:
    """Mean squared distance from the true class's one-hot vector, 0…2, summed over the classes (Brier 1950)."""
    truth = np.eye(probabilities.shape[1], dtype=np.float32)[labels]
    return float(((probabilities - truth) ** 2).sum(axis=1).mean())


def expected_calibration_error(probabilities: Floats, labels: Labels, bins: int = 15) -> float:
    """Mean gap between confidence and accuracy over equal-width confidence bins, weighted by their images.

    Guo et al. 2017, "On Calibration of Modern Neural Networks".
    """
    return float(
        sum(abs(b.accuracy - b.confidence) * b.images for b in reliability(probabilities, labels, bins))
        / len(labels)
    )


@dataclass(frozen=True, slots=True)
class Bin:
    """One bin of the reliability diagram."""

    images: int
    confidence: float  # mean, 0…1
    accuracy: float  # 0…1
    right: int  # images


def reliability(probabilities: Floats, labels: Labels, bins: int = 15) -> list[Bin]:
    """Equal-width confidence bins that hold an answer, lowest first: the reliability diagram's points."""
    confidence = probabilities.max(axis=1).astype(np.float64)
    right = probabilities.argmax(axis=1) == labels
    bin_of = np.minimum((confidence * bins).astype(int), bins - 1)
    found = [bin_of == b for b in range(bins)]
    return [
        Bin(int(m.sum()), float(confidence[m].mean()), float(right[m].mean()), int(right[m].sum()))
        for m in found
        if m.any()
    ]


def risk_coverage(probabilities: Floats, labels: Labels) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Coverage (n,) and the risk at it (n,): the share of wrong answers among the surest 1, 2, … n images.

    El-Yaniv and Wiener 2010, "On the Foundations of Noise-free Selective Classification"; the mean risk is the area
    under this curve (AURC).
    """
    order = np.argsort(-probabilities.max(axis=1), kind="stable")
    wrong = (probabilities.argmax(axis=1) != labels)[order]
    counts = np.arange(1, len(labels) + 1)
    return counts / len(labels), np.cumsum(wrong) / counts


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
