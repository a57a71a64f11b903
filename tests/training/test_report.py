"""The report: coverage of the intervals, curves, votes beside labels, no data set images in the repository."""

import json

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, f1_score

from training.configs.schema import LABELS
from training.data.fer2013 import Split
from training.reports.intervals import bootstrap_macro_f1, wilson_interval
from training.reports.metrics import brier_score, reliability, risk_coverage
from training.reports.misclassified import ROOT, refuse_tracked, write_sheets
from training.reports.plots import report_figures
from training.reports.report import confused_pairs, measure, write_report


@pytest.fixture
def answers():
    """Probabilities of 400 faces whose confidence is about as high as they are often right, and their labels."""
    rng = np.random.default_rng(21)
    logits = rng.normal(0, 1.5, (400, 7))
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = (probabilities.cumsum(axis=1) < rng.random((400, 1))).sum(axis=1)
    return probabilities.astype(np.float32), np.minimum(labels, 6).astype(np.int64)


def test_wilsons_interval_is_the_textbooks():
    # Newcombe 1998, table I: 81 of 263 and 0 of 20.
    assert wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert wilson_interval(0, 20) == pytest.approx((0.0, 0.1611), abs=1e-4)
    assert wilson_interval(0, 0) == (0.0, 1.0)


def test_the_bootstrap_surrounds_the_score_and_repeats(answers):
    probabilities, labels = answers
    predicted = probabilities.argmax(axis=1)
    low, high = bootstrap_macro_f1(predicted, labels, 7)
    assert low < f1_score(labels, predicted, average="macro") < high
    assert high - low < 0.15
    assert (low, high) == bootstrap_macro_f1(predicted, labels, 7)


def test_the_brier_score_is_scikit_learns():
    chances = np.array([0.9, 0.2, 0.6])
    truth = np.array([1, 0, 0])
    both = np.column_stack([1 - chances, chances]).astype(np.float32)
    # Summed over both classes, so twice the score that is counted on one.
    assert brier_score(both, truth) == pytest.approx(2 * brier_score_loss(truth, chances), abs=1e-6)


def test_reliability_and_risk_count_every_answer_once(answers):
    probabilities, labels = answers
    bins = reliability(probabilities, labels)
    right = int((probabilities.argmax(axis=1) == labels).sum())
    assert sum(b.images for b in bins) == 400
    assert sum(b.right for b in bins) == right
    coverage, risk = risk_coverage(probabilities, labels)
    assert coverage[-1] == 1
    assert risk[-1] == pytest.approx(1 - right / 400)
    assert risk[:100].mean() < risk[-1], "the surest answers are wrong less often"


def test_confused_pairs_are_shares_of_the_true_label():
    matrix = np.array([[6, 4, 0], [1, 9, 0], [0, 0, 0]])
    pairs = confused_pairs(matrix, ("cat", "dog", "owl"))
    assert [(p["label"], p["read_as"], p["images"], p["share"]) for p in pairs] == [
        ("cat", "dog", 4, 0.4),
        ("dog", "cat", 1, 0.1),
    ]


class Known:
    """As much of a model's metadata as the measuring of given answers needs."""

    labels = LABELS
    confidence_threshold = 0.5


def test_a_report_can_be_written_read_and_drawn(answers, tmp_path):
    probabilities, labels = answers
    figures = measure(probabilities, labels, Known)
    low, high = figures["accuracy_interval"]
    assert low < figures["accuracy"] < high
    report = {"model": {"target": "fer2013"}, "truths": {"fer2013": {"PrivateTest": figures}}}
    path = write_report(report, tmp_path)
    assert json.loads(path.read_text(encoding="utf-8")) == report
    assert path.read_text(encoding="utf-8").count("\n") == 1
    assert set(report_figures(report)) == {"reliability", "risk_coverage", "per_class", "confused_pairs"}


def test_sheets_of_errors_show_the_surest_first_outside_the_repository(answers, tmp_path):
    probabilities, labels = answers
    images = np.random.default_rng(3).integers(0, 256, (400, 48, 48), np.uint8)
    votes = np.zeros((400, 10), np.int64)
    votes[:, 0] = 7
    split = Split(images, labels, tuple(str(i) for i in range(400)), votes)
    paths = write_sheets(split, probabilities, LABELS, tmp_path / "sheets", pages=2)
    assert [path.name for path in paths] == ["page-1.png", "page-2.png"]
    assert min(path.stat().st_size for path in paths) > 20_000


@pytest.mark.parametrize("folder", ["plots", "model/saved/attention_cnn", "docs/sheets", "."])
def test_sheets_of_data_set_images_never_land_in_the_repository(folder):
    with pytest.raises(ValueError, match="must not get there"):
        refuse_tracked(ROOT / folder)
    refuse_tracked(ROOT / "runs" / "sheets")
