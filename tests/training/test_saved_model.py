"""The committed models: parity of Keras and ONNX, and their published figures are reproduced."""

import dataclasses
import json
from pathlib import Path

import cv2
import keras
import numpy as np
import pytest
import skimage.data

from model import Recognizer
from model.classifier import Classifier, softmax
from model.detection.detector import MtcnnDetector
from model.faces.face_mesh import FaceMesh
from model.recognizer import DEFAULT_MODEL
from model.registry import load_all_metadata
from model.store.files import SAVED
from model.store.metadata import Metadata
from model.store.reports import load_report
from training.data.fer2013 import load_fer2013
from training.data.ferplus import as_voted, with_votes
from training.data.inputs import as_pixels
from training.data.landmarks import locate_all
from training.data.meshes import locate_meshes
from training.evaluate import differences, main
from training.export.parity import ROUNDING_TOLERANCE
from training.people.calibrate import Calibration
from training.people.config import MAIN
from training.people.export import calibrated
from training.people.network import WEIGHTS_FILE, load_network
from training.reports.predict import CachedPredictor, predict_logits
from training.reports.report import evaluate

COMMITTED = SAVED / "attention_cnn"
SHARED = Path(__file__).parents[2] / ".." / "shared" / "data"
DATA, VOTES = SHARED / "fer2013.zip", SHARED / "ferplus_votes.csv"
OTHERS = [metadata.name for metadata in load_all_metadata() if metadata.name != COMMITTED.name]
needs_data = pytest.mark.skipif(not DATA.exists(), reason=f"FER-2013 is not at {DATA}")


@pytest.fixture(scope="module")
def classifier():
    return Classifier.load(COMMITTED)


@pytest.fixture(scope="module")
def default():
    return Classifier.load(SAVED / DEFAULT_MODEL)


@pytest.fixture(scope="module")
def trained(default):
    """The default model's Keras network, rebuilt from the weights and the calibration that are saved with it."""
    saved = default.metadata.raw["training"]["calibration"]
    calibration = Calibration(saved["weights"]["blend"], saved["scale"], np.array(saved["offsets"]))
    network = load_network(SAVED / DEFAULT_MODEL / WEIGHTS_FILE, MAIN, bounded=True)
    return calibrated(network, MAIN, calibration)


@pytest.fixture(scope="module")
def data():
    return load_fer2013(DATA)


def published_metrics(metadata):
    """The metrics in report.json, against the model's own label source."""
    return load_report(SAVED / metadata.name, metadata)["truths"][metadata.label_source]


def gaps_between(trained, classifier, images):
    """The largest differences in the shares, without temperature on either side, in the map and in "covered"."""
    given = [keras.ops.convert_to_numpy(output) for output in trained(as_pixels(images))]
    served = classifier._session.run(None, {classifier._input: as_pixels(images)})
    given[0], served[0] = softmax(given[0]), softmax(served[0])
    return [float(np.abs(one - other).max()) for one, other in zip(given, served, strict=True)]


def test_keras_and_onnx_agree_on_a_real_face(trained, default):
    (face,) = Recognizer.load().analyze(skimage.data.astronaut()).faces
    variants = [np.roll(face.network_input, shift, axis=1) for shift in range(-4, 5)]
    variants += [cv2.convertScaleAbs(face.network_input, alpha=gain) for gain in (0.3, 0.6, 1.4)]
    assert max(gaps_between(trained, default, np.stack(variants))) <= ROUNDING_TOLERANCE


@needs_data
def test_keras_and_onnx_agree_on_fer2013(trained, default, data):
    gaps = gaps_between(trained, default, data.public_test.images[:256])
    assert max(gaps) <= ROUNDING_TOLERANCE


@needs_data
@pytest.mark.slow
@pytest.mark.parametrize("label", ["disgust", "surprise"])
def test_published_rows_of_the_confusion_matrix_are_reproduced(classifier, data, label):
    """Of the two smallest classes; every figure, of all images, by make test-long."""
    labels = classifier.metadata.labels
    row = labels.index(label)
    published = published_metrics(classifier.metadata)["PrivateTest"]["confusion_matrix"][row]
    split = data.private_test.where(data.private_test.labels == row)
    answers = predict_logits(classifier, split).argmax(axis=1)
    measured = np.bincount(answers, minlength=len(labels))
    # Another processor's last digits may move one image from a column to another.
    assert np.abs(measured - published).sum() <= 2
    assert measured.sum() == sum(published) == len(split)


@needs_data
@pytest.mark.long
def test_every_published_figure_is_reproduced(classifier, data):
    assert data.fingerprint == classifier.metadata.raw["data"]["fingerprint"]
    measured = evaluate(CachedPredictor(classifier), data)
    assert differences(measured, published_metrics(classifier.metadata)) == []
    assert measured["test"]["images"] == 7178
    assert measured["PrivateTest_without_twins"]["images"] == 3301


@pytest.fixture(scope="module")
def thirtieth(data):
    """Every thirtieth of the 7,178 images, with votes, landmarks and meshes: what any model may need of them."""
    split = with_votes(data, VOTES).test()
    split = split.where(np.arange(len(split)) % 30 == 0)
    landmarks = locate_all(MtcnnDetector.load(), split.images).points
    meshes = locate_meshes(FaceMesh.load(), split.images, landmarks)
    return dataclasses.replace(split, landmarks=landmarks, mesh=meshes)


def spot_check(name, split):
    """How far the model's accuracy on these images is from the published one, in standard errors."""
    classifier = Classifier.load(SAVED / name)
    split = as_voted(split) if classifier.metadata.label_source == "ferplus" else split
    split = split.of_classes(classifier.metadata.labels)
    right = predict_logits(classifier, split).argmax(axis=1) == split.labels
    published = published_metrics(classifier.metadata)["test"]["accuracy"]
    return (right.mean() - published) / np.sqrt(published * (1 - published) / len(split))


@needs_data
@pytest.mark.slow
@pytest.mark.parametrize("name", OTHERS)
def test_the_other_models_figures_are_about_right(name, thirtieth):
    # Whole, and to the last image, by `python -m training.evaluate --model NAME`.
    assert abs(spot_check(name, thirtieth)) < 4


@needs_data
def test_the_data_is_what_its_description_says(data):
    assert (len(data.training), len(data.public_test), len(data.private_test)) == (28_709, 3_589, 3_589)
    assert data.training.class_counts()["disgust"] == 436


def test_the_saved_files_are_small():
    """Weights of 16 bits, and no optimizer's state: two bytes a parameter and a little."""
    for metadata in map(Metadata.load, sorted(path.parent for path in SAVED.glob("*/model.onnx"))):
        assert metadata.raw["weights"] == "float16"
        for name in metadata.raw["files"]:
            size = (SAVED / metadata.name / name).stat().st_size
            assert size < 2.2 * metadata.raw["parameters"] + 2e5, f"{metadata.name}/{name}"


def test_a_figure_that_does_not_come_out_is_named():
    published = published_metrics(Metadata.load(COMMITTED))
    claimed = json.loads(json.dumps(published))
    claimed["test"]["accuracy"] += 0.01
    (found,) = differences(published, claimed)
    assert found.startswith("test accuracy: measured")
    assert differences(published, {})


def test_evaluate_without_data_says_what_to_do(tmp_path, capsys):
    assert main(["--data", str(tmp_path / "none.zip")]) == 2
    assert "Download" in capsys.readouterr().err


def test_evaluate_without_a_model_says_so(capsys):
    assert main(["--data", "x", "--model", "no_such_model"]) == 2
    assert "no saved model" in capsys.readouterr().err
