"""How far a figure measured on so many images may be from the truth: 95 % intervals."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

Labels = NDArray[np.int64]
Interval = tuple[float, float]

SAMPLES = 1000


def wilson_interval(right: int, images: int) -> Interval:
    """The 95 % interval of a share counted as ``right`` of ``images`` (Wilson 1927); (0, 1) for none.

    Unlike the textbook's ± formula it stays inside 0…1 and is honest for few images.
    """
    if images == 0:
        return 0.0, 1.0
    interval = binomtest(right, images).proportion_ci(method="wilson")
    return float(interval.low), float(interval.high)


def bootstrap_mean(values: NDArray[np.float64], seed: int = 0) -> Interval:
    """The 95 % interval of the mean of ``values`` (n,), one an image, from 1,000 samples of the images."""
    drawn = np.random.default_rng(seed).integers(0, len(values), (SAMPLES, len(values)))
    low, high = np.percentile(values[drawn].mean(axis=1), [2.5, 97.5])
    return float(low), float(high)


def bootstrap_macro_f1(predicted: Labels, labels: Labels, classes: int, seed: int = 0) -> Interval:
    """The 95 % interval of the macro-F1, from 1,000 samples of the images with replacement (Efron 1979)."""
    rng = np.random.default_rng(seed)
    scores = []
    for _ in range(SAMPLES):
        drawn = rng.integers(0, len(labels), len(labels))
        scores.append(macro_f1(predicted[drawn], labels[drawn], classes))
    low, high = np.percentile(scores, [2.5, 97.5])
    return float(low), float(high)


def bootstrap_differences(
    first: Labels, second: Labels, labels: Labels, classes: int, seed: int = 0
) -> tuple[Interval, Interval]:
    """The 95 % intervals of how much more accuracy and macro-F1 the second of two answers to the same images has.

    ``first`` and ``second`` are predicted indices (n,), like ``labels``. Both are judged on the same 1,000 samples of
    the images, so that what is hard for both does not widen the interval (paired bootstrap, Efron 1979).
    """
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(SAMPLES):
        drawn = rng.integers(0, len(labels), len(labels))
        one, other, truth = first[drawn], second[drawn], labels[drawn]
        accuracy = np.mean(other == truth) - np.mean(one == truth)
        found.append((accuracy, macro_f1(other, truth, classes) - macro_f1(one, truth, classes)))
    (low, least), (high, most) = np.percentile(found, [2.5, 97.5], axis=0)
    return (float(low), float(high)), (float(least), float(most))


def mcnemar(only_first: int, only_second: int) -> float:
    """How likely so uneven a split would be if both answers were equally good: the exact two-sided p (McNemar 1947).

    Of the images that one of two answers got right, the first alone and the second alone; 1 for none.
    """
    if only_first + only_second == 0:
        return 1.0
    return float(binomtest(only_first, only_first + only_second).pvalue)


def macro_f1(predicted: Labels, labels: Labels, classes: int) -> float:
    """What scikit-learn's f1_score gives, from counts: a thousand calls of that would take half a minute."""
    table = np.bincount(labels * classes + predicted, minlength=classes * classes).reshape(classes, classes)
    hits = np.diag(table)
    sums = table.sum(axis=0) + table.sum(axis=1)
    return float(np.mean(np.divide(2 * hits, sums, out=np.zeros(classes), where=sums > 0)))
