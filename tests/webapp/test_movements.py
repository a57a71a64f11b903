"""What the face does: facts clearly beyond calm, with their size, on the cards that are shown and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from flask import Flask

from model import ModelRegistry
from model.faces.movements import NAMES, Movement
from model.store.files import SavedModelError
from tests.webapp.test_pages import parse
from webapp.presenters.movements import ABOVE, BELOW, present_movements
from webapp.samples import FOLDER
from webapp.services.movements import movements_of

if TYPE_CHECKING:
    from tests.conftest import Upload


def test_only_what_is_clearly_beyond_calm_is_said_with_its_size() -> None:
    found = present_movements(
        [
            Movement("corners_up", 0.1, 0.974),
            Movement("mouth_open", 0.0, 0.94),
            Movement("eyes_wide", 0.0, 0.03),
            Movement("brows_raised", 0.5, 1.0),
            Movement("mouth_open", 0.0, 0.01),
            Movement("turned", -24.2, 0.02),
        ]
    )
    assert [(one.words, one.size) for one in found] == [
        ("mouth corners up", "Mouth corners higher than in 97 of 100 calm faces."),
        ("eyes narrow", "Eyes less open than in 97 of 100 calm faces."),
        ("brows raised", "Brows higher than in 99 of 100 calm faces."),
        ("head turned to the left", "Head turned 24° to the left, as you see it."),
    ]


def test_every_measure_has_words_and_none_names_a_feeling(recognizers: ModelRegistry) -> None:
    assert {*ABOVE, "turned"} == set(NAMES)
    said = " ".join(word for words in (*ABOVE.values(), *BELOW.values()) for word in words)
    for label in recognizers.default.metadata.labels:
        assert label not in said


def test_a_smile_has_its_corners_up_and_a_calm_face_has_not(upload: Upload) -> None:
    smile, calm = (upload((FOLDER / name).read_bytes()).text for name in ("astronaut.jpg", "hopper.jpg"))
    (said,) = parse(smile).query(".movements")
    assert "mouth corners up" in said.to_text()
    assert "of 100 calm faces" in said.to_text()
    assert "mouth corners up" not in calm


@pytest.mark.parametrize("name", ["small.jpg", "masked.jpg"])
def test_of_small_and_covered_faces_nothing_is_said(upload: Upload, name: str) -> None:
    assert parse(upload((FOLDER / name).read_bytes()).text).query(".movements") == []


def test_only_faces_that_are_shown_are_measured(app: Flask, recognizers: ModelRegistry) -> None:
    analysis = recognizers.default.analyze(FOLDER / "together.jpg")
    with app.app_context():
        assert set(movements_of(analysis, {1})) == {1}
        assert set(movements_of(analysis, {1, 2})) == {1, 2}
        assert movements_of(analysis, set()) == {}


def test_without_the_mesh_the_answer_is_there_all_the_same(
    upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: ModelRegistry) -> None:
        raise SavedModelError("face_mesh.onnx is missing")

    monkeypatch.setattr(ModelRegistry, "mesh", broken)
    page = parse(upload((FOLDER / "astronaut.jpg").read_bytes()).text)
    assert page.query(".movements") == []
    assert len(page.query("article.face")) == 1
