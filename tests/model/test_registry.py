"""Several saved models with one detector."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from model import ModelRegistry, SavedModelError, UnknownModelError
from model.types import CropGeometry
from tests.helpers.several_models import NAME, build


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The committed model, a copy that frames faces more widely, and one of an unreadable version."""
    return build(
        tmp_path_factory.mktemp("saved"),
        wide={"crop": {"reference": "box_height", "scale": 1.3}},
        newer={"schema_version": 99},
    )


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The committed model and three copies of it."""
    return build(tmp_path_factory.mktemp("several"), one={}, two={}, three={})


@pytest.fixture(scope="module")
def recognizers(root: Path) -> ModelRegistry:
    return ModelRegistry.load(NAME, root=root, threads=1)


def test_the_default_comes_first_and_what_cannot_be_read_is_left_out(recognizers: ModelRegistry) -> None:
    assert recognizers.names == (NAME, "wide")
    assert recognizers.get() is recognizers.default
    assert recognizers.metadata("wide").crop == CropGeometry(1.3)


def test_a_model_is_loaded_once(recognizers: ModelRegistry) -> None:
    assert recognizers.get("wide") is recognizers.get("wide")
    assert recognizers.get("wide") is not recognizers.default


def test_the_one_not_asked_for_the_longest_makes_room(several: Path) -> None:
    models = ModelRegistry.load(NAME, root=several, threads=1, cache_size=2)
    one, two = models.get("one"), models.get("two")
    assert models.get("one") is one
    models.get("three")
    assert models.get("one") is one
    assert models.get("two") is not two
    assert models.get(NAME) is models.default, "the default stays, and takes none of the places"


def test_comparing_fills_free_places_and_takes_none(several: Path, portrait_jpeg: bytes) -> None:
    models = ModelRegistry.load(NAME, root=several, threads=1, cache_size=2)
    two = models.get("two")
    together = models.compare(portrait_jpeg)
    assert [analysis.model.name for analysis in together] == [NAME, "one", "three", "two"]
    one = models.get("one")
    assert models.get("two") is two
    models.compare(portrait_jpeg)
    assert (models.get("one"), models.get("two")) == (one, two)


@pytest.mark.parametrize("name", ["nothing", "newer", "mtcnn", "../saved", ""])
def test_unknown_names_are_told_what_there_is(recognizers: ModelRegistry, name: str) -> None:
    with pytest.raises(UnknownModelError, match=f"there are: {NAME}, wide"):
        recognizers.get(name)


def test_the_default_must_be_usable(root: Path) -> None:
    with pytest.raises(SavedModelError, match="schema version 99"):
        ModelRegistry.load("newer", root=root)


def test_comparing_gives_what_each_says_alone(recognizers: ModelRegistry, portrait_jpeg: bytes) -> None:
    together = recognizers.compare(portrait_jpeg)
    assert [analysis.model.name for analysis in together] == [NAME, "wide"]
    for analysis in together:
        (face,), (alone,) = (
            analysis.faces,
            recognizers.get(analysis.model.name).analyze(portrait_jpeg).faces,
        )
        assert face.face == alone.face
        np.testing.assert_array_equal(face.network_input, alone.network_input)
        np.testing.assert_array_equal(face.prediction.probabilities, alone.prediction.probabilities)
    first, second = (analysis.faces[0].crop.square[2] for analysis in together)
    assert second / first == pytest.approx(1.3 / recognizers.default.metadata.crop.scale, abs=0.02)


def test_some_may_be_compared_and_a_region_pointed_at(
    recognizers: ModelRegistry, portrait_jpeg: bytes
) -> None:
    (only,) = recognizers.compare(portrait_jpeg, ["wide"], region=(150.0, 40.0, 140.0, 140.0))
    assert only.model.name == "wide"
    assert only.faces[0].source == "region"


def test_with_haar_the_largest_face_is_framed_as_its_box_is(root: Path, portrait_jpeg: bytes) -> None:
    (analysis,) = ModelRegistry.load(NAME, root=root, threads=1, detector="haar").compare(
        portrait_jpeg, [NAME]
    )
    (face,) = analysis.faces
    assert face.source == "detected"
    assert face.face.landmarks == {}
    assert face.crop.square == pytest.approx(face.face.box, abs=1)
    assert face.prediction.emotion == "happy"


def test_with_haar_the_whole_photo_stands_in_where_there_is_no_face(root: Path, empty_png: bytes) -> None:
    analysis = ModelRegistry.load(NAME, root=root, threads=1, detector="haar").default.analyze(empty_png)
    (face,) = analysis.faces
    assert (face.source, face.face.score) == ("whole", 0.0)
    assert face.face.box == (0.0, 0.0, 320.0, 240.0)
    assert [attempt.faces for attempt in analysis.passes] == [0]
