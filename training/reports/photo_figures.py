"""The figures of a model on real photos, each with its interval; a photo without a face found counts as wrong.

Intervals are 95 %, from 2,000 samples of the photos with replacement (Efron 1979); those of figures that are made of
recalls are stratified, each sample holding as many photos of an expression as there are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.reports.metrics import negative_log_likelihood

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]
Interval = tuple[float, float]

SAMPLES = 2000
BINS = 10
# How often each expression comes in photos as people take them, in percent: of 998 photos of the same source.
AS_THEY_COME = {"neutral": 51, "happy": 42, "surprise": 3, "sad": 2, "angry": 2}
NO_FACE = -1


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What a model said of n photos.

    ``probabilities`` float32 (n, classes), zeros where no face was ``found`` (n,); ``labels`` (n,) are indices into
    ``names``; ``threshold`` is the confidence from which on an answer counts as sure. ``covered`` float32 (n,) is the
    probability of a covered lower face, NaN where none was found; None where the model does not tell.
    """

    probabilities: NDArray[np.float32]
    found: NDArray[np.bool_]
    labels: Labels
    names: tuple[str, ...]
    threshold: float
    covered: NDArray[np.float32] | None = None

    @property
    def predicted(self) -> Labels:
        """The answer's index (n,), ``NO_FACE`` where there is none."""
        return np.where(self.found, self.probabilities.argmax(axis=1), NO_FACE)

    @property
    def right(self) -> NDArray[np.bool_]:
        """Where the answer is the label (n,)."""
        return self.predicted == self.labels

    @property
    def sure(self) -> NDArray[np.bool_]:
        """Where the confidence reaches the threshold (n,)."""
        return self.found & (self.probabilities.max(axis=1) >= self.threshold)


def photo_figures(answers: Answers) -> dict[str, Any]:
    """All figures of one model, as plain data."""
    present = [i for i in range(len(answers.names)) if (answers.labels == i).any()]
    whole, strata = _whole(len(answers.labels)), _stratified(answers.labels)
    seen = answers.probabilities[answers.found], answers.labels[answers.found]
    return {
        "photos": len(answers.labels),
        "faces_found": int(answers.found.sum()),
        "accuracy": _with_interval(lambda drawn: answers.right[drawn].mean(), whole),
        "mean_recall": _with_interval(lambda drawn: mean_recall(answers, drawn), strata),
        "as_they_come": _with_interval(lambda drawn: as_they_come(answers, drawn), strata),
        "recall": {
            answers.names[i]: _recall_of(answers, i) | {"photos": int((answers.labels == i).sum())}
            for i in present
        },
        "confusion": {
            answers.names[i]: {
                **{
                    name: int(((answers.labels == i) & (answers.predicted == j)).sum())
                    for j, name in enumerate(answers.names)
                },
                "no face": int(((answers.labels == i) & ~answers.found).sum()),
            }
            for i in present
        },
        "calibration": calibration(*seen),
        "nll": _with_interval(
            lambda drawn: negative_log_likelihood(seen[0][drawn], seen[1][drawn]), _whole(len(seen[1]))
        ),
        "sure": {
            "threshold": answers.threshold,
            "coverage": _with_interval(lambda drawn: answers.sure[drawn].mean(), whole),
            "right": _with_interval(lambda drawn: _sure_right(answers, drawn), whole),
        },
    }


def mean_recall(answers: Answers, drawn: Labels | None = None) -> float:
    """The mean of the recalls of the expressions that there are photos of."""
    return float(np.mean(list(_recalls(answers, drawn).values())))


def as_they_come(answers: Answers, drawn: Labels | None = None) -> float:
    """The recalls weighted by how often each expression comes (``AS_THEY_COME``), of those that there are photos of."""
    recalls = {name: r for name, r in _recalls(answers, drawn).items() if name in AS_THEY_COME}
    weights = [AS_THEY_COME[name] for name in recalls]
    return float(np.average(list(recalls.values()), weights=weights)) if recalls else float("nan")


