"""The occlusion map marks what the prediction depends on, with its sign; models with mesh points are refused."""

from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from model.classifier import Classifier
from model.explain import PATCHES, Patches, filled, occlusion_map, occlusion_maps
from model.faces.crop import preprocess
from model.recognizer import DEFAULT_MODEL
from model.store.files import SAVED
from tests.helpers.photos import portrait
from tests.helpers.spot_reader import SpotReader, noisy_faces


@pytest.fixture(scope="module")
def classifier():
    return Classifier.load(SAVED / DEFAULT_MODEL)


@pytest.fixture(scope="module")
def face():
    return preprocess(portrait()[66:168, 172:274], 48)


@pytest.mark.parametrize("patches", [PATCHES, (Patches(11, 10, "blur"),), (Patches(7, 11, "gray"),)])
def test_the_place_that_is_looked_at_speaks_for_the_answer_and_against_the_other(patches):
    reader, image = SpotReader(), noisy_faces(1)[0]
    answer, (happy, sad) = occlusion_maps(reader, image, patches)
    assert answer == 0
    assert happy[reader.mask()].mean() > 5 * np.abs(happy[~reader.mask()]).mean()
    assert sad[reader.mask()].mean() < -0.3
    assert happy.max() == pytest.approx(1)
    assert sad.min() == pytest.approx(-1)


def test_a_face_in_which_nothing_matters_has_an_empty_map():
    image = np.full((48, 48), 90, np.uint8)
    assert not occlusion_map(SpotReader(), image).any()


def test_the_map_is_of_the_inputs_size_and_bounded(classifier, face):
    found = occlusion_map(classifier, face)
    assert found.shape == (48, 48)
    assert found.dtype == np.float32
    assert np.abs(found).max() == pytest.approx(1)
    np.testing.assert_array_equal(found, occlusion_map(classifier, face))


def test_the_map_of_the_answer_is_the_one_without_a_label(classifier, face):
    (prediction,) = classifier.with_one_view().classify(face[np.newaxis])
    np.testing.assert_array_equal(
        occlusion_map(classifier, face), occlusion_map(classifier, face, prediction.emotion)
    )
    other = next(label for label in prediction.labels if label != prediction.emotion)
    assert not np.array_equal(occlusion_map(classifier, face), occlusion_map(classifier, face, other))


def test_the_runs_stay_within_what_a_request_may_cost():
    assert 100 <= sum(part.places**2 for part in PATCHES) <= 200


def test_every_pixel_is_covered_by_some_patch():
    image = noisy_faces(1, seed=3)[0]
    for top, left in ((0, 0), (0, 41), (41, 0), (41, 41), (20, 20)):
        reader = SpotReader(top, left, 7)
        assert occlusion_map(reader, image)[reader.mask()].mean() > 0.2


def test_fills_take_the_detail_away_and_keep_the_brightness():
    image = noisy_faces(1)[0]
    for fill in ("blur", "gray"):
        stand_in = filled(image, fill)
        assert stand_in.shape == image.shape
        assert stand_in.dtype == np.uint8
        assert abs(float(stand_in.mean()) - float(image.mean())) < 2
        assert cv2.Laplacian(stand_in, cv2.CV_64F).var() < 30


def test_what_cannot_be_explained_is_refused(classifier, face):
    with pytest.raises(ValueError, match="does not know “bored”"):
        occlusion_map(classifier, face, "bored")
    reader = SpotReader()
    reader.metadata = SimpleNamespace(name="points", labels=("a", "b"), explainable=False)
    with pytest.raises(ValueError, match="reads face points"):
        occlusion_map(reader, face)
