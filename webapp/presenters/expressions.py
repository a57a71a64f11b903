"""How expressions are drawn: one order, a tone for each, and ten small figures.

A tone is the name of a colour in static/css/expressions.css and, for the seven expressions, of a face in
templates/_figures.svg. The labels of other models get numbered tones, and a letter or two in place of the face.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from model.output.votes import PEOPLE, out_of_ten
from webapp.presenters import messages

# From bright to dark, the same on every card.
ORDER = ("happy", "surprise", "neutral", "sad", "fear", "disgust", "angry")
# As other data sets call them.
SAME = {"happiness": "happy", "sadness": "sad", "anger": "angry"}
NUMBERED = 20  # Tones for other labels; further ones begin again.
NOBODY = "none"  # Tone of a figure that no expression gets.


@dataclass(frozen=True, slots=True)
class Tone:
    """How one expression is drawn."""

    name: str  # One of ``ORDER`` or a number below ``NUMBERED``.
    letter: str = ""  # What stands in place of a face; empty where there is one.


@dataclass(frozen=True, slots=True)
class Group:
    """Those of ten people who are expected to say the same."""

    count: int  # 1…10.
    label: str  # Adjective of the expression; empty for those who are split among the rest.
    tone: str  # Name of its tone.
    letter: str = ""  # As in ``Tone``.


def in_order(labels: Sequence[str]) -> tuple[str, ...]:
    """Return the labels in the order of the bars: the seven first, others as the model has them."""
    known = sorted((label for label in labels if _known(label)), key=lambda label: ORDER.index(_known(label)))
    return (*known, *(label for label in labels if not _known(label)))


def tones(labels: Sequence[str]) -> dict[str, Tone]:
    """Return the tone of each label."""
    others = [label for label in labels if not _known(label)]
    numbered = {
        label: Tone(str(number % NUMBERED), _letters(label, others)) for number, label in enumerate(others)
    }
    return {label: numbered.get(label) or Tone(_known(label)) for label in labels}


def tone_of(label: str) -> str:
    """Return the name of a label's tone if it is one of the seven expressions, else that of nobody."""
    return _known(label) or NOBODY


def ten_people(shares: Mapping[str, float]) -> tuple[Group, ...]:
    """Return ten people in groups, the largest first, and last those who are split among the rest."""
    drawn = tones(tuple(shares))
    groups = [
        Group(count, messages.adjective(label), drawn[label].name, drawn[label].letter)
        for label, count in out_of_ten(shares)
    ]
    if left := PEOPLE - sum(group.count for group in groups):
        groups.append(Group(left, "", NOBODY))
    return tuple(groups)


def _known(label: str) -> str:
    """Return which of the seven expressions a label is; empty if it is another."""
    name = SAME.get(label, label)
    return name if name in ORDER else ""


def _letters(label: str, others: Sequence[str]) -> str:
    """Return the first letter of a label or, if others begin with it, two; a number where these are the same."""
    for length in (1, 2):
        start = label[:length].casefold()
        if sum(other[:length].casefold() == start for other in others) == 1:
            return label[:length].capitalize()
    return str(others.index(label) + 1)
