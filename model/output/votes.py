"""Expected shares of votes in the words of ten people."""

from __future__ import annotations

from collections.abc import Mapping

PEOPLE = 10
HALF = 0.5 - 1e-6


def out_of_ten(probabilities: Mapping[str, float]) -> list[tuple[str, int]]:
    """Return how many of ten people are expected to choose each label, most first, without those of none.

    Rounded by the largest remainder (Hamilton's method for seats), so that they are never more than ten,
    and a larger share never gets fewer. Less than half a person is never rounded up, so they may be fewer than ten.
    """
    ranked = sorted(probabilities.items(), key=lambda item: -item[1])
    exact = [PEOPLE * share for _, share in ranked]
    # With some room for rounding: a share of 0.3 in float32 is a little more or less than three people.
    counts = [int(number + 1e-6) for number in exact]
    left = max(0, min(round(sum(exact)), PEOPLE) - sum(counts))
    by_remainder = sorted(range(len(counts)), key=lambda place: counts[place] - exact[place])
    for place in by_remainder[:left]:
        counts[place] += exact[place] - counts[place] >= HALF
    return [(label, count) for (label, _), count in zip(ranked, counts, strict=True) if count]
