"""The metrics of a report, on cases counted by hand."""

import numpy as np
import pytest

from model.classifier import softmax
from training.reports.metrics import (
    choose_threshold,
    expected_calibration_error,
    fit_temperature,
    negative_log_likelihood,
    split_metrics,
)

NAMES = ("cat", "dog", "owl")
PROBABILITIES = np.array([[0.8, 0.1, 0.1], [0.6, 0.3, 0.1], [0.1, 0.7, 0.2], [0.4, 0.35, 0.25]], np.float32)
LABELS = np.array([0, 1, 1, 0])


def test_a_report_counted_by_hand():
    report = split_metrics(PROBABILITIES, LABELS, NAMES, threshold=0.6)
    assert report["images"] == 4
    assert report["accuracy"] == 0.75
    assert report["confusion_matrix"] == [[2, 0, 0], [1, 1, 0], [0, 0, 0]]
    assert report["per_class"]["cat"] == {"precision": 0.66667, "recall": 1.0, "f1": 0.8, "support": 2}
    assert report["per_class"]["owl"] == {"precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 0}
    assert report["confident"] == {"threshold": 0.6, "coverage": 0.75, "accuracy": 0.66667}


def test_nobody_confident_is_no_accuracy():
    assert split_metrics(PROBABILITIES, LABELS, NAMES, threshold=0.9)["confident"]["accuracy"] is None


def test_negative_log_likelihood():
    expected = -np.log([0.8, 0.3, 0.7, 0.4]).mean()
    assert negative_log_likelihood(PROBABILITIES, LABELS) == pytest.approx(expected, abs=1e-6)


def test_calibration_error_is_the_gap_between_confidence_and_accuracy():
    probabilities = np.tile(np.array([[0.9, 0.1]], np.float32), (10, 1))
    assert expected_calibration_error(probabilities, np.zeros(10, int)) == pytest.approx(0.1, abs=1e-6)
    assert expected_calibration_error(probabilities, np.array([0] * 9 + [1])) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("true_temperature", [0.5, 1.0, 2.5])
def test_the_temperature_that_made_the_labels_is_found(true_temperature):
    rng = np.random.default_rng(9)
    logits = rng.normal(0, 3, (20_000, 4)).astype(np.float32)
    probabilities = softmax(logits / true_temperature)
    labels = (probabilities.cumsum(axis=1) < rng.random((len(logits), 1))).sum(axis=1)
    assert fit_temperature(logits, np.minimum(labels, 3)) == pytest.approx(true_temperature, rel=0.05)


def test_the_threshold_is_the_lowest_that_keeps_the_accuracy():
    assert choose_threshold(PROBABILITIES, LABELS, 0.6) == pytest.approx(0.4, abs=1e-6)
    assert choose_threshold(PROBABILITIES, LABELS, 0.9) == pytest.approx(0.7, abs=1e-6)
