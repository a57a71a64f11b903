"""Measured accuracy of predictions of the same confidence, and the runner-up; the sentences are in _macros.html."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from model.store.metadata import Metadata
from model.types import Prediction

# Largest difference of probability at which the runner-up is shown.
CLOSE = 0.15
TOO_CLOSE = 0.1  # Difference of the two highest probabilities up to which they are too close to call.
CLEARLY_FREE = 0.5  # Fraction of the threshold; between that and the threshold, "covered" is left undecided.
# The test set that no choice was made on, without duplicates of training images. With fewer answers than these minima
# an accuracy is not shown.
SPLIT = "PrivateTest_without_twins"
MIN_ANSWERS = 100
MIN_ANSWERS_IN_BIN = 50
BINS = 15  # Of the confidence 0…1, as in ``training.reports.metrics.reliability``.


# Whether the lower face is covered.
Cover = Literal["covered", "free", "unknown"]


@dataclass(frozen=True, slots=True)
class Measured:
    """Accuracy of a group of test predictions."""

    answers: int  # Number of predictions.
    right: float  # Their accuracy, 0…1.
    alike: bool  # Whether they are those of about the same confidence, or all above the threshold.
    label_source: str  # "fer2013", "ferplus" (labels of the test set) or "photos" (real photos).


@dataclass(frozen=True, slots=True)
class TrackRecord:
    """The model's measured accuracy."""

    confident: Measured | None  # Test predictions above the threshold.
    by_confidence: Mapping[int, Measured]  # Test predictions by number of the confidence bin.
    photos: Measured | None = None  # Predictions for real photos above the threshold.

    def of(self, prediction: Prediction) -> Measured | None:
        """Return the accuracy on real photos, else of test predictions like this one; None if too few were measured.

        Those are the ones of the same confidence or, if they are too few, all above the threshold.
        """
        if self.photos is not None and self.photos.answers >= MIN_ANSWERS:
            return self.photos
        alike = self.by_confidence.get(min(int(prediction.confidence * BINS), BINS - 1))
        if alike is not None and alike.answers >= MIN_ANSWERS_IN_BIN:
            return alike
        if self.confident is not None and self.confident.answers >= MIN_ANSWERS:
            return self.confident
        return None


def track_record(metadata: Metadata, report: Mapping[str, Any] | None) -> TrackRecord:
    """Return the track record from SPLIT in the report."""
    source = metadata.label_source
    sources: Mapping[str, Any] = (report or {}).get("truths") or {}
    measured = sources.get(source, {}).get(SPLIT, {})
    confident = measured.get("confident") or {}
    answers = round(int(measured.get("images") or 0) * float(confident.get("coverage") or 0))
    right = confident.get("accuracy")
    return TrackRecord(
        None if right is None else Measured(answers, float(right), alike=False, label_source=source),
        {
            min(int(part["confidence"] * BINS), BINS - 1): Measured(
                int(part["images"]), float(part["accuracy"]), alike=True, label_source=source
            )
            for part in measured.get("reliability") or ()
        },
        _on_photos((report or {}).get("real_photos") or {}),
    )


def _on_photos(figures: Mapping[str, Any]) -> Measured | None:
    """Accuracy of the confident predictions for real photos, from the section of ``training.real_photos``."""
    sure = figures.get("sure") or {}
    right, coverage = ((sure.get(name) or {}).get("value") for name in ("right", "coverage"))
    if right is None or coverage is None:
        return None
    answers = round(float(coverage) * int(figures["photos"]))
    return Measured(answers, float(right), alike=False, label_source="photos")


def too_close(shares: Mapping[str, float]) -> bool:
    """Return whether the two highest probabilities are too close to call, in whole percent as they are shown."""
    first, second, *_ = (*sorted(shares.values(), reverse=True), 0.0, 0.0)
    return round(first - second, 2) <= TOO_CLOSE


def cover(prediction: Prediction) -> Cover:
    """Return whether the lower face is covered; "unknown" if the model does not predict it or is undecided."""
    if prediction.looks_covered:
        return "covered"
    if prediction.covered is None or prediction.covered_threshold is None:
        return "unknown"
    return "free" if prediction.covered < CLEARLY_FREE * prediction.covered_threshold else "unknown"


def runner_up(prediction: Prediction) -> tuple[str, float] | None:
    """Return label and probability of the second most probable label if it is within CLOSE of the first, else None."""
    ranked = prediction.ranked()
    if len(ranked) < 2 or ranked[0][1] - ranked[1][1] > CLOSE:
        return None
    label, probability = ranked[1]
    return label, probability
