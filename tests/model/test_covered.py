"""A network with the output "covered": its checks, and the way of the value into the prediction."""

import hashlib
import json

import numpy as np
import pytest

from model.classifier import Classifier
from model.store.files import SavedModelError
from tests.helpers.covered_model import COMMITTED, save_with_covered


@pytest.fixture
def faces():
    levels = np.array([40, 200, 90], np.uint8)
    return np.broadcast_to(levels[:, None, None], (3, 48, 48)).copy()


@pytest.mark.parametrize("shape", [("n", 1), ("n",)])
def test_the_probability_reaches_the_prediction_of_its_face(tmp_path, faces, shape):
    classifier = Classifier.load(save_with_covered(tmp_path, shape=shape))
    assert classifier.metadata.covered_threshold == 0.5
    found = [p.covered for p in classifier.classify(faces)]
    assert found == pytest.approx([40 / 255, 200 / 255, 90 / 255], abs=1e-3)


def test_the_other_outputs_stay_what_they_were(tmp_path, faces):
    plain = Classifier.load(COMMITTED).classify(faces)
    for one, other in zip(plain, Classifier.load(save_with_covered(tmp_path)).classify(faces), strict=True):
        assert one.covered is None
        np.testing.assert_allclose(one.probabilities, other.probabilities, atol=1e-5)
        np.testing.assert_allclose(one.attention, other.attention, atol=1e-5)


def test_a_threshold_without_the_output_or_the_output_without_a_threshold_is_refused(tmp_path):
    with pytest.raises(SavedModelError, match="not as described"):
        Classifier.load(save_with_covered(tmp_path / "undescribed", describe=False))
    described = save_with_covered(tmp_path / "described")
    content = (COMMITTED / "model.onnx").read_bytes()
    raw = json.loads((described / "metadata.json").read_text(encoding="utf-8"))
    raw["files"]["model.onnx"]["sha256"] = hashlib.sha256(content).hexdigest()
    (described / "metadata.json").write_text(json.dumps(raw), encoding="utf-8")
    (described / "model.onnx").write_bytes(content)
    with pytest.raises(SavedModelError, match="not as described"):
        Classifier.load(described)


@pytest.mark.parametrize("covered", [{"threshold": 1.5}, {}, {"threshold": "high"}])
def test_an_unusable_threshold_is_refused(tmp_path, covered):
    folder = save_with_covered(tmp_path)
    raw = json.loads((folder / "metadata.json").read_text(encoding="utf-8")) | {"covered": covered}
    (folder / "metadata.json").write_text(json.dumps(raw), encoding="utf-8")
    with pytest.raises(SavedModelError):
        Classifier.load(folder)


def test_one_view_reads_the_face_once(faces):
    classifier = Classifier.load(COMMITTED)
    one = classifier.with_one_view()
    assert one.metadata.tta_zooms == (1.0,)
    assert not one.metadata.tta_flip
    assert len(classifier.metadata.tta_zooms) > 1
    assert len(one.classify(faces)) == 3
