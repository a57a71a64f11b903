"""The network with its maps is loaded when it is asked for, and dropped after ten minutes without a question."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from flask import Flask

from model import ModelRegistry
from model.inside.feature_maps import FeatureMaps
from webapp.services.inference import make_room
from webapp.services.inner_maps import IDLE_SECONDS, Kept, inner_maps

if TYPE_CHECKING:
    from tests.conftest import MakeApp

NAME = "attention_cnn_people"


class Time:
    """A clock that is set by hand, and what is to be called later."""

    def __init__(self) -> None:
        self.now = 0.0
        self.calls: list[tuple[float, Callable[[], None]]] = []

    def later(self, seconds: float, call: Callable[[], None]) -> None:
        self.calls.append((self.now + seconds, call))

    def go_to(self, moment: float) -> None:
        while due := [each for each in self.calls if each[0] <= moment]:
            first = min(due, key=lambda each: each[0])
            self.calls.remove(first)
            self.now = first[0]
            first[1]()
        self.now = moment


@pytest.fixture(scope="module")
def maps(recognizers: ModelRegistry) -> FeatureMaps:
    return recognizers.load_maps(NAME)


def test_it_is_dropped_after_ten_minutes_without_a_question(maps: FeatureMaps) -> None:
    time, loaded = Time(), []

    def load(name: str) -> FeatureMaps:
        loaded.append(name)
        return maps

    kept = Kept(lambda: time.now, time.later)
    assert not kept.held
    assert kept.get(NAME, load) is maps
    time.go_to(IDLE_SECONDS - 1)
    assert kept.held
    kept.get(NAME, load)
    time.go_to(2 * IDLE_SECONDS - 2)
    assert kept.held, "it was asked for in between"
    time.go_to(2 * IDLE_SECONDS - 1)
    assert not kept.held
    assert time.calls == [], "nothing waits when nothing is held"
    assert loaded == [NAME]
    kept.get(NAME, load)
    assert loaded == [NAME, NAME]
    assert len(time.calls) == 1


def test_dropped_early_it_is_loaded_again_and_looked_after_once(maps: FeatureMaps) -> None:
    time = Time()
    kept = Kept(lambda: time.now, time.later)
    for _ in range(3):
        kept.get(NAME, lambda _: maps)
        kept.drop()
        assert not kept.held
    assert len(time.calls) == 1
    time.go_to(IDLE_SECONDS)
    assert time.calls == []


def test_a_large_process_drops_it(make_app: MakeApp) -> None:
    app: Flask = make_app(max_memory_bytes=2**20)
    with app.app_context():
        assert inner_maps(NAME) is not None
        assert app.extensions["inner_maps"].held
        make_room()
        assert not app.extensions["inner_maps"].held


def test_a_model_without_maps_has_none(app: Flask) -> None:
    with app.app_context():
        assert inner_maps("upper_face") is None
