"""The saved network: shapes, batching, flip averaging, calibration, and every way its files can be wrong."""

import dataclasses
import json
import shutil

import numpy as np
import pytest

from model.classifier import Classifier, softmax
from model.faces.crop import enlarge
from model.store.files import SAVED, SavedModelError

COMMITTED = SAVED / "attention_cnn"


@pytest.fixture(scope="module")
def classifier():
    return Classifier.load(COMMITTED)


@pytest.fixture(scope="module")
def faces():
    return np.random.default_rng(5).integers(0, 256, (5, 48, 48), np.uint8)


@pytest.fixture
def copied(tmp_path):
    for name in ("metadata.json", "model.onnx"):
        shutil.copy(COMMITTED / name, tmp_path / name)
    return tmp_path


def test_a_prediction_carries_probabilities_logits_and_attention(classifier, faces):
    (prediction, *_) = classifier.classify(faces)
    assert prediction.labels == classifier.metadata.labels
    assert prediction.probabilities.sum() == pytest.approx(1, abs=1e-5)
    expected = softmax(prediction.logits / classifier.metadata.temperature)
    np.testing.assert_allclose(prediction.probabilities, expected, atol=1e-6)
    assert prediction.attention.ndim == 2
    assert prediction.attention.min() >= 0
    assert prediction.attention.max() <= 1
    assert prediction.emotion == prediction.ranked()[0][0]
    assert prediction.confidence == pytest.approx(prediction.ranked()[0][1])


def test_confident_means_at_or_over_the_threshold(classifier, faces):
    (prediction, *_) = classifier.classify(faces)
    assert dataclasses.replace(prediction, threshold=prediction.confidence).confident
    assert not dataclasses.replace(prediction, threshold=prediction.confidence + 1e-6).confident


def test_a_batch_gives_what_each_face_alone_gives(classifier, faces):
    together = classifier.classify(faces)
    alone = [classifier.classify(face[np.newaxis])[0] for face in faces]
    for one, other in zip(together, alone, strict=True):
        np.testing.assert_allclose(one.probabilities, other.probabilities, atol=1e-5)


def test_no_face_gives_no_prediction(classifier):
    assert classifier.classify(np.zeros((0, 48, 48), np.uint8)) == ()


def test_flip_averaging_reads_a_face_and_its_mirror_image_alike(classifier, faces):
    assert classifier.metadata.tta_flip
    plain = dataclasses.replace(classifier.metadata, tta_zooms=(1.0,))
    # Enlarging rounds to whole gray levels, and a mirror image's halves the other way.
    for one_of, off in ((Classifier(plain, classifier._session), 1e-5), (classifier, 0.01)):
        (one,) = one_of.classify(faces[:1])
        (mirrored,) = one_of.classify(faces[:1, :, ::-1])
        np.testing.assert_allclose(one.probabilities, mirrored.probabilities, atol=off)
        np.testing.assert_allclose(one.attention, mirrored.attention[:, ::-1], atol=1e-5)


def test_zooms_are_averaged_and_the_attention_is_that_of_the_face_as_it_is(classifier, faces):
    session = classifier._session

    def read(*zooms):
        metadata = dataclasses.replace(classifier.metadata, tta_zooms=zooms, tta_flip=False)
        return Classifier(metadata, session).classify(faces)

    closer = Classifier(dataclasses.replace(classifier.metadata, tta_zooms=(1.0,), tta_flip=False), session)
    larger = closer.classify(enlarge(faces, 1.06))
    for both, plain, near in zip(read(1.0, 1.06), read(1.0), larger, strict=True):
        np.testing.assert_allclose(both.logits, (plain.logits + near.logits) / 2, atol=1e-5)
        np.testing.assert_allclose(both.attention, plain.attention, atol=1e-6)


def test_more_views_than_go_into_one_call_are_read_face_by_face(classifier, faces):
    zooms = (1.0, 1.02, 1.04, 1.06, 1.08)
    many = Classifier(dataclasses.replace(classifier.metadata, tta_zooms=zooms), classifier._session)
    assert len(many.classify(faces)) == len(faces)


@pytest.mark.parametrize("shape", [(48, 48), (1, 47, 48), (1, 48, 48, 1)])
def test_another_shape_is_refused(classifier, shape):
    with pytest.raises(ValueError, match="expected uint8"):
        classifier.classify(np.zeros(shape, np.uint8))


def test_scaled_pixels_are_refused(classifier):
    with pytest.raises(ValueError, match="expected uint8"):
        classifier.classify(np.zeros((1, 48, 48), np.float32))


def test_an_altered_network_is_refused(copied):
    content = bytearray((copied / "model.onnx").read_bytes())
    content[len(content) // 2] ^= 1
    (copied / "model.onnx").write_bytes(content)
    with pytest.raises(SavedModelError, match="sha256 differs"):
        Classifier.load(copied)


def test_a_missing_network_is_refused(copied):
    (copied / "model.onnx").unlink()
    with pytest.raises(SavedModelError, match="cannot be read"):
        Classifier.load(copied)


def test_labels_that_do_not_fit_the_network_are_refused(copied):
    raw = json.loads((copied / "metadata.json").read_text(encoding="utf-8"))
    raw["labels"] = raw["labels"][:5]
    (copied / "metadata.json").write_text(json.dumps(raw), encoding="utf-8")
    with pytest.raises(SavedModelError, match="not as described"):
        Classifier.load(copied)
