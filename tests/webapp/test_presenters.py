"""Words and pictures that the pages show."""

from __future__ import annotations

import numpy as np
import pytest

from model.stages import Prediction
from webapp.presenters import words
from webapp.presenters.certainty import detail, sentence
from webapp.presenters.faces import probabilities
from webapp.presenters.images import fit, jpeg, png

LABELS = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")


def prediction(label: str, share: float, threshold: float = 0.5) -> Prediction:
    shares = np.full(len(LABELS), (1 - share) / (len(LABELS) - 1), dtype=np.float32)
    shares[LABELS.index(label)] = share
    attention = np.ones((12, 12), dtype=np.float32)
    return Prediction(LABELS, np.log(shares), shares, attention, threshold)


@pytest.mark.parametrize(
    ("label", "share", "expected"),
    [("happy", 0.95, "very sure"), ("fear", 0.75, "fairly sure"), ("sad", 0.55, "somewhat sure")],
)
def test_a_sure_answer_is_a_sentence(label: str, share: float, expected: str) -> None:
    assert sentence(prediction(label, share)) == f"Looks {words.adjective(label)}."
    assert expected in detail(prediction(label, share))


def test_under_the_threshold_there_is_no_answer() -> None:
    unsure = prediction("sad", 0.38)
    assert sentence(unsure) == "Too close to call."
    assert "not sure" in detail(unsure)
    assert words.percent(0.38) in detail(unsure)
    assert words.percent(0.5) in detail(unsure)


def test_the_threshold_itself_counts_as_sure() -> None:
    assert sentence(prediction("sad", 0.5, threshold=0.5)) == "Looks sad."


def test_bars_are_sorted_and_one_is_marked() -> None:
    rows = probabilities(prediction("surprise", 0.6))
    assert rows[0].label == "surprised"
    assert [row.top for row in rows] == [True] + [False] * 6


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0.0, "0 %"), (0.0001, "under 1 %"), (0.214, "21 %"), (0.9999, "over 99 %"), (1.0, "100 %")],
)
def test_percent_never_claims_certainty(share: float, expected: str) -> None:
    assert words.percent(share).replace("\N{NO-BREAK SPACE}", " ") == expected


@pytest.mark.parametrize(
    ("count", "expected"), [(0, "no faces"), (1, "one face"), (3, "three faces"), (12, "12 faces")]
)
def test_how_many(count: int, expected: str) -> None:
    assert words.how_many(count, "face") == expected


def test_every_label_of_the_seven_has_a_word() -> None:
    assert all(label in words.ADJECTIVES for label in LABELS)
    assert words.adjective("bored") == "bored"


def test_an_unknown_status_keeps_its_number() -> None:
    assert words.problem(418).code == 418
    assert words.problem(507).code == 507


def test_pictures_name_their_own_size() -> None:
    view = jpeg(np.zeros((20, 30, 3), dtype=np.uint8), "black")
    assert (view.width, view.height, view.alt) == (30, 20, "black")
    assert view.source.startswith("data:image/jpeg;base64,")
    assert png(np.zeros((48, 48), dtype=np.uint8), "x").source.startswith("data:image/png;base64,")


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((100, 50, 3), (100, 50, 3)), ((1000, 500, 3), (200, 100, 3)), ((3, 900, 3), (1, 200, 3))],
)
def test_fit_only_shrinks(shape: tuple[int, ...], expected: tuple[int, ...]) -> None:
    assert fit(np.zeros(shape, dtype=np.uint8), 200).shape == expected
