"""Calibrate the answer: one head of both heads' logits, and a scale and an offset for each expression.

Fitted on what nothing was trained on: PublicTest's votes together with the real photos of ``select``. PublicTest keeps
the shares of votes right, the photos say how often each expression comes outside of FER-2013 (vector scaling, Guo et
al. 2017, https://arxiv.org/abs/1706.04599, with one scale; the offsets are a correction of the prior, Menon et al.
2021). Everything is linear in the features, so the result is one dense layer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import logsumexp

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Logits:
    """What the two heads say of n faces."""

    votes: Floats  # (n, 7)
    label: Floats  # (n, 7)

    def where(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> Logits:
        """Some of them."""
        return Logits(self.votes[chosen], self.label[chosen])


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """log p = log softmax(scale · ((1 − blend) · votes + blend · label) + offsets)."""

    blend: float  # share of the label's logits, 0…1
    scale: float  # inverse temperature
    offsets: Floats  # (7,)

    def log_probabilities(self, logits: Logits) -> Floats:
        """Of the calibrated answer, (n, 7)."""
        z = self.scale * ((1 - self.blend) * logits.votes + self.blend * logits.label) + self.offsets
        return np.asarray(z - logsumexp(z, axis=1, keepdims=True))

    def head(
        self, votes: tuple[Floats, Floats], label: tuple[Floats, Floats]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The one dense layer, kernel (features, 7) and bias (7,), of the two heads'."""
        kernel, bias = (
            self.scale * ((1 - self.blend) * of_votes + self.blend * of_label)
            for of_votes, of_label in zip(votes, label, strict=True)
        )
        return np.asarray(kernel, np.float32), np.asarray(bias + self.offsets, np.float32)


@dataclass(frozen=True, slots=True)
class Weights:
    """What the fit weighs."""

    votes: float  # PublicTest's votes, image by image
    rare: float  # PublicTest's votes, every expression alike
    as_they_come: float  # of the photos: 1 weighs expressions as photos come, 0 all alike
    blend: float  # fixed share of the label's logits
    ridge: float = 0.01  # on the squared offsets


def fit(
    public: Logits,
    shares: Floats,
    counted: Floats,
    photos: Logits,
    labels: NDArray[np.int64],
    frequencies: Floats,
    weights: Weights,
) -> Calibration:
    """Fit scale and offsets.

    ``shares`` (n, 7) are PublicTest's votes and ``counted`` (n,) what each image counts; ``labels`` (m,) are those of
    the photos, and ``frequencies`` (7,) how often each expression comes in photos, 0 for those that are not among them.
    """
    answer = shares.argmax(axis=1)
    often = np.bincount(answer, counted, minlength=shares.shape[1])
    rare = counted / np.maximum(often[answer], 1e-9)
    there = frequencies > 0
    per_class = (1 - weights.as_they_come) * there / there.sum() + weights.as_they_come * frequencies
    photo = per_class[labels] / np.bincount(labels, minlength=len(frequencies))[labels]

    def loss(values: Floats) -> float:
        tried = Calibration(weights.blend, float(np.exp(values[0])), values[1:])
        given = -(shares * tried.log_probabilities(public)).sum(axis=1)
        wrong = -tried.log_probabilities(photos)[np.arange(len(labels)), labels]
        return float(
            weights.votes * np.average(given, weights=counted)
            + weights.rare * np.average(given, weights=rare)
            + np.average(wrong, weights=photo)
            + weights.ridge * np.square(values[1:]).sum()
        )

    found = minimize(loss, np.zeros(1 + shares.shape[1]), method="L-BFGS-B").x
    return Calibration(weights.blend, float(np.exp(found[0])), found[1:] - found[1:].mean())


def calibration_error(probabilities: NDArray[np.float32], labels: NDArray[np.int64], bins: int = 10) -> float:
    """Expected calibration error of the first answer over bins of equal mass (Guo et al. 2017)."""
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    parts = np.array_split(np.argsort(confidence, kind="stable"), bins)
    return float(
        sum(len(part) * abs(confidence[part].mean() - right[part].mean()) for part in parts) / len(labels)
    )
