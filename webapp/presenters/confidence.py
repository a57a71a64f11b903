"""How often such an answer was right in the test, and the runner-up; templates/_macros.html has the sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from model.store.metadata import Metadata
from model.types import Prediction

# A second place this near to the first is worth naming.
CLOSE = 0.15
# The test set that no choice was made on, without the images that training also holds: only of the rest is it true
# that the model had never seen them. With fewer answers than this its share of right ones says little.
SPLIT = "PrivateTest_without_twins"
MIN_ANSWERS = 100
MIN_ANSWERS_IN_BIN = 50
BINS = 15  # As ``training.reports.metrics.reliability`` cuts the confidence of 0…1.


@dataclass(frozen=True, slots=True)
class Measured:
    """Answers of a test."""

    answers: int
    right: float  # The share of them that was right, 0…1.
    alike: bool  # Whether they are those about as confident as the answer, or all above the threshold.
    label_source: str  # "fer2013" or "ferplus": by which labels they are right.


@dataclass(frozen=True, slots=True)
class TrackRecord:
    """How often the model was right in the test."""

    confident: Measured | None  # Above the threshold.
    by_confidence: Mapping[int, Measured]  # By the bin's number.

    def of(self, prediction: Prediction) -> Measured | None:
        """Return how often answers like this one were right; None where too few were measured to tell."""
        alike = self.by_confidence.get(min(int(prediction.confidence * BINS), BINS - 1))
        if alike is not None and alike.answers >= MIN_ANSWERS_IN_BIN:
            return alike
        if self.confident is not None and self.confident.answers >= MIN_ANSWERS:
            return self.confident
        return None


def track_record(metadata: Metadata, report: Mapping[str, Any] | None) -> TrackRecord:
    """Return the track record from what the report has of the test set that no choice was made on."""
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
    )


def runner_up(prediction: Prediction) -> tuple[str, float] | None:
    """Return label and probability of the second place where it is close to the first, and None otherwise."""
    ranked = prediction.ranked()
    if len(ranked) < 2 or ranked[0][1] - ranked[1][1] > CLOSE:
        return None
    label, probability = ranked[1]
    return label, probability
