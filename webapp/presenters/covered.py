"""View of a face of which a part is covered: both readings, expression by expression."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from model.geometry import Pixels
from model.inside.parts import Mask, Part
from model.types import Prediction
from webapp.presenters import formatters, messages
from webapp.presenters.expressions import in_order, tones
from webapp.presenters.images import ImageView, png

LEAST = 0.01  # Difference of shares that counts as one.
PART_WORDS: dict[Part, str] = {
    "mouth": "the mouth",
    "eyes": "the eyes",
    "left": "the left half",
    "right": "the right half",
}
ALT = "What the network read: the face in few gray pixels, what is covered in one gray"
UNSURE = "not sure, perhaps {word}"


@dataclass(frozen=True, slots=True)
class CoverRow:
    """One expression before and after."""

    label: str  # Adjective.
    tone: str
    letter: str
    before: float  # Share 0…1.
    after: float  # Share 0…1.
    before_percent: str
    after_percent: str
    change: str  # Percentage points with a sign; "" for less than one.


@dataclass(frozen=True, slots=True)
class CoverView:
    """A face before and after a part of it was covered."""

    parts: tuple[str, ...]  # What is covered, in words; empty for the brush alone.
    share: str  # Of the picture that is covered.
    image: ImageView  # What the network read.
    before: str  # The answers in a word or two.
    after: str
    turned: bool  # Whether the answer is another one.
    noticed: str  # Probability that the lower face is covered; "" if the model does not tell.
    rows: tuple[CoverRow, ...]


def present_cover(
    parts: Sequence[str], mask: Mask, covered: Pixels, before: Prediction, after: Prediction
) -> CoverView:
    """Return the view; ``covered`` is the network input after covering ``mask``."""
    first, second = dict(before.ranked()), dict(after.ranked())
    drawn = tones(before.labels)
    rows = tuple(
        CoverRow(
            messages.adjective(label),
            drawn[label].name,
            drawn[label].letter,
            first[label],
            second[label],
            formatters.short_percent(first[label]),
            formatters.short_percent(second[label]),
            _change(second[label] - first[label]),
        )
        for label in in_order(before.labels)
    )
    return CoverView(
        tuple(parts),
        formatters.percent(float(np.mean(mask))),
        png(covered, ALT),
        _brief(before),
        _brief(after),
        before.emotion != after.emotion,
        "" if after.covered is None else formatters.percent(after.covered),
        rows,
    )


def _brief(prediction: Prediction) -> str:
    word = messages.adjective(prediction.emotion)
    return word if prediction.confident else UNSURE.format(word=word)


def _change(difference: float) -> str:
    if abs(difference) < LEAST:
        return ""
    sign = "+" if difference > 0 else "\N{MINUS SIGN}"
    return f"{sign}{abs(100 * difference):.0f}"
