"""Numbers that stay and shares without flicker; the cases of tracking_cases.json are the browser's as well."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from model.film.tracking import GAP, HOLD, LEAST_OVERLAP, TAU, FaceTracker, overlap

DOCUMENT = json.loads((Path(__file__).parent / "tracking_cases.json").read_text(encoding="utf-8"))
CASES = {case["name"]: case for case in DOCUMENT["cases"]}
SURE = [0.8, 0.2]
BOX = (0.0, 0.0, 10.0, 10.0)


def test_the_cases_are_of_these_constants() -> None:
    assert DOCUMENT["constants"] == {"least_overlap": LEAST_OVERLAP, "gap": GAP, "tau": TAU, "hold": HOLD}


@pytest.mark.parametrize("name", CASES)
def test_each_case_comes_out_as_it_is_written(name: str) -> None:
    case = CASES[name]
    tracker = FaceTracker(case["step"])
    for look in case["looks"]:
        tracked = tracker.update(look["time"], look["boxes"], look["shares"])
        assert [face.number for face in tracked] == look["numbers"], look["time"]
        assert [face.steady for face in tracked] == look["steady"], look["time"]
        for face, smoothed in zip(tracked, look["smoothed"], strict=True):
            assert face.smoothed == pytest.approx(smoothed, abs=1e-9)


def numbers(tracker: FaceTracker, time: float, *boxes: tuple[float, float, float, float]) -> list[int]:
    return [face.number for face in tracker.update(time, boxes, [SURE] * len(boxes))]


def test_a_face_that_is_away_for_longer_is_another() -> None:
    tracker = FaceTracker()
    assert numbers(tracker, 0.0, BOX) == [1]
    assert numbers(tracker, 0.7, BOX) == [1]
    assert numbers(tracker, 1.5, BOX) == [2]


def test_looks_that_are_far_apart_lose_nobody() -> None:
    tracker = FaceTracker(step=2.0)
    assert [numbers(tracker, time, BOX) for time in (0.0, 2.0, 4.0, 8.0)] == [[1], [1], [1], [2]]


def test_the_nearest_face_keeps_the_number_in_whatever_order_they_come() -> None:
    tracker = FaceTracker()
    left, right = (0.0, 0.0, 10.0, 10.0), (6.0, 0.0, 10.0, 10.0)
    assert numbers(tracker, 0.0, left, right) == [1, 2]
    assert numbers(tracker, 0.1, (7.0, 0.0, 10.0, 10.0), (1.0, 0.0, 10.0, 10.0)) == [2, 1]


def test_smoothing_is_by_time_and_keeps_the_sum() -> None:
    often, seldom = FaceTracker(), FaceTracker()
    for tracker, times in ((often, [0.05 * step for step in range(1, 13)]), (seldom, [0.6])):
        tracker.update(0.0, [BOX], [[1.0, 0.0, 0.0]])
        for time in times:
            (face,) = tracker.update(time, [BOX], [[0.0, 0.7, 0.3]])
        assert sum(face.smoothed) == pytest.approx(1.0)
        assert face.smoothed[0] == pytest.approx(math.exp(-0.6 / TAU))


def test_a_label_changes_once_another_has_been_ahead_for_a_while() -> None:
    tracker = FaceTracker()
    seen = []
    for step in range(20):
        (face,) = tracker.update(step * 0.1, [BOX], [[1.0, 0.0] if step < 5 else [0.0, 1.0]])
        seen.append((face.steady, face.smoothed[1] > 0.5))
    ahead = next(place for place, (_, leads) in enumerate(seen) if leads)
    steady = next(place for place, (label, _) in enumerate(seen) if label == 1)
    assert steady == ahead + 3


def test_time_does_not_go_back() -> None:
    tracker = FaceTracker()
    numbers(tracker, 1.0, BOX)
    with pytest.raises(ValueError, match=r"back from 1 to 0\.5 s"):
        numbers(tracker, 0.5, BOX)


@pytest.mark.parametrize(
    ("second", "share"),
    [
        (BOX, 1.0),
        ((5, 0, 10, 10), 1 / 3),
        ((20, 0, 10, 10), 0.0),
        ((0, 0, 0, 0), 0.0),
        ((10, 0, 10, 10), 0.0),
    ],
)
def test_overlap(second: tuple[float, float, float, float], share: float) -> None:
    assert overlap(BOX, second) == pytest.approx(share)
    assert overlap((0, 0, 0, 0), (0, 0, 0, 0)) == 0.0
