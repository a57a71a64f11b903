"""How sure an answer is: the sentence, the figures, the runner-up, and how often such answers were right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from model.store.metadata import Metadata
from model.types import Prediction
from webapp.presenters import formatters, messages

# A second place this near to the first is worth naming.
CLOSE = 0.15
# The test set that no choice was made on, without the images that training also holds: only of the rest is it true
# that the model had never seen them. With fewer answers than this its share of right ones says little.
SPLIT = "PrivateTest_without_twins"
MIN_ANSWERS = 100
MIN_ANSWERS_IN_BIN = 50
BINS = 15
TRUTH = {"fer2013": "are right", "ferplus": "are what most people say"}


def sentence(prediction: Prediction) -> str:
    """Return the answer in one sentence; under the threshold it says that there is no answer."""
    if prediction.confident:
        return f"Looks {messages.adjective(prediction.emotion)}."
    return "Too close to call."


def detail(prediction: Prediction) -> str:
    """Return how sure the model is, in words and figures."""
    share = formatters.percent(prediction.confidence)
    if prediction.confident:
        return f"The model is {messages.certainty(prediction.confidence, prediction.threshold)}: {share}."
    return (
        f"The best guess is “{messages.adjective(prediction.emotion)}” with {share}, but under "
        f"{formatters.percent(prediction.threshold)} the model counts as not sure."
    )


def runner_up(prediction: Prediction) -> str:
    """Return a sentence about the second place where it is close to the first, and an empty one otherwise."""
    ranked = prediction.ranked()
    if len(ranked) < 2:
        return ""
    (_, first), (label, second) = ranked[:2]
    if first - second > CLOSE:
        return ""
    return f"Close behind: {messages.adjective(label)}, with {formatters.percent(second)}."


@dataclass(frozen=True, slots=True)
class Measured:
    """Answers of a test: how many, and which share of them was right."""

    answers: int
    right: float


@dataclass(frozen=True, slots=True)
class TrackRecord:
    """How often the model was right in the test: when it was sure at all, and by how sure it was.

    ``by_confidence`` has the answers of each fifteenth of the confidence, lowest first, by its number.
    """

    sure: Measured | None
    by_confidence: Mapping[int, Measured]
    truth: str

    def said_of(self, prediction: Prediction) -> str:
        """Return how often answers like this one were right; empty where too few were measured to tell."""
        like_this = self.by_confidence.get(_bin(prediction.confidence))
        if like_this is not None and like_this.answers >= MIN_ANSWERS_IN_BIN:
            return self._sentence("answers this sure", like_this)
        if self.sure is not None and self.sure.answers >= MIN_ANSWERS:
            return self._sentence("the answers it is sure enough to give", self.sure)
        return ""

    def _sentence(self, which: str, measured: Measured) -> str:
        return (
            f"Of {which}, {formatters.in_ten(measured.right)} {self.truth} ({formatters.percent(measured.right)}), "
            f"measured on {formatters.thousands(measured.answers)} faces it had never seen."
        )


def track_record(metadata: Metadata) -> TrackRecord:
    """Return the track record from what the metadata has of the test set that no choice was made on."""
    measured = metadata.metrics.get(SPLIT, {})
    sure = measured.get("confident") or {}
    answers = round(int(measured.get("images") or 0) * float(sure.get("coverage") or 0))
    right = sure.get("accuracy")
    bins = measured.get("reliability") or ()
    return TrackRecord(
        None if right is None else Measured(answers, float(right)),
        {_bin(b["confidence"]): Measured(int(b["images"]), float(b["accuracy"])) for b in bins},
        TRUTH[metadata.label_source],
    )


def _bin(confidence: float) -> int:
    """The bin that a confidence of 0…1 falls into, as ``training.reports.metrics.reliability`` cuts them."""
    return min(int(confidence * BINS), BINS - 1)