def calibration(probabilities: NDArray[np.float32], labels: Labels, seed: int = 0) -> dict[str, Any]:
    """The expected calibration error over ten bins of as many answers each, and what chance alone would give.

    ``range_if_perfect`` holds 95 % of the errors that a network of the same confidences would show on as many photos
    if each confidence were exactly the chance of being right.
    """
    confidence = probabilities.max(axis=1).astype(np.float64)
    right = (probabilities.argmax(axis=1) == labels).astype(np.float64)
    order = np.argsort(confidence, kind="stable")
    bins = [part for part in np.array_split(order, BINS) if len(part)]
    rng = np.random.default_rng(seed)
    if not bins:
        return {"ece": None, "range_if_perfect": None}
    simulated = rng.random((SAMPLES, len(confidence))) < confidence
    by_chance = [_ece(confidence, one, bins) for one in simulated.astype(np.float64)]
    return {
        "ece": _rounded(_ece(confidence, right, bins)),
        "range_if_perfect": _percentiles(by_chance),
        "mean_confidence": _rounded(confidence.mean()),
        "bins": [[_rounded(confidence[part].mean()), _rounded(right[part].mean())] for part in bins],
    }


def difference(first: Answers, second: Answers) -> dict[str, Any]:
    """How much more the second has, with intervals from the same samples for both (paired bootstrap)."""
    whole, strata = _whole(len(first.labels)), _stratified(first.labels)
    return {
        "accuracy": _with_interval(
            lambda drawn: second.right[drawn].mean() - first.right[drawn].mean(), whole
        ),
        "mean_recall": _with_interval(
            lambda drawn: mean_recall(second, drawn) - mean_recall(first, drawn), strata
        ),
        "as_they_come": _with_interval(
            lambda drawn: as_they_come(second, drawn) - as_they_come(first, drawn), strata
        ),
    }


def covered_figures(answers: Answers, votes: Labels, threshold: float) -> dict[str, Any]:
    """False alarms on photos uncovered for both readers, and how many of those covered for both are recognised.

    ``votes`` (n,) tell how many of two readers found a lower face covered. Photos without a face are left out.
    """
    told = answers.covered if answers.covered is not None else np.full(len(votes), np.nan, np.float32)
    alarm = np.nan_to_num(told, nan=-1.0) >= threshold
    free, both = answers.found & (votes == 0), answers.found & (votes == 2)
    return {
        "threshold": threshold,
        "uncovered": int(free.sum()),
        "false_alarms": int((alarm & free).sum()),
        "covered": int(both.sum()),
        "recognised": int((alarm & both).sum()),
    }


def _recalls(answers: Answers, drawn: Labels | None) -> dict[str, float]:
    labels = answers.labels if drawn is None else answers.labels[drawn]
    right = answers.right if drawn is None else answers.right[drawn]
    return {
        name: float(right[labels == i].mean()) for i, name in enumerate(answers.names) if (labels == i).any()
    }


def _recall_of(answers: Answers, index: int) -> dict[str, Any]:
    right = answers.right[answers.labels == index]
    return _with_interval(lambda drawn: right[drawn].mean(), _whole(len(right)))


def _sure_right(answers: Answers, drawn: Labels) -> float:
    sure = answers.sure[drawn]
    return float(answers.right[drawn][sure].mean()) if sure.any() else float("nan")


def _ece(confidence: Floats, right: Floats, bins: list[Labels]) -> float:
    gaps = [len(part) * abs(confidence[part].mean() - right[part].mean()) for part in bins]
    return float(sum(gaps) / len(confidence))


def _whole(count: int, seed: int = 0) -> Labels:
    """Samples with replacement (SAMPLES + 1, count); the first row is all of them as they are."""
    drawn = np.random.default_rng(seed).integers(0, max(count, 1), (SAMPLES, count))
    return np.concatenate([np.arange(count)[np.newaxis], drawn])


def _stratified(labels: Labels, seed: int = 0) -> Labels:
    """The same, with as many of each label in every row."""
    rng, rows = np.random.default_rng(seed), [np.arange(len(labels))[np.newaxis].repeat(SAMPLES + 1, axis=0)]
    for label in np.unique(labels):
        places = np.flatnonzero(labels == label)
        rows[0][1:, places] = places[rng.integers(0, len(places), (SAMPLES, len(places)))]
    return rows[0]


def _with_interval(figure: Callable[[Labels], Any], samples: Labels) -> dict[str, Any]:
    """The figure on everything, and its interval over the samples; None where it is undefined."""
    if samples.shape[1] == 0:
        return {"value": None, "interval": None}
    value = float(figure(samples[0]))
    if np.isnan(value):
        return {"value": None, "interval": None}
    return {"value": _rounded(value), "interval": _percentiles([float(figure(row)) for row in samples[1:]])}


def _percentiles(values: list[float]) -> list[float]:
    return [_rounded(v) for v in np.nanpercentile(values, [2.5, 97.5])]


def _rounded(value: float) -> float:
    return round(float(value), 4)
