"""How sure an answer is: the sentence, the figures, the runner-up, and how often such answers were right."""

from __future__ import annotations

from model.metadata import Metadata
from model.stages import Prediction
from webapp.presenters import words

# A second place this near to the first is worth naming.
CLOSE = 0.15
# The test set that no choice was made on, without the images that training also holds: only of the rest is it true
# that the model had never seen them. With fewer answers than this its share of right ones says little.
SPLIT = "PrivateTest_without_twins"
ENOUGH_ANSWERS = 100


def sentence(prediction: Prediction) -> str:
    """Return the answer in one sentence; under the threshold it says that there is no answer."""
    if prediction.confident:
        return f"Looks {words.adjective(prediction.emotion)}."
    return "Too close to call."


def detail(prediction: Prediction) -> str:
    """Return how sure the model is, in words and figures."""
    share = words.percent(prediction.confidence)
    if prediction.confident:
        return f"The model is {words.certainty(prediction.confidence, prediction.threshold)}: {share}."
    return (
        f"The best guess is “{words.adjective(prediction.emotion)}” with {share}, but under "
        f"{words.percent(prediction.threshold)} the model counts as not sure."
    )


def runner_up(prediction: Prediction) -> str:
    """Return a sentence about the second place where it is close to the first, and an empty one otherwise."""
    ranked = prediction.ranked()
    if len(ranked) < 2:
        return ""
    (_, first), (label, second) = ranked[:2]
    if first - second > CLOSE:
        return ""
    return f"Close behind: {words.adjective(label)}, with {words.percent(second)}."


def track_record(metadata: Metadata) -> str:
    """Return how often the model was right in the test when it was sure enough to answer.

    Empty where the metadata has no such measurement, or one on too few answers to mean anything.
    """
    measured = metadata.raw.get("metrics", {}).get(SPLIT, {})
    images = int(measured.get("images") or 0)
    sure = measured.get("confident") or {}
    right = sure.get("accuracy")
    if right is None or images * float(sure.get("coverage") or 0) < ENOUGH_ANSWERS:
        return ""
    return (
        f"Of the answers it is sure enough to give, {words.in_ten(float(right))} are right "
        f"({words.percent(float(right))}), measured on {words.thousands(images)} faces it had never seen."
    )
