"""Vote probabilities as counts of ten people."""

import numpy as np
import pytest

from model.output.votes import out_of_ten

LABELS = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")


def shares(**given):
    return {label: given.get(label, 0.0) for label in LABELS}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"neutral": 0.62, "sad": 0.31, "angry": 0.07}, [("neutral", 6), ("sad", 3), ("angry", 1)]),
        ({"happy": 1.0}, [("happy", 10)]),
        ({"happy": 0.62, "sad": 0.31, "fear": 0.035, "angry": 0.035}, [("happy", 6), ("sad", 3)]),
        ({"happy": 0.97, "neutral": 0.03}, [("happy", 10)]),
        ({"angry": 0.55, "sad": 0.45}, [("angry", 6), ("sad", 4)]),
        ({"angry": 0.35, "sad": 0.35, "fear": 0.3}, [("angry", 4), ("sad", 3), ("fear", 3)]),
        ({"happy": np.float32(0.7), "sad": np.float32(0.3)}, [("happy", 7), ("sad", 3)]),
    ],
)
def test_largest_remainders_get_the_people_that_are_left(given, said):
    assert out_of_ten(shares(**given)) == said


def test_it_is_at_most_ten_people_and_more_for_the_larger_share():
    rng = np.random.default_rng(1)
    for _ in range(500):
        drawn = rng.dirichlet(np.full(7, 0.5)).astype(np.float32)
        said = dict(out_of_ten(dict(zip(LABELS, drawn.tolist(), strict=True))))
        assert sum(said.values()) <= 10
        for label, share in zip(LABELS, drawn, strict=True):
            assert said.get(label, 0) - 10 * share <= 0.5 + 1e-5, "never more than nearest"
            assert 10 * share - said.get(label, 0) < 1
        counts = [said.get(LABELS[place], 0) for place in np.argsort(-drawn)]
        assert counts == sorted(counts, reverse=True)


def test_what_adds_up_to_less_than_one_is_not_filled_up():
    assert out_of_ten({"happy": 0.5, "sad": 0.2}) == [("happy", 5), ("sad", 2)]
    assert out_of_ten({}) == []
